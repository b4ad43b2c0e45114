"""JSON to a frame: one object a line, or an array of objects."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from suite.datasets.files.shape import MAX_COLUMNS, check_bytes, check_shape
from suite.datasets.files.sources import content
from suite.errors import DataError, listed

_ESCAPED, _HALF = re.compile(r"\\u[dD][89a-fA-F]"), re.compile("[\ud800-\udfff]")
_OBJECT, _LIST, _VALUE = 232, 72, 48
"""Bytes of Python's: an object of a few values, a list, a number or a short text."""


def read_json(path: Path) -> tuple[pd.DataFrame, list[str]]:
    """Read JSON lines, an array of objects, or an object of columns as pandas writes one, or with one such array.

    An object within an object becomes columns `outer.inner`; a list within one becomes text. Columns are in the order
    in which names first occur; the notes say what was made text, and where the rows were. Raises `DataError` if the
    file is not JSON, or of another shape; the message names the line.
    """
    data = content(path).getvalue()
    check_bytes(path, _needed(data), "JSON", may_repeat=False)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError(f"{path} looks like JSON and is not UTF-8") from None
    try:
        rows, notes = _rows(path, text)
        if _ESCAPED.search(text):
            rows = _with_whole_characters(rows)
        check_shape(path, len(rows), len(_names(path, rows)), may_repeat=True)
        frame = pd.json_normalize(rows)
    except RecursionError:
        raise DataError(f"{path} is JSON of too many levels") from None
    for name in frame.columns:
        nested = frame[name].map(lambda value: isinstance(value, list | dict))
        if nested.any():
            frame[name] = frame[name].where(~nested, frame[name].map(json.dumps))
            notes.append(f"column {name!r} holds lists, read as text")
    return frame, notes


def _with_whole_characters(rows: Any) -> Any:
    """Return rows in whose text halves of characters, which JSON can write and nothing else, are `\ufffd`."""
    text = json.dumps(rows, ensure_ascii=False)
    return json.loads(_HALF.sub("\ufffd", text)) if _HALF.search(text) else rows


def _needed(data: bytes) -> int:
    """Return how much memory Python needs for JSON, roughly."""
    return len(data) + _OBJECT * data.count(b"{") + _LIST * data.count(b"[") + _VALUE * data.count(b",")


def _names(path: Path, rows: Any) -> set[tuple[str, ...]]:
    """Return the places of values in objects: the columns that these become."""
    names: set[tuple[str, ...]] = set()
    objects: list[tuple[tuple[str, ...], Mapping[str, Any]]] = [((), row) for row in rows]
    while objects:
        above, row = objects.pop()
        for name, value in row.items():
            if isinstance(value, Mapping) and value:
                objects.append(((*above, name), value))
            else:
                names.add((*above, name))
        if len(names) > MAX_COLUMNS:
            raise DataError(f"{path} has more than {MAX_COLUMNS:,} columns, the limit")
    return names


def _rows(path: Path, text: str) -> tuple[Any, list[str]]:
    first = text.lstrip().partition("\n")[0]
    try:
        by_line = isinstance(json.loads(first), dict)
    except ValueError:
        by_line = False
    if by_line and text.strip() != first.strip():
        return [
            _object(path, line, at) for at, line in enumerate(text.split("\n"), start=1) if line.strip()
        ], []
    try:
        whole = json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(f"{path}, line {error.lineno}: this is not JSON ({error.msg})") from error
    except ValueError as error:
        raise DataError(f"{path} is not JSON: {error}") from error
    if isinstance(whole, Sequence) and whole and all(isinstance(row, Mapping) for row in whole):
        return whole, []
    if isinstance(whole, Mapping):
        return _within(path, whole) or (_of_columns(path, whole), [])
    raise _other_shape(path)


def _within(path: Path, whole: Mapping[str, Any]) -> tuple[Any, list[str]] | None:
    """Return the rows of the one list of objects in an object; of GeoJSON, their properties."""
    if all(isinstance(column, list) for column in whole.values()) and len(
        set(map(len, whole.values()))
    ) == 1 < len(whole):
        return None
    found = dict(_lists(whole, ""))
    if set(found) == {"schema.fields", "data"}:
        # As `DataFrame.to_json(orient="table")` writes them.
        return found["data"], []
    if len(found) > 1:
        raise DataError(
            f"{path} holds {len(found)} lists of objects ({listed(list(found))}); write one to a file"
        )
    for name, rows in found.items():
        if all(row.get("type") == "Feature" and isinstance(row.get("properties"), Mapping) for row in rows):
            return [row["properties"] for row in rows], [
                f"the properties of the objects in {name!r} were read"
            ]
        return rows, [f"the objects in {name!r} were read; what is beside them was left out"]
    return None


def _lists(whole: Mapping[str, Any], above: str) -> Iterator[tuple[str, Any]]:
    for name, value in whole.items():
        if isinstance(value, Mapping):
            yield from _lists(value, f"{above}{name}.")
        elif isinstance(value, list) and value and all(isinstance(row, Mapping) for row in value):
            yield f"{above}{name}", value


def _object(path: Path, line: str, at: int) -> Any:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise DataError(f"{path}, line {at}: this is not JSON ({error})") from error
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
    raise _other_shape(path, f" (an object with {listed(list(map(str, whole)), 5)})" if whole else "")


def _other_shape(path: Path, holds: str = "") -> DataError:
    return DataError(f"{path} is JSON and no table{holds}; write an array of objects, or one object a line")
