from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suite.datasets.columns.clock import parse_clock
from suite.datasets.columns.dates import find, first_year, is_no_date, parse


def read(cells):
    found = find(cells)
    assert found is not None
    return [str(time) for time in parse(cells, found.formats)]


@pytest.mark.parametrize(
    ("cells", "times"),
    [
        (["31/12/2024", "01/02/2024"], ["2024-12-31", "2024-02-01"]),
        (["12/31/2024", "01/02/2024"], ["2024-12-31", "2024-01-02"]),
        (["31.12.2024", "1.2.2023"], ["2024-12-31", "2023-02-01"]),
        (["31. 12. 2024"], ["2024-12-31"]),
        (["2024/12/31"], ["2024-12-31"]),
        (["2024.12.31"], ["2024-12-31"]),
        (["2024-1-5"], ["2024-01-05"]),
        (["12/31/24", "1/2/23"], ["2024-12-31", "2023-01-02"]),
        (["31 Dec 2024", "1 May 2023"], ["2024-12-31", "2023-05-01"]),
        (["31-Dec-24", "2-JAN-23"], ["2024-12-31", "2023-01-02"]),
        (["Dec 31, 2024", "January 1, 2023"], ["2024-12-31", "2023-01-01"]),
        (["Tuesday, December 31, 2024"], ["2024-12-31"]),
        (["31st of December 2024", "2nd of May 2023"], ["2024-12-31", "2023-05-02"]),
        (["31. Dezember 2024", "3. März 2023"], ["2024-12-31", "2023-03-03"]),
        (["31 décembre 2024"], ["2024-12-31"]),
        (["31 de diciembre de 2024"], ["2024-12-31"]),
        (["December 2024", "2024-11"], ["2024-12-01", "2024-11-01"]),
        (["12/2024", "1/2023"], ["2024-12-01", "2023-01-01"]),
        (["2024-12-31T10:00:01Z"], ["2024-12-31 10:00:01"]),
        (["2024-12-31 10:00+02:00"], ["2024-12-31 08:00:00"]),
        (["2024-12-31 10:00:00 UTC"], ["2024-12-31 10:00:00"]),
        (["12/31/2024 10:30 PM", "1/2/2024 9:05 am"], ["2024-12-31 22:30:00", "2024-01-02 09:05:00"]),
        (["31/12/2024, 10:00"], ["2024-12-31 10:00:00"]),
        (["Tue, 31 Dec 2024 10:00:00 +0000"], ["2024-12-31 10:00:00"]),
        (["Tue Dec 31 10:00:00 2024"], ["2024-12-31 10:00:00"]),
        (["20241231T101501"], ["2024-12-31 10:15:01"]),
        (["Wed Apr 22 2020 10:36:22 GMT+0200 (CEST)"], ["2020-04-22 08:36:22"]),
        (["Wed Apr 22 10:36:22 CEST 2020"], ["2020-04-22 10:36:22"]),
        (["2020-04-22 10:36:22,123"], ["2020-04-22 10:36:22.123"]),
        (
            ["2020-04-22 10:36:22+00", "2020-04-22 10:36:22-05"],
            ["2020-04-22 10:36:22", "2020-04-22 15:36:22"],
        ),
        (["12JAN2009"], ["2009-01-12"]),
        (["22/Apr/2020:10:36:22 +0000"], ["2020-04-22 10:36:22"]),
        (["1973年12月17日"], ["1973-12-17"]),
        (["1973. 12. 17."], ["1973-12-17"]),
        (["2009M06", "2006Q2", "Q3 2007"], ["2009-06-01", "2006-04-01", "2007-07-01"]),
        (["2023-W17"], ["2023-04-24"]),
        (["95-06-11", "96-07-12"], ["1995-06-11", "1996-07-12"]),
    ],
)
def test_dates_are_read_as_they_are_written(cells, times):
    assert [pd.Timestamp(time) for time in read(cells)] == [pd.Timestamp(time) for time in times]


@pytest.mark.parametrize(
    ("cells", "first", "doubt"),
    [
        (["01/02/2024", "03/04/2024"], "%m/%d/%Y", "%d/%m/%Y"),
        (["01.02.2024", "03.04.2024"], "%d.%m.%Y", "%m.%d.%Y"),
        (["01/02/2024", "13/04/2024"], "%d/%m/%Y", ""),
        (["01/02/2024", "04/13/2024"], "%m/%d/%Y", ""),
    ],
)
def test_the_whole_column_says_whether_day_or_month_comes_first(cells, first, doubt):
    found = find(cells)
    assert (found.formats[0], found.doubt) == (first, doubt)
    if doubt:
        assert find(cells, day_first=True).formats[0].startswith("%d")
        assert find(cells, day_first=False).formats[0].startswith("%m")


@pytest.mark.parametrize("cells", [["12.5", "3.5"], ["abc 12"], ["4-Apr", "3-Apr"], ["13/13/2024"], []])
def test_what_is_no_date_has_no_format(cells):
    assert find(cells) is None


def test_one_date_in_the_other_order_does_not_turn_the_column():
    cells = [f"{month:02}/{day:02}/2020" for month in range(1, 13) for day in (14, 20, 27)] + ["25/12/2020"]
    times = parse(cells, find(cells).formats)
    assert times.isna().sum() == 1
    assert str(times[0]) == "2020-01-14 00:00:00"


def test_years_first_are_told_by_the_days_that_come_last():
    cells = [
        f"{year:02}-{month:02}-{day:02}"
        for year in (16, 17, 18)
        for month in (1, 7)
        for day in range(1, 29, 3)
    ]
    found = find(cells)
    assert (found.formats, found.doubt) == (("%y-%m-%d",), "%d-%m-%y")


