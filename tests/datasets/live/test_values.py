"""The same values are the same column, whatever library and type holds them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any
from uuid import UUID

import hypothesis.strategies as st
import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from suite.datasets.live.values import fingerprint, labels, plain
from suite.errors import DataError


class Size(Enum):
    SMALL = 1
    LARGE = 2


class Word(StrEnum):
    YES = "y"
    NO = "n"


ZONE = dt.timezone(dt.timedelta(hours=2))


def _column(given: Any) -> pd.Series[Any]:
    return plain(
        "a", given if isinstance(given, np.ndarray) else nw.from_native(given, series_only=True)
    ).values


@pytest.mark.parametrize(
    ("same", "expected"),
    [
        ([np.array([1, 2]), np.array([1.0, 2.0]), pd.Series([1, 2], dtype="UInt8")], [1, 2]),
        ([np.array([1, 2], "u1"), np.array([1, 2], "f2"), pd.Series([1, Decimal(2)], dtype=object)], [1, 2]),
        ([pd.Series([1, None], dtype="Int64"), np.array([1, np.nan]), np.array([1, None])], [1.0, np.nan]),
        ([pd.Series([0.1]), np.array([0.1], ">f8"), np.array([Decimal("0.1")])], [0.1]),
        ([pd.Series([True, None], dtype="boolean"), np.array([True, None])], [True, pd.NA]),
        (
            [pd.Series(["a", None]), pd.Series(["a", pd.NA], dtype=object), np.array(["a", np.nan], object)],
            ["a", np.nan],
        ),
        (
            [pd.Series([None, None]), np.array([np.nan, np.nan]), pd.Series([pd.NaT, pd.NaT])],
            [np.nan, np.nan],
        ),
        (
            [
                pd.Series(pd.to_datetime(["2020-01-01 02:00", None]).tz_localize(ZONE)),
                pd.Series(pd.to_datetime(["2020-01-01", None])).astype("M8[s]"),
                np.array([dt.date(2020, 1, 1), None]),
                np.array([dt.datetime(2020, 1, 1, 2, tzinfo=ZONE), None]),
            ],
            [pd.Timestamp("2020-01-01"), pd.NaT],
        ),
        (
            [pd.Series(pd.to_timedelta(["1.5s", None])), np.array([dt.timedelta(seconds=1.5), None])],
            [1.5, np.nan],
        ),
        ([np.array([dt.time(1, 2), None]), np.array([3720.0, np.nan])], [3720.0, np.nan]),
        (
            [
                pd.Series(pd.Categorical(["b", None, "a"], categories=["b", "c", "a"], ordered=True)),
                pd.Series(["b", None, "a"], dtype="category"),
            ],
            ["b", np.nan, "a"],
        ),
        ([pd.Series([1, 2], dtype="category"), pd.Series(["1", "2"], dtype="category")], ["1", "2"]),
        ([np.array([-0.0, 0.5]), np.array([0.0, 0.5])], [0.0, 0.5]),
        ([pd.Series(pd.arrays.SparseArray([0, 1])), np.array([0, 1])], [0, 1]),
    ],
)
def test_what_is_equal_becomes_equal(same: list[Any], expected: list[Any]) -> None:
    columns = [_column(given) for given in same]
    for column in columns:
        for one, other in zip(column, expected, strict=True):
            assert (pd.isna(one) and pd.isna(other)) or one == other
    assert len({fingerprint([("a", column)]) for column in columns}) == 1


def test_values_names_order_and_kind_are_in_the_fingerprint() -> None:
    one, two, words = (_column(np.array(cells)) for cells in ([1, 2], [2, 1], ["1", "2"]))
    category = _column(pd.Series(["1", "2"], dtype="category"))
    tables = [
        *[[("a", column)] for column in (one, two, words, category)],
        [("b", one)],
        [("a", one), ("b", two)],
        [("b", two), ("a", one)],
        [("a", _column(np.array([True, False])))],
    ]
    assert len({fingerprint(table) for table in tables}) == len(tables)


def test_numbers_take_as_few_bits_as_lose_nothing() -> None:
    dtypes = [
        str(_column(np.array(cells)).dtype) for cells in ([1.0, 2.0], [1.5], [0.1], [2.0**60], [1.0, np.inf])
    ]
    assert dtypes == ["int64", "float32", "float64", "float32", "float32"]


@pytest.mark.parametrize(
    ("cells", "named"),
    [
        ([[1], [2]], "a value of type list in row 0"),
        ([None, {"b": 1}], "a value of type dict in row 1"),
        ([1j, 2], "a value of type complex in row 0"),
        ([object(), "a"], "a value of type object in row 0"),
        ([10**400, 1], "whole numbers too large"),
    ],
)
def test_what_is_no_cell_is_refused_with_its_column_and_row(cells: list[Any], named: str) -> None:
    array = np.empty(2, dtype=object)
    array[:] = cells
    with pytest.raises(DataError, match=f"column 'a' holds {named}"):
        plain("a", array)


@pytest.mark.parametrize("dtype", [complex, "V1"])
def test_arrays_of_other_types_are_refused(dtype: Any) -> None:
    with pytest.raises(DataError, match="column 'a' holds"):
        plain("a", np.zeros(2, dtype=dtype))


@pytest.mark.parametrize(
    ("cells", "expected", "note"),
    [
        ([Size.SMALL, None, Size.LARGE], ["SMALL", np.nan, "LARGE"], "holds Size: text here"),
        ([Word.YES, None, Word.NO], ["y", np.nan, "n"], ""),
        ([b"caf\xc3\xa9", None, b"\xff"], ["café", np.nan, "\\xff"], "holds bytes: text here"),
        (
            [UUID(int=1), None, UUID(int=2)],
            [str(UUID(int=1)), np.nan, str(UUID(int=2))],
            "holds UUID: text here",
        ),
        ([b"a", "b", None], ["a", "b", np.nan], "mixes bytes and text: text here"),
        (pd.interval_range(0, 2), ["(0, 1]", "(1, 2]"], "holds intervals: text here"),
        (
            [pd.Period("2024Q2", "Q"), None, pd.Period("2025-03", "M")],
            [pd.Timestamp("2024-04-01"), pd.NaT, pd.Timestamp("2025-03-01")],
            "holds periods: their starts here",
        ),
        (
            pd.period_range("2024-01", "2024-02", freq="M"),
            [pd.Timestamp("2024-01-01"), pd.Timestamp("2024-02-01")],
            "holds periods: their starts here",
        ),
    ],
)
def test_cells_of_other_types_become_text_or_dates_with_a_note(cells: Any, expected: Any, note: str) -> None:
    found = plain("a", nw.from_native(pd.Series(cells), series_only=True))
    for one, other in zip(found.values, expected, strict=True):
        assert (pd.isna(one) and pd.isna(other)) or one == other
        assert pd.isna(one) or type(one) in (str, pd.Timestamp)
    assert found.note == (f"column 'a' {note}" if note else "")
    assert len(labels("a", nw.from_native(pd.Series(cells), series_only=True))) == len(cells)


def test_an_array_of_bytes_is_text() -> None:
    found = plain("a", np.array([b"x", b"yz"]))
    assert (found.values.tolist(), found.note) == (["x", "yz"], "column 'a' holds bytes: text here")


def test_what_was_changed_is_noted() -> None:
    mixed = plain("a", np.array([1, "x", None], dtype=object))
    assert (mixed.values.tolist()[:2], mixed.note) == (
        ["1", "x"],
        "column 'a' mixes numbers and text: text here",
    )
    assert "seconds" in plain("a", np.array([1, 2], "m8[s]")).note


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (np.array([2**60 + 1, 3]), [str(2**60 + 1), "3"]),
        (np.array([True, False]), ["True", "False"]),
        (np.array([1.0, 2.0]), [1, 2]),
        (pd.Series(["b", "a"], dtype="category"), ["b", "a"]),
        (pd.Series(pd.to_datetime(["2020-01-01", "2021-01-01"])), ["2020-01-01", "2021-01-01"]),
        (
            pd.Series(pd.to_datetime(["2020-01-01 10:30", "2021-01-01 00:00"])),
            ["2020-01-01 10:30:00", "2021-01-01 00:00:00"],
        ),
    ],
)
def test_labels_are_numbers_or_text(given: Any, expected: list[Any]) -> None:
    series = given if isinstance(given, np.ndarray) else nw.from_native(given, series_only=True)
    assert labels("y", series).tolist() == expected


_WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
_KINDS: dict[str, st.SearchStrategy[Any]] = {
    "whole": st.integers(-(2**62), 2**62),
    "small": st.integers(-5, 5),
    "float": st.floats(width=64),
    "boolean": st.booleans(),
    "text": _WORDS,
    "date": st.dates(),
    "time": st.datetimes(dt.datetime(1700, 1, 1), dt.datetime(2200, 1, 1)),
    "zoned": st.datetimes(dt.datetime(1700, 1, 1), dt.datetime(2200, 1, 1), timezones=st.just(dt.UTC)),
    "duration": st.timedeltas(dt.timedelta(-9999), dt.timedelta(9999)),
    "decimal": st.decimals(-1000, 1000, places=2),
}


@st.composite
def _frames(draw: st.DrawFn, kinds: list[str], missing: bool = True) -> dict[str, tuple[str, list[Any]]]:
    rows = draw(st.integers(1, 8))
    columns = {}
    for place in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(kinds))
        cells = _KINDS[kind] if not missing else st.one_of(st.none(), _KINDS[kind])
        columns[f"x{place}"] = (kind, draw(st.lists(cells, min_size=rows, max_size=rows)))
    return columns


def _of_frame(frame: Any) -> str:
    seen = nw.from_native(frame, eager_only=True)
    return fingerprint((name, plain(name, seen[name]).values) for name in seen.columns)


def _check(
    columns: dict[str, tuple[str, list[Any]]], others: list[Callable[[dict[str, list[Any]]], Any]]
) -> None:
    cells = {name: found for name, (_, found) in columns.items()}
    mine = pd.DataFrame({name: pd.Series(found, dtype=object) for name, found in cells.items()})
    wanted = _of_frame(mine)
    assert _of_frame(mine.infer_objects()) == wanted
    for other in others:
        assert _of_frame(other(cells)) == wanted


@settings(max_examples=150, deadline=None)
@given(columns=_frames(sorted(_KINDS)))
def test_frames_of_pandas_polars_and_arrow_have_one_fingerprint(columns: Any) -> None:
    polars = pytest.importorskip("polars", reason="frames of Polars are compared where it is installed")
    arrow = pytest.importorskip("pyarrow", reason="tables of Arrow are compared where it is installed")
    dtypes = {"whole": polars.Int64, "small": polars.Int8, "float": polars.Float64, "boolean": polars.Boolean}
    dtypes |= {
        "text": polars.String,
        "date": polars.Date,
        "time": polars.Datetime("us"),
        "duration": polars.Duration("us"),
    }
    dtypes |= {"zoned": polars.Datetime("us", "UTC"), "decimal": polars.Decimal(12, 2)}
    schema = {name: dtypes[kind] for name, (kind, _) in columns.items()}
    assert arrow is not None
    _check(
        columns,
        [
            lambda cells: polars.DataFrame(cells, schema=schema),
            lambda cells: polars.DataFrame(cells, schema=schema).to_arrow(),
        ],
    )


@settings(max_examples=100, deadline=None)
@given(columns=_frames(["small", "float"], missing=False))
def test_a_frame_of_numbers_and_its_array_have_one_fingerprint(columns: Any) -> None:
    frame = pd.DataFrame({name: found for name, (_, found) in columns.items()})
    array = frame.to_numpy()
    assert _of_frame(frame) == fingerprint(
        (name, plain(name, array[:, place]).values) for place, name in enumerate(frame)
    )
