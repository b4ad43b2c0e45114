"""Columns typed as a reading says: numbers and times as floats, text as pandas categories."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from suite.datasets.columns import clock, dates
from suite.datasets.columns.column_reading import ColumnReading
from suite.datasets.columns.inference import ReadAs
from suite.datasets.columns.numbers import NumberFormat
from suite.datasets.columns.words import clean, is_float
from suite.schema import Kind

EXACT = 2**53
"""Whole numbers below this are floats without loss."""
# Python makes no whole number of more than 4,300 digits.
_WHOLE = re.compile(r"[+-]?\d{1,4000}")


class Column(NamedTuple):
    """A feature column as models get it: numbers as floats, text as pandas categories."""

    kind: Kind
    values: pd.Series[Any]


class Text(NamedTuple):
    """A column of text by its different cells."""

    codes: np.ndarray
    """Position of each row's cell; -1 where it is empty."""
    cells: list[str]
    """Clean, so that some may be equal."""


def typed(reading: ColumnReading, values: pd.Series[Any], text: Text | None = None) -> Column:
    """Return a column as its reading says; `text` holds its different cells if they were looked for before."""
    if reading.read_as in ("category", "text"):
        return Column(reading.kind, _categories(values, reading, text))
    if text or is_text(values):
        return Column(reading.kind, _parsed(values, reading, text))
    absent = {float(word) for word in reading.missing if is_float(word)}
    if absent and pd.api.types.is_numeric_dtype(values.dtype):
        values = values.mask(values.isin(absent))
    if reading.read_as == "date":
        return Column("datetime", _seconds_since_1970(values, reading))
    if reading.read_as == "time" and values.dtype.kind == "O":
        values = pd.to_timedelta(values.map(str, na_action="ignore"))
    if reading.read_as == "time" and values.dtype.kind == "m":
        return Column("numeric", values.dt.total_seconds().astype("float64"))
    numbers = floats(values)
    return Column(reading.kind, numbers.astype("float32") if reading.read_as == "boolean" else numbers)


def is_text(values: pd.Series[Any]) -> bool:
    """Return whether a column holds text, alone or among other objects, and no pandas categories."""
    if isinstance(values.dtype, pd.CategoricalDtype) or values.dtype.kind not in "OU":
        return False
    return pd.api.types.infer_dtype(values, skipna=True) in ("string", "mixed", "mixed-integer", "bytes")


def different(values: pd.Series[Any]) -> Text:
    """Return a column of text by its different cells."""
    codes, cells = pd.factorize(values)
    return Text(codes, [clean(as_text(cell)) for cell in cells.tolist()])


def tally(text: Text) -> tuple[list[str], np.ndarray]:
    """Return the different clean cells of a column, in the order of their first rows, and how many rows have each."""
    codes, cells = text
    counts = np.bincount(codes[codes >= 0], minlength=len(cells))
    found: dict[str, int] = {}
    for cell, count in zip(cells, counts.tolist(), strict=True):
        found[cell] = found.get(cell, 0) + count
    return list(found), np.array(list(found.values()), dtype=np.int64)


def as_text(value: Any) -> str:
    """Return an object of a column as the text that a file would have for it."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
        return str(int(value))
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _parsed(values: pd.Series[Any], reading: ColumnReading, text: Text | None = None) -> pd.Series[Any]:
    codes, cells = text or different(values)
    absent = np.array([cell in reading.missing for cell in cells], dtype=bool)
    if reading.read_as == "number":
        parsed = (reading.number or NumberFormat()).parse(cells)
    elif reading.read_as == "time":
        parsed = clock.parse_clock(cells)
    elif reading.read_as == "date":
        times = dates.parse(cells, reading.dates or ("ISO8601",), reading.first_year)
        parsed = _seconds(times).to_numpy(copy=True)
    else:
        words = {"true": 1.0, "false": 0.0}
        parsed = np.array([words.get(cell.lower(), np.nan) for cell in cells], dtype=np.float64)
    parsed[absent] = np.nan
    row = np.append(parsed, np.nan)[codes]
    found = pd.Series(row, index=values.index)
    return found if reading.read_as == "date" else floats(found)


def _categories(values: pd.Series[Any], reading: ColumnReading, text: Text | None) -> pd.Series[Any]:
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(object)
    codes, cells = text or different(values)
    levels = reading.levels
    if levels is None:
        levels = tuple(sorted({cell for cell in cells if cell not in reading.missing}))
    place = {level: position for position, level in enumerate(levels)}
    code = np.array([*(place.get(cell, -1) if cell not in reading.missing else -1 for cell in cells), -1])
    kept = pd.Categorical.from_codes(code[codes], categories=pd.Index(list(levels), dtype="str"))
    return pd.Series(kept, index=values.index)


def _seconds_since_1970(values: pd.Series[Any], reading: ColumnReading) -> pd.Series[Any]:
    if pd.api.types.is_numeric_dtype(values.dtype):
        form = reading.dates[0] if reading.dates else "%Y%m%d"
        width = sum({"Y": 4, "j": 3}.get(part, 2) for part in form.split("%")[1:])
        whole = values.where(values.notna() & (values % 1 == 0))
        digits = whole.map(lambda day: f"{int(day):0{width}d}", na_action="ignore").astype(object)
        return _parsed(digits, reading)
    return _seconds(pd.to_datetime(values, utc=True).dt.tz_localize(None))


def _seconds(times: pd.Series[Any]) -> pd.Series[Any]:
    # In seconds, 1970 lies within reach of dates such as 9999-12-31, which nanoseconds do not have.
    return (times - pd.Timestamp(0).as_unit("s")).dt.total_seconds().astype("float64")


def floats(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return numbers as float32 where that loses nothing, as float64 otherwise."""
    if values.dtype == np.float32:
        return values
    try:
        wide = values.to_numpy(dtype=np.float64, na_value=np.nan)
    except OverflowError:  # whole numbers of more than 308 digits
        wide = values.map(_as_float, na_action="ignore").to_numpy(dtype=np.float64, na_value=np.nan)
    with np.errstate(over="ignore", under="ignore"):
        narrow = wide.astype(np.float32)
    lossless = np.array_equal(narrow, wide, equal_nan=True)
    return pd.Series(narrow if lossless else wide, index=values.index)