@pytest.mark.parametrize(
    ("years", "begins"),
    [
        ([*range(30, 100, 5), 0, 5, 10], 1930),
        ([55, 60, 72], 1955),
        ([8, 15, 23], 0),
        ([70, 85, 99, 5], 0),
        ([24, 30, 34], 0),
        ([20, 45], 1920),
        ([], 0),
    ],
)
def test_two_digit_years_lie_beside_each_other(years, begins):
    cells = [f"01.02.{year:02}" for year in years]
    times = parse(cells, ["%d.%m.%y"])
    assert first_year(times) == begins
    if begins:
        read = parse(cells, ["%d.%m.%y"], begins).dt.year
        assert read.between(begins, begins + 99).all()
        assert (read % 100).tolist() == years


def test_a_cell_that_is_no_date_among_dates_is_missing():
    cells = ["31/12/2024", "30/02/2024", "soon", "01/01/2024"]
    assert parse(cells, find(cells).formats).isna().tolist() == [False, True, True, False]


def test_dates_of_zeros_are_none():
    assert all(map(is_no_date, ["0000-00-00", "00/00/0000", "0000-00-00 00:00:00", "00000000"]))
    assert not any(map(is_no_date, ["2000-01-01", "0", "00", "0.0"]))


def test_times_of_a_day_and_durations_are_seconds():
    cells = [
        "9:30",
        "01:02:03",
        "10:30 PM",
        "12:00 am",
        "2h 50m",
        "1 day 02:03:04",
        "3 min 5 s",
        "PT1H30M",
        "soon",
        "-0:30",
    ]
    seconds = [34200, 3723, 81000, 0, 10200, 93784, 185, 5400, np.nan, -1800]
    np.testing.assert_array_equal(parse_clock(cells), seconds)


FORMATS = [
    "%Y-%m-%d",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%Y/%m/%d",
    "%d %b %Y",
    "%B %d, %Y",
    "%d-%b-%Y",
    "%d/%m/%Y %H:%M:%S",
]


@settings(max_examples=100, deadline=None)
@given(
    days=st.lists(
        st.datetimes(datetime.datetime(1800, 1, 1), datetime.datetime(2200, 1, 1)), min_size=3, max_size=30
    ),
    form=st.sampled_from(FORMATS),
)
def test_dates_written_in_one_form_come_back(days, form):
    days = [day.replace(microsecond=0) for day in days]
    days.append(datetime.datetime(2000, 1, 31))  # so that day and month are told apart
    if "%H" not in form:
        days = [day.replace(hour=0, minute=0, second=0) for day in days]
    cells = [f"{day:{form}}" for day in days]
    found = find(cells)
    assert parse(cells, found.formats).dt.to_pydatetime().tolist() == days


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(st.text(max_size=14), st.from_regex(r"\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}", fullmatch=True)),
        max_size=20,
    )
)
def test_any_cells_are_dates_or_not(cells):
    found = find(cells)
    if found is not None:
        assert len(parse(cells, found.formats)) == len(cells)
    assert len(parse_clock(cells)) == len(cells)


@pytest.mark.parametrize(
    ("cell", "form", "iso"),
    [
        ("January 2024", "%B %Y", "2024-01-01"),
        ("JANUARY 2024", "%B %Y", "2024-01-01"),
        ("7 December 2023", "%d %B %Y", "2023-12-07"),
        ("7. Dezember 2023", "%d. %B %Y", "2023-12-07"),
        ("7th December 2023", "%dth %B %Y", "2023-12-07"),
        ("Sept. 5, 2024", "%b. %d, %Y", "2024-09-05"),
        ("March", "%B", "1900-03-01"),
        ("100% June 2024", "100%% %B %Y", "2024-06-01"),
        ("Tuesday, 21 May 2024", "%A, %d %B %Y", "2024-05-21"),
        ("Tue 21 May 2024", "%a %d %b %Y", "2024-05-21"),
        ("21 May 2024, Tuesday", "%d %B %Y, %A", "2024-05-21"),
        ("dienstag, 3. märz 2024", "%A, %d. %B %Y", "2024-03-03"),
        ("Mon May  6 10:00:00 2024", "%c", "2024-05-06 10:00"),
        ("21 May 2024 10:30PM", "%d %B %Y %I:%M%p", "2024-05-21 22:30"),
        ("21 May 2024 10:30 pm", "%d %B %Y %I:%M %p", "2024-05-21 22:30"),
        ("2024-135", "%Y-%j", "2024-05-14"),
        ("135/24", "%j/%y", "2024-05-14"),
        ("2024 05 1", "%Y %W %w", "2024-01-29"),
        ("2024-W05-1", "%G-W%V-%u", "2024-01-29"),
        ("2024-05-06 10:00 UTC", "%Y-%m-%d %H:%M UTC", "2024-05-06 10:00"),
        ("2024-05-06 10:00 UTC", "%Y-%m-%d %H:%M %Z", "2024-05-06 10:00"),
        ("2024-05-06 10:00 CEST", "%Y-%m-%d %H:%M %Z", "2024-05-06 08:00"),
        ("2024-05-06T10:00:00.5+02:00", "%Y-%m-%dT%H:%M:%S.%f%z", "2024-05-06 08:00:00.5"),
    ],
)
def test_a_format_of_the_user_is_read_as_it_is_written(cell, form, iso):
    # More than one cell: what is left of a column is read in other ways.
    assert parse([cell, "no date", cell], [form]).tolist() == [pd.Timestamp(iso), pd.NaT, pd.Timestamp(iso)]
