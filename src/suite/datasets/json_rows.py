"""JSON to a frame: one object a line, or an array of objects."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.datasets.sources import content
from suite.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


def read_json(path: Path) -> tuple[pd.DataFrame, list[str]]:
    """Read JSON lines, an array of objects, or an object of columns as pandas writes one.

    An object within an object becomes columns `outer.inner`; a list within one becomes text.

    Returns
    -------
    DataFrame
        In the order in which names first occur.
    list of str
        Notes on what was made text.

    Raises
    ------
    DataError
        If it is no JSON, or of another shape; the message has the line.
    """
    import pandas as pd

    try:
        text = content(path).read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError(f"{path} looks like JSON and is not UTF-8") from None
    try:
        rows = _rows(path, text)
    except RecursionError:
        raise DataError(f"{path} is JSON of too many levels") from None
    frame = pd.json_normalize(rows)
    notes = []
    for name in frame.columns:
        nested = frame[name].map(lambda value: isinstance(value, list | dict))
        if nested.any():
            frame[name] = frame[name].where(~nested, frame[name].map(json.dumps))
            notes.append(f"column {name!r} holds lists, read as text")
    return frame, notes


def _rows(path: Path, text: str) -> Any:
    first = text.lstrip().partition("\n")[0]
    try:
        json.loads(first)
    except json.JSONDecodeError:
        by_line = False
    else:
        by_line = first.startswith("{")
    if by_line and text.strip() != first.strip():
        return [_object(path, line, at) for at, line in enumerate(text.split("\n"), start=1) if line.strip()]
    try:
        whole = json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(f"{path}, line {error.lineno}: this is no JSON ({error.msg})") from error
    except ValueError as error:
        raise DataError(f"{path} is no JSON: {error}") from error
    if isinstance(whole, Sequence) and whole and all(isinstance(row, Mapping) for row in whole):
        return whole
    if isinstance(whole, Mapping):
        return _of_columns(path, whole)
    raise _other_shape(path)


def _object(path: Path, line: str, at: int) -> Any:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise DataError(f"{path}, line {at}: this is no JSON ({error})") from error
    if not isinstance(row, Mapping):
        raise DataError(f"{path}, line {at}: no object where other lines have one")
    return row


def _of_columns(path: Path, whole: Mapping[str, Any]) -> Any:
    """Return the rows of what `DataFrame.to_json` writes, or the one row that an object is."""
    if {"columns", "data"} <= set(whole):
        names, data = whole["columns"], whole["data"]
        if all(isinstance(row, list) and len(row) == len(names) for row in data):
            return [dict(zip(map(str, names), row, strict=True)) for row in data]
        raise _other_shape(path)
    columns = list(whole.values())
    if columns and all(isinstance(column, list) and len(column) == len(columns[0]) for column in columns):
        return [dict(zip(whole, cells, strict=True)) for cells in zip(*columns, strict=True)]
    if columns and all(
        isinstance(column, Mapping) and column.keys() == columns[0].keys() for column in columns
    ):
        return [{name: column[key] for name, column in whole.items()} for key in columns[0]]
    if columns and not any(isinstance(column, list | Mapping) for column in columns):
        return [whole]
    raise _other_shape(path)


def _other_shape(path: Path) -> DataError:
    return DataError(f"{path} is JSON and no table; write an array of objects, or one object a line")