def integers(values: pd.Series[Any]) -> pd.Series[Any] | None:
    """Return whole numbers exactly, in order and equality; None if a cell is anything else, or missing."""
    if values.dtype.kind in "iu":
        return None if values.isna().any() else pd.Series(values.to_numpy(values.dtype.type), values.index)
    if not is_text(values) and pd.api.types.infer_dtype(values) != "integer":
        return None
    codes, cells = different(values)
    if -1 in codes or not all(_WHOLE.fullmatch(cell) for cell in cells):
        return None
    numbers = np.array([*map(int, cells)], dtype=object)
    if max(map(abs, numbers)) >= 2**63:
        numbers = np.unique(numbers, return_inverse=True)[1]
    return pd.Series(numbers.astype(np.int64)[codes], values.index)


def _as_float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def type_of(values: pd.Series[Any]) -> ReadAs:
    """Return what a column is, given the type that its source gave it."""
    inferred = pd.api.types.infer_dtype(values, skipna=True)
    if inferred in ("boolean", "empty") or pd.api.types.is_bool_dtype(values.dtype):
        return "boolean"
    if inferred in ("date", "datetime", "datetime64") or isinstance(values.dtype, pd.DatetimeTZDtype):
        return "date"
    if inferred in ("timedelta", "timedelta64", "time"):
        return "time"
    if inferred in ("integer", "floating", "mixed-integer-float", "decimal", "integer-na"):
        return "number"
    return "category"


def dates_in_digits(values: pd.Series[Any]) -> str:
    """Return the format of dates written as whole numbers, such as `20241231`; nothing if the numbers are not dates."""
    present = values.dropna()
    if present.empty or values.dtype.kind not in "iuf":
        return ""
    numbers = present.to_numpy(dtype=np.float64)
    first = numbers[:1000]
    if not (100_000 < first.max() < 1e8 and len(np.unique(first)) >= min(10, len(numbers))):
        return ""
    if not np.isfinite(numbers).all() or (numbers % 1).any():
        return ""
    digits = numbers.astype(np.int64)
    for form, parts in _DIGITS.items():
        year, month, day = (digits // 10**place % 10**size for place, size in parts)
        if _are_dates(year, month, day, _FEWEST_DATES[form]):
            return form
    return ""


# Where year, month and day stand, from the right, and how many digits they have.
_DIGITS = {
    "%Y%m%d": ((4, 6), (2, 2), (0, 2)),
    "%Y%m": ((2, 6), (0, 2), (9, 2)),
    "%d%m%Y": ((0, 4), (4, 2), (6, 4)),
    "%m%d%Y": ((0, 4), (6, 4), (4, 2)),
    "%y%m%d": ((4, 4), (2, 2), (0, 2)),
}
_FEWEST_DATES = {"%Y%m%d": 1, "%Y%m": 10, "%d%m%Y": 10, "%m%d%Y": 10, "%y%m%d": 20}
"""The fewest different dates that are no coincidence: of six-digit numbers, one in 30 looks like a date."""


def _are_dates(year: np.ndarray, month: np.ndarray, day: np.ndarray, fewest: int) -> bool:
    has_century = year.max() >= 100
    fits = (month >= 1) & (month <= 12) & (day <= 31)
    fits &= ((year >= 1900) & (year <= 2100)) if has_century else (day >= 1)
    return bool(fits.all()) and len(np.unique(month * 100 + day + year * 10_000)) >= fewest
