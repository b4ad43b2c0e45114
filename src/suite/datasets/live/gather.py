"""Tables given in Python: recognised, checked, and brought to plain columns, the same whatever library holds them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from suite.datasets.live import arrays, values
from suite.datasets.table import unique_names
from suite.errors import DataError, UnknownName, UsageError, listed
from suite.names import digest
from suite.schema import LiveTable

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw

VERSION = 1
"""Raised whenever the same values would become another table."""
_NAME = r"\w([\w .+-]*[\w.+-])?"
_GIVE = "data is the name of a data set, a file, a data frame with target='COLUMN', (X, y), or a list or dict of these"


class Source(NamedTuple):
    """What a run compares models on, and the column to predict; None if that is known."""

    table: str | LiveTable
    target: str | None


@dataclass(frozen=True)
class _Columns:
    """What a frame or an array holds."""

    names: list[str]
    series: list[nw.Series[Any] | np.ndarray]
    index: pd.Index[Any] | None
    """Of a frame of pandas."""
    notes: list[str]
    """Which names were changed."""


def gather(data: Any, target: Any = None) -> tuple[Source, ...]:
    """Return what a caller of `suite.run` wants models compared on.

    Data is a name, a table, (X, y), a mapping of names to tables or (X, y), or a sequence of these. Names of data sets
    and files stay as they are. A table is a data frame of pandas, Polars or another library that narwhals knows, or a
    table of Arrow. X is a table, an array, a list of rows or a sparse matrix; y is an array, a list, a column, or the
    name of X's. A table is called "table", or as its key in the mapping. The target is the column to predict, of files
    and tables; with (X, y) what y is called.

    Raises
    ------
    UsageError
        If data is something else, or the target is not named; `UnknownName` if the target is not a column.
    DataError
        If a table is empty, or a column holds what cannot be a cell of a table.
    """
    from suite.datasets.catalogue import DATASETS, is_file

    found: list[str | LiveTable] = []
    for name, given in _named(data):
        if isinstance(given, str | Path):
            found.append(str(given))
        else:
            if not re.fullmatch(_NAME, name):
                raise UsageError(
                    f"no table can be named {name!r}: letters, digits, spaces and . + - _ are what a name may have"
                )
            if name in DATASETS:
                raise UsageError(
                    f"{name!r} is the name of a data set in the catalogue: give the table another"
                )
            found.append(_live(name, given, target))
    names = [table.name for table in found if isinstance(table, LiveTable)]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise UsageError(f"two tables are named {twice!r}: name them in a dict, {{'a name': table}}")
    takers = [isinstance(table, LiveTable) or is_file(table) for table in found]
    # Beside tables and files, a target is not meant for the catalogue's data sets, which have their own.
    return tuple(
        Source(table, None if isinstance(table, LiveTable) or (any(takers) and not takes) else target)
        for table, takes in zip(found, takers, strict=True)
    )


def _named(data: Any) -> Iterator[tuple[str, Any]]:
    several = isinstance(data, Sequence) and not isinstance(data, str | bytes) and not _is_pair(data)
    for item in data if several else [data]:
        if not isinstance(item, Mapping):
            yield "table", item
            continue
        for name, given in item.items():
            if isinstance(given, str | Path):
                raise UsageError(
                    f"{name!r} stands for {str(given)!r}: a dict names tables given in Python; put both in a list, "
                    f"[{str(given)!r}, {{...}}]"
                )
            if not _is_pair(given) and _frame(given) is None:
                raise UsageError(
                    f"a dict names tables, {{'a name': table}}, and {name!r} is of type {type(given).__name__}; of "
                    "a dict of columns, pandas.DataFrame makes a table"
                )
            yield str(name), given


def _is_pair(data: Any) -> bool:
    return isinstance(data, tuple) and len(data) == 2 and not isinstance(data[0], str | Path | Mapping)


def _live(name: str, given: Any, target: Any) -> LiveTable:
    X, y = given if _is_pair(given) else (given, None)
    if y is None or isinstance(y, str):
        if _frame(X) is None and y is None:
            raise UsageError(_no_table(given))
        table = _columns(X, "a table")
        position = _position(table.names, target if y is None else y)
        target, series = table.names[position], table.series.pop(position)
        del table.names[position]
        labels, notes = values.labels(target, series), []
    else:
        table = _columns(X, "X")
        target, labels, index = _labels(y, table.names, target)
        if len(labels) != len(table.series[0]):
            raise UsageError(f"X has {len(table.series[0]):,} rows and y has {len(labels):,}")
        notes = _check_index(table.index, index)
    if not len(labels):
        raise DataError(f"table {name!r} has no rows")
    plain = [values.plain(*column) for column in zip(table.names, table.series, strict=True)]
    columns = dict(zip(table.names, (column.values for column in plain), strict=True))
    content = values.fingerprint([*columns.items(), ("", labels)])
    return LiveTable(
        name=name,
        frame=pd.DataFrame(columns, index=pd.RangeIndex(len(labels)), copy=False),
        labels=labels,
        target=target,
        fingerprint=digest("memory", VERSION, target, content),
        notes=(
            *table.notes,
            *_about_index(table.index),
            *notes,
            *(column.note for column in plain if column.note),
        ),
    )


def unlabelled(given: Any) -> pd.DataFrame:
    """Return the columns of a frame, or of an array, as plain ones: rows to predict.

    Raises what `gather` does.
    """
    table = _columns(given, "X")
    if not len(table.series[0]):
        return pd.DataFrame(columns=table.names, dtype=object)
    columns = {
        name: values.plain(name, series).values
        for name, series in zip(table.names, table.series, strict=True)
    }
    return pd.DataFrame(columns, copy=False).reset_index(drop=True)


def _columns(given: Any, what: str) -> _Columns:
    frame = _frame(given)
    if frame is None:
        columns = arrays.columns(given)
        return _Columns([f"x{i}" for i in range(len(columns))], list(columns), None, [])
    native = frame.to_native()
    index = native.index if isinstance(native, pd.DataFrame) else None
    if not frame.columns:
        raise DataError(f"{what} has no columns")
    names, notes = _names(given)
    return _Columns(names, [frame.get_column(name) for name in frame.columns], index, notes)


def _frame(given: Any) -> nw.DataFrame[Any] | None:
    """Return a data frame of any library, seen through narwhals; None for anything else."""
    import narwhals.stable.v2 as nw

    if isinstance(given, pd.DataFrame):
        if given.columns.nlevels > 1:
            raise UsageError(
                f"the columns have names of {given.columns.nlevels} levels; join them first: "
                "df.columns = ['_'.join(map(str, c)) for c in df.columns]"
            )
        given = given.set_axis(_names(given)[0], axis=1)
    try:
        found = nw.from_native(given, pass_through=True)
    except nw.exceptions.DuplicateError:
        found = nw.from_native(given.rename_columns(_names(given)[0]))
    if isinstance(found, nw.LazyFrame):
        raise UsageError(f"a lazy table of type {type(given).__name__} is not read: collect() it first")
    return found if isinstance(found, nw.DataFrame) else None


def _names(given: Any) -> tuple[list[str], list[str]]:
    """Return the names of a frame's columns as distinct strings, and a note for each that was shared."""
    is_arrow = not isinstance(given, pd.DataFrame) and hasattr(given, "column_names")
    written = given.column_names if is_arrow else given.columns
    # pandas keeps None among names of text as nan.
    return unique_names(["None" if pd.api.types.is_scalar(w) and pd.isna(w) else str(w) for w in written])


