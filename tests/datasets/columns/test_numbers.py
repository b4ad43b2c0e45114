from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suite.datasets.columns.numbers import NumberFormat, find


def read(cells, **options):
    found = find(cells, **options)
    assert found is not None
    return found.format.parse(cells).tolist()


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1,234.50", "12.00", "999.10"], [1234.5, 12, 999.1]),
        (["1.234,50", "12,00", "999,10"], [1234.5, 12, 999.1]),
        (["1 234,50", "2\u00a0345,10", "3\u202f456,20"], [1234.5, 2345.1, 3456.2]),
        (["1'234.50", "1’234.50", "2"], [1234.5, 1234.5, 2]),
        (["1_000", "200"], [1000, 200]),
        (["12,34,567.5", "1,234"], [1234567.5, 1234]),
        (["1,234,567", "1,234"], [1234567, 1234]),
        (["12,5", "3,25"], [12.5, 3.25]),
        (["1,2E3", "3,4e-2"], [1200, 0.034]),
        (["1.5e3", "2E5"], [1500, 200000]),
        (["$1,234.50", "$12"], [1234.5, 12]),
        (["12,50 €", "1.200,00 €"], [12.5, 1200]),
        (["USD 12.5", "USD 1,200"], [12.5, 1200]),
        (["R$ 12,5", "R$ 3,1"], [12.5, 3.1]),
        (["12.5%", "3 %"], [12.5, 3]),
        (["12.5 kg", "3kg"], [12.5, 3]),
        (["5 years", "1 year"], [5, 1]),
        (["1.2k", "3M", "500"], [1200, 3e6, 500]),
        (["£1.2m", "£300k"], [1.2e6, 3e5]),
        (["500 g", "1.5 kg"], [500, 1500]),
        (["2 h", "30 min"], [7200, 1800]),
        (["12.5N", "3.1S"], [12.5, -3.1]),
        (["<50", "60", ">70", ">= 80"], [50, 60, 70, 80]),
        (["10,000+", "5,000+", "100+"], [10000, 5000, 100]),
        (["(1,234.50)", "12.00"], [-1234.5, 12]),
        (["12-", "13"], [-12, 13]),
        (["−5", "+3", "-2"], [-5, 3, -2]),
        (["$-12", "-$13"], [-12, -13]),
        ([".5", "5.", "0.25"], [0.5, 5, 0.25]),
        (["0.5", "0,5", "0.7", "0,9"], [0.5, 0.5, 0.7, 0.9]),
        (["１２", "３"], [12, 3]),
        (["32²", "32.4³", "12", "4①"], [32, 32.4, 12, 4]),
        (["12.5*", "3", "4.2†", "5.1 (a)", "0.32[4]"], [12.5, 3, 4.2, 5.1, 0.32]),
        (["29.1 ± 0.7", "3.2 +/- 1"], [29.1, 3.2]),
        (["291.-", "65.19", "CHF 29'144.–"], [291, 65.19, 29144]),
        (["92,-", "45,50"], [92, 45.5]),
        (["(1994)", "(1990)"], [1994, 1990]),
        (["–17.6", "‒3", "4"], [-17.6, -3, 4]),
        (["6½", "7", "¼"], [6.5, 7, 0.25]),
        (["6 3/4", "5/16", "2"], [6.75, 0.3125, 2]),
        (["3.88x10^1", "1.2×10³", "3.238D+04"], [38.8, 1200, 32380]),
        (["10+ years", "3 years", "< 1 year"], [10, 3, 1]),
        (["$13.57/hr", "$4/hr"], [13.57, 4]),
        (["47.62 Cr", "424.21"], [47.62, 424.21]),
        (["“6”", "“7.5”"], [6, 7.5]),
    ],
)
def test_a_column_is_read_in_the_one_form_that_it_is_written_in(cells, numbers):
    np.testing.assert_allclose(read(cells), numbers)


@pytest.mark.parametrize(
    "cells",
    [
        ["abc", "d1"],
        ["1st", "2nd", "3rd", "4th"],
        ["3A", "4B", "5C"],
        ["120/80", "130/90"],
        ["2024-12-31"],
        ["12:30", "13:45"],
        ["555-1234"],
        ["10-20", "20-30"],
        ["Q1", "Q2"],
        ["1+", "1", "1-", "2"],
        ["14S", "28N", "3S"],
        ["2 to 4", "1 to 3"],
        [],
    ],
)
def test_what_is_no_number_has_no_form(cells):
    assert find(cells) is None


def test_versions_and_addresses_have_a_form_that_reads_none_of_them():
    for cells in (["1.2.3", "2.0.1"], ["192.168.1.1", "10.0.0.1"], ["31.12.2024"]):
        assert np.isnan(read(cells)).all()


@pytest.mark.parametrize(
    ("cells", "usual", "first", "doubt"),
    [
        # Three digits behind a comma: thousands, unless commas are what the file has for decimals.
        (["1,234", "2,345"], ".", 1234, ","),
        (["1,234", "2,345"], ",", 1.234, "."),
        # Whole numbers below a thousand beside them, and zeros at the end: thousands.
        (["1,234", "950", "2,340", "3,500"], ",", 1234, ""),
        (["1.234", "950", "2.340", "3.500"], ".", 1234, ""),
        # A second comma, a zero before it, other digits behind it: no doubt.
        (["1,234", "1,234,567"], ",", 1234, ""),
        (["0,123", "1,234"], ".", 0.123, ""),
        (["1,234", "0,5"], ".", 1.234, ""),
        # Three decimals are usual behind a point.
        (["5.123", "6.234"], ".", 5.123, ""),
        (["5.123", "6.234"], ",", 5123, "."),
        # An exponent has no thousands before it.
        (["1,234E3", "2,345E3"], ".", 1234, ""),
    ],
)
def test_where_two_readings_are_open_the_column_decides_or_the_likelier_is_taken(cells, usual, first, doubt):
    found = find(cells, usual=usual)
    assert found.format.parse(cells[:1])[0] == first
    assert found.doubt == doubt or (usual == "," and cells[0] == "5.123" and found.doubt == "")


