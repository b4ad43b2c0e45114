"""Columns of any library as plain pandas columns: the same for the same values, with a digest of them.

A whole number is one whether it was held as an integer, as a float or beside missing values; what stands for a missing
value (None, NaN, NA, NaT, null) does not matter, nor do bits, byte orders, units and zones.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from numbers import Real
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import numpy as np
import pandas as pd

from suite.datasets.columns.typed import EXACT, floats
from suite.errors import DataError

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw

_CELLS = str | Real | Decimal | date | time | timedelta | bytes | Enum | UUID
"""Objects that a mixed column may hold, which becomes text."""


class Plain(NamedTuple):
    """A column of int64, float32 or float64, bool, datetime64[us] in UTC, str, or categories in their order."""

    values: pd.Series[Any]
    note: str = ""
    """What was changed, in a sentence."""


def plain(name: str, given: nw.Series[Any] | np.ndarray) -> Plain:
    """Return a column of any library as a plain one; its name is for messages.

    Numbers, decimals among them, become numbers, durations and times of day seconds, dates midnights, times with a zone
    those of UTC, periods their starts. Bytes, members of an Enum, UUIDs and intervals become text. Text stays text,
    categories stay categories. Raises `DataError` if it holds anything else, such as lists or complex numbers.
    """
    found = _plain(name, given)
    if not found.values.notna().any():
        # A column without values has no type.
        return Plain(pd.Series(np.full(len(found.values), np.nan)))
    return found


def _plain(name: str, given: nw.Series[Any] | np.ndarray) -> Plain:
    if not isinstance(given, np.ndarray):
        import narwhals.stable.v2 as nw

        if isinstance(given.dtype, nw.Categorical | nw.Enum):
            return Plain(_categories(given))
        if isinstance(given.dtype, nw.List | nw.Array | nw.Struct):
            raise _refused(name, "lists" if isinstance(given.dtype, nw.List | nw.Array) else "structs")
        largest = max(int(given.max() or 0), -int(given.min() or 0)) if given.dtype.is_integer() else 0
        if largest >= EXACT and given.null_count():
            return _objects(name, np.array(given.to_list(), dtype=object))
        given = given.to_numpy()
    if given.dtype.kind == "O":
        return _objects(name, given)
    return _typed(name, given)


def labels(name: str, given: nw.Series[Any] | np.ndarray) -> pd.Series[Any]:
    """Return one label a row as numbers or text; truth values, dates and categories become text.

    Raises `DataError` as `plain` does.
    """
    if isinstance(given, np.ndarray) and given.dtype.kind in "iu" and len(given) and _largest(given) >= EXACT:
        return _text(given.astype(str).astype(object))
    if not isinstance(given, np.ndarray) and given.dtype.is_integer() and given.null_count() == 0:
        return labels(name, given.to_numpy())
    values = plain(name, given).values
    if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype):
        return values
    if values.dtype.kind == "M":
        written = values.dt.strftime("%Y-%m-%d %H:%M:%S.%f").str.replace(r"\.?0*$", "", regex=True)
        midnight = bool((values.dropna() == values.dropna().dt.normalize()).all())
        values = values.dt.strftime("%Y-%m-%d") if midnight else written
    return _text(values.astype(object).map(str, na_action="ignore").to_numpy(dtype=object))


def fingerprint(columns: Iterable[tuple[str, pd.Series[Any]]]) -> str:
    """Return the sha256 of the names and values of plain columns."""
    found = hashlib.sha256()
    for name, values in columns:
        levels: Sequence[Any] = ()
        content: np.ndarray
        if isinstance(values.dtype, pd.CategoricalDtype):
            kind, content, levels = "category", values.cat.codes.to_numpy("<i4"), list(values.cat.categories)
        elif pd.api.types.is_bool_dtype(values.dtype):
            kind, content = "boolean", values.astype("boolean").to_numpy("<i1", na_value=-1)
        elif values.dtype.kind == "M":
            kind, content = "time", values.to_numpy("datetime64[us]").astype("<i8")
        elif pd.api.types.is_numeric_dtype(values.dtype):
            kind, content = (
                "number",
                values.to_numpy("<f8", na_value=np.nan) + 0.0,
            )  # without a minus before zero
            content[np.isnan(content)] = np.nan
        else:
            codes, uniques = pd.factorize(values)
            kind, content, levels = "text", codes.astype("<i8"), list(uniques)
        found.update(json.dumps([name, kind, len(content), levels]).encode())
        found.update(np.ascontiguousarray(content).data)
    return found.hexdigest()


def _typed(name: str, given: np.ndarray) -> Plain:
    kind = given.dtype.kind
    if kind == "b":
        return Plain(pd.Series(given))
    if kind in "iuf":
        return Plain(_numbers(given))
    if kind == "M":
        return Plain(pd.Series(given.astype("datetime64[us]")))
    if kind == "m":
        seconds = _numbers(_in_seconds(given))
        return Plain(seconds, f"column {name!r} holds durations: seconds here")
    if kind in "UT":
        return Plain(_text(given.astype(object)))
    if kind == "S":
        return _objects(name, given.astype(object))
    raise _refused(name, "complex numbers" if kind == "c" else f"values of type {given.dtype}")


def _objects(name: str, given: np.ndarray) -> Plain:
    missing = np.asarray(pd.isna(given), dtype=bool)
    present = given[~missing]
    inferred = pd.api.types.infer_dtype(present, skipna=False)
    is_odd = inferred.startswith("mixed") or inferred in ("unknown-array", "bytes")
    kinds = set(map(type, present)) if is_odd else set()

    def all_are(kind: Any) -> bool:
        return bool(kinds) and all(issubclass(found, kind) for found in kinds)

    def filled(cells: Any, dtype: Any = np.float64, absent: Any = np.nan) -> np.ndarray:
        """Return a column with these cells for those that are there."""
        column = np.full(len(given), absent, dtype=dtype)
        column[~missing] = cells
        return column

    if inferred == "string":
        return Plain(_text(filled([*map(str.__str__, present)], object)))
    if inferred == "boolean":
        if missing.any():
            return Plain(pd.Series(pd.array(filled(present, object, None), "boolean")))
        return Plain(pd.Series(given.astype(bool)))
    if inferred == "integer" and EXACT <= max(map(abs, present)) < 2**63:
        return Plain(pd.Series(pd.array(filled(present, object, None), "Int64")))
    if inferred in ("integer", "floating", "decimal") or all_are(Real | Decimal):
        return Plain(_numbers(filled(_floats(name, present))))
    if inferred in ("date", "datetime", "datetime64") or all_are(date):
        return Plain(pd.Series(filled(_moments(name, present), "M8[us]", "NaT")))
    if inferred == "period" or all_are(pd.Period):
        starts = _moments(name, np.array([period.start_time for period in present], dtype=object))
        note = f"column {name!r} holds periods: their starts here"
        return Plain(pd.Series(filled(starts, "M8[us]", "NaT")), note)
    if inferred.startswith("timedelta"):
        seconds = _numbers(filled(_in_seconds(present)))
        return Plain(seconds, f"column {name!r} holds durations: seconds here")
    if inferred == "time":
        seconds = _numbers(filled([*map(_since_midnight, present)]))
        return Plain(seconds, f"column {name!r} holds times of day: seconds since midnight here")
    if inferred != "interval":
        for row in np.flatnonzero(~missing):
            if not isinstance(given[row], _CELLS):
                raise _refused(name, f"a value of type {type(given[row]).__name__} in row {row:,}")
    words = _text(filled([*map(_written, present)], object))
    held = f"mixes {_in_words(kinds)}" if len(kinds) > 1 else f"holds {_in_words(kinds) or 'intervals'}"
    return Plain(words, f"column {name!r} {held}: text here")


def _written(cell: Any) -> str:
    if isinstance(cell, bytes):
        return cell.decode(errors="backslashreplace")
    return cell.name if isinstance(cell, Enum) else str(cell)


def _numbers(given: np.ndarray) -> pd.Series[Any]:
    """Return numbers as int64 if all are whole, else as float32 where that loses nothing, else as float64.

    Whole numbers too large for a float stay integers if they are given so.
    """
    whole = given.dtype.kind in "iu"
    whole = whole or bool(np.isfinite(given).all() and (given == np.rint(given)).all())
    if whole and len(given) and _largest(given) < EXACT:
        return pd.Series(given.astype(np.int64))
    if given.dtype.kind in "iu":
        return pd.Series(given.astype(given.dtype.newbyteorder("=")))
    return floats(pd.Series(given.astype(np.float64)))


def _largest(given: np.ndarray) -> int | float:
    return max(abs(given.min().item()), abs(given.max().item()))


def _text(given: np.ndarray) -> pd.Series[Any]:
    return pd.Series(given, dtype=pd.StringDtype("python", na_value=np.nan))


def _categories(given: nw.Series[Any]) -> pd.Series[Any]:
    native = given.to_native()
    if isinstance(native, pd.Series) and isinstance(native.dtype, pd.CategoricalDtype):
        levels, codes = [*map(str, native.cat.categories)], native.cat.codes.to_numpy()
        cells = np.array([*levels, np.nan], dtype=object)[codes]
    else:
        # The arrays of dictionaries that Arrow returns have other values for null.
        cells = np.array(given.to_list(), dtype=object)
        there = ~np.asarray(pd.isna(cells), dtype=bool)
        cells[there], cells[~there] = [*map(str, cells[there])], np.nan
    codes, uniques = pd.factorize(cells, sort=True)
    return pd.Series(pd.Categorical.from_codes(codes, categories=pd.Index(uniques, dtype=object)))


def _floats(name: str, cells: np.ndarray) -> list[float]:
    try:
        return [float(cell) for cell in cells]
    except OverflowError:
        raise _refused(name, "whole numbers too large for a float") from None


def _moments(name: str, cells: np.ndarray) -> np.ndarray:
    try:
        times = pd.to_datetime(pd.Series(cells, dtype=object), utc=True)
        return times.dt.tz_localize(None).to_numpy("M8[us]")
    except (ValueError, OverflowError):
        raise _refused(name, "dates that cannot be compared") from None


def _in_seconds(durations: np.ndarray) -> np.ndarray:
    return pd.to_timedelta(pd.Series(durations)).dt.total_seconds().to_numpy("float64")


def _since_midnight(cell: time) -> float:
    return cell.hour * 3600 + cell.minute * 60 + cell.second + cell.microsecond / 1e6


def _in_words(kinds: Iterable[type]) -> str:
    words = {
        "text" if issubclass(k, str) else "numbers" if issubclass(k, Real | Decimal) else k.__name__
        for k in kinds
    }
    return " and ".join(sorted(words))


def _refused(name: str, what: str) -> DataError:
    return DataError(f"column {name!r} holds {what}; a cell is a number, a text, a date or a truth value")