def _position(names: Sequence[str], target: Any) -> int:
    if target is None:
        raise UsageError(f"a table needs target='COLUMN'; its columns are {listed(names)}")
    if not isinstance(target, str | Integral):
        raise UsageError(f"target is the name of a column, not of type {type(target).__name__}")
    if str(target) not in names:
        raise UnknownName("column", str(target), names)
    return names.index(str(target))


def _labels(y: Any, taken: Sequence[str], target: Any) -> tuple[str, pd.Series[Any], pd.Index[Any] | None]:
    """Return what y is called, its values, and the index of a series of pandas."""
    import narwhals.stable.v2 as nw

    frame = _frame(y)
    if frame is not None:
        if len(frame.columns) != 1:
            raise UsageError(
                f"y has {len(frame.columns)} columns and needs one; several tables go in a list or in a dict"
            )
        series: Any = frame[:, 0]
    else:
        series = nw.from_native(y, series_only=True, pass_through=True)
    index = getattr(series.to_native(), "index", None) if isinstance(series, nw.Series) else None
    name = getattr(series, "name", None) if isinstance(series, nw.Series) else None
    if not isinstance(series, nw.Series):
        series = arrays.labels(series)
    free = next(word for word in ("target", "y", "label", "the labels") if word not in taken)
    called = free if target is None and name in (None, "") else str(name if target is None else target)
    return called, values.labels(called, series), index if isinstance(index, pd.Index) else None


def _about_index(index: pd.Index[Any] | None) -> list[str]:
    if index is None:
        return []
    names = [str(name) for name in index.names if name is not None]
    if not names and index.equals(pd.RangeIndex(len(index))):
        return []
    called = f" {listed([repr(name) for name in names])}" if names else ""
    return [f"the index{called} is not a feature; reset_index() makes it a column"]


def _check_index(X: pd.Index[Any] | None, y: pd.Index[Any] | None) -> list[str]:
    if X is None or y is None or X.equals(y):
        return []
    if X.is_unique and y.is_unique and X.symmetric_difference(y, sort=False).empty:
        raise UsageError("X and y have the same index in another order: align them first, y.loc[X.index]")
    return ["X and y have different indexes: their rows were matched by position"]


def _no_table(given: Any) -> str:
    if isinstance(given, np.ndarray) or hasattr(given, "tocsr"):
        return "an array has no column to predict: give (X, y)"
    if isinstance(given, tuple):
        return f"a tuple of {len(given)} is not (X, y)"
    plain = given is None or isinstance(given, bool | int | float)
    return f"{_GIVE}, not {given!r}" if plain else f"{_GIVE}, not an object of type {type(given).__name__}"