def test_a_mark_that_was_given_or_seen_elsewhere_leaves_no_doubt():
    for options in ({"is_seen": True}, {"is_given": True}):
        found = find(["1,234", "2,345"], usual=",", **options)
        assert (found.format.decimal, found.doubt) == (",", "")
    cells = ["1,234", "950", "2,340", "3,500"]
    assert find(cells, usual=",", is_given=True).format.parse(cells)[0] == 1.234
    assert find(cells, usual=",", is_seen=True).format.parse(cells)[0] == 1234


def test_thirty_numbers_without_a_zero_at_the_end_are_decimals():
    cells = [f"{i},{100 + i * 7 % 89 * 10 + i % 9 + 1}" for i in range(1, 40)]
    assert not any(cell.endswith("0") for cell in cells)
    assert find(cells).format.decimal == ","


@pytest.mark.parametrize(
    ("cells", "warning"),
    [
        (["40.7M", "360000", "12"], "'m' stands behind 1 of 3 different numbers, which are read as the same"),
        (["32%", "0.06"], "'%' stands behind 1 of 2"),
        (["3k", "500"], "which are read as 1,000 times that number; the others have no unit"),
        (["£3", "$4", "€5"], "amounts in several currencies (eur, gbp, usd) are read as one number"),
        (["0.5", "0,5", "0.7", "0,9"], "decimal points and decimal commas are mixed"),
    ],
)
def test_numbers_that_may_not_be_comparable_come_with_a_warning(cells, warning):
    assert warning in find(cells).warnings[0]


def test_one_currency_or_unit_however_it_is_written_needs_no_warning():
    for cells in (
        ["$3", "USD 4", "US$ 5"],
        ["3 kg", "500 g"],
        ["1 year", "2 years"],
        ["$3", "4"],
        ["€0", "€5k", "€3M"],
    ):
        assert find(cells).warnings == ()


def test_a_point_in_some_numbers_and_a_comma_in_others_leaves_two_readings():
    found = find(["5.071", "9,317", "5.570"])
    assert (found.format.parse(["5.071", "9,317"]).tolist(), found.doubt) == ([5.071, 9317], ",")


def test_the_form_is_said_in_words():
    form = find(["$1,234.50", "<$2,000.00"]).format
    assert str(form) == "',' between thousands, currency $, bounds such as <50 read as the number"
    assert str(NumberFormat()) == ""
    assert str(find(["1 234,5", "2 345,6"]).format) == "blanks between thousands, decimal comma"


FORMS = [
    (".", ""),
    (",", ""),
    (".", ","),
    (",", "."),
    (".", " "),
    (",", " "),
    (".", "'"),
    (".", "\u00a0"),
    (",", "\u202f"),
]


@settings(max_examples=150, deadline=None)
@given(
    numbers=st.lists(st.integers(-(10**9), 10**9), min_size=5, max_size=40),
    form=st.sampled_from(FORMS),
    around=st.sampled_from([("", ""), ("$", ""), ("", " €"), ("", "%"), ("", " kg"), ("EUR ", "")]),
)
def test_numbers_written_in_one_form_come_back(numbers, form, around):
    decimal, thousands = form
    # Two decimals everywhere, as for money: nothing is open then.
    cells = [
        around[0] + f"{number / 100:,.2f}".translate({ord(","): thousands, ord("."): decimal}) + around[1]
        for number in numbers
    ]
    np.testing.assert_allclose(read(cells), [number / 100 for number in numbers], rtol=1e-12)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=12), max_size=20))
def test_any_cells_have_a_form_or_none(cells):
    found = find(cells)
    if found is not None:
        assert found.format.parse(cells).shape == (len(cells),)


@pytest.mark.parametrize("run", ["１", "½ ", "1 "])
def test_a_long_text_among_numbers_is_no_number_and_takes_no_time(run):
    found = find([f"{i}.5 kg" for i in range(20)] + ["1" + run * 30_000 + "1"])
    assert found is not None
    assert np.isnan(found.format.parse(["1" + run * 30_000 + "1"])).all()


def test_a_long_column_is_read_as_a_short_one_is() -> None:
    cells = [f"${i:,}.50" for i in range(900, 3900)]
    assert read(cells) == [i + 0.5 for i in range(900, 3900)]
    words = [f"{'number' if i % 3 else ''} {i}".strip() for i in range(3000)]
    assert find(words) is None
    assert find([*cells[:10], *words[:6]]) is not None


def test_a_currency_behind_a_unit_is_told_and_the_unit_counts() -> None:
    cells = ["3.5m€", "1.2m€", "900k€"]
    found = find(cells)
    assert found is not None
    assert (found.format.currency, found.format.parse(cells).tolist()) == ("€", [3.5e6, 1.2e6, 9e5])


def test_a_number_of_another_form_is_missing_and_not_guessed() -> None:
    assert NumberFormat(decimal=",").parse(["12,5", "3"]).tolist() == [12.5, 3]
    assert np.isnan(NumberFormat(decimal=",").parse(["12.5"])).all()
    assert np.isnan(NumberFormat(decimal=".").parse(["12,5", "1,234"])).all()
