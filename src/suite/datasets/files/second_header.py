"""Rows right below the names that are not samples: types, units, numbers of columns, longer names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from suite.datasets.files.rows import MISSING, Row, is_number, mostly_numbers

_MOST = 2
_TYPES_TEXT = """
int integer bigint int32 int64 long float float32 float64 double real decimal number num numeric continuous discrete
str string text char character varchar factor object nominal categorical category enum bool boolean logical date
datetime timestamp time c d s t class meta ignore i basket
"""
_TYPES = frozenset(_TYPES_TEXT.split())
"""The last of them are those of Orange, in its second and third row."""
_LETTERS = frozenset("cdsti")
_QUALTRICS = '{"ImportId":'
_BRACKETS = re.compile(r"\(.*\)|\[.*\]|<.*>")
_COUNT = re.compile(r"\(?(\d{1,9})\)?\.?")
_LONG = 40
_TENTH, _FEW_ROWS = 0.1, 20


class Second(NamedTuple):
    """What stands between the names and the rows."""

    rows: int
    """How many rows below the names are not samples."""
    doubtful: bool
    """The first row may be one of these; it is read as a sample."""


def find(body: Sequence[Row]) -> Second:
    """Find the rows below the names whose cells are all unlike their columns.

    A word over numbers, a word in brackets and one that comes only once over a column of few others are unlike.
    A row with one cell like those below it is a sample.
    """
    if len(body) > 2 and any(cell.startswith(_QUALTRICS) for cell in body[1]):
        return Second(2, False)
    count = 0
    while count < min(_MOST, len(body) - 2) and _is_second(body[count], body[count + 1 :], again=count > 0):
        count += 1
    return Second(count, not count and len(body) > _FEW_ROWS and _unlike(body[0], body[1:]) == 1)


def _is_second(row: Row, body: Sequence[Row], again: bool) -> bool:
    filled = [cell.strip() for cell in row if cell.strip()]
    unlike = _unlike(row, body)
    if not filled or unlike is None:
        return False
    if any(cell.startswith(_QUALTRICS) for cell in filled):
        return True
    types = all(map(_is_type, filled))
    if types and (again or len(filled) == len(row) > 1):
        return again or unlike > 0 or not _LETTERS.issuperset(filled)
    return unlike > 1 or (len(row) > 2 and _counts(filled, len(row)) and unlike > 0)


def _is_type(cell: str) -> bool:
    cell = cell.lower()
    return len(cell) < _LONG and (cell in _TYPES or re.sub(r"\W*\d*\W*$", "", cell) in _TYPES)


def _counts(filled: Sequence[str], width: int) -> bool:
    found = [_COUNT.fullmatch(cell) for cell in filled]
    return [int(match[1]) for match in found if match] == list(range(1, width + 1))


def _unlike(row: Row, body: Sequence[Row]) -> int | None:
    """Return how many cells are unlike their columns for sure; None if one is like its column."""
    body = [other for other in body if list(other) != list(row)]
    unlike = 0
    counts = len(row) > 2 and _counts([cell.strip() for cell in row], len(row))
    brackets = all(_BRACKETS.fullmatch(cell.strip()) for cell in row if cell.strip())
    for j, cell in enumerate(map(str.strip, row)):
        column = [other[j].strip() for other in body if j < len(other)]
        column = [other for other in column if other.lower() not in MISSING]
        if cell.lower() in MISSING or not column:
            continue
        if cell in column and not counts:
            return None
        if mostly_numbers(column):
            if is_number(cell) and not counts:
                return None
            unlike += not is_number(cell)
        elif is_number(cell):
            unlike += not any(map(is_number, column))
        elif brackets or _few(column):
            unlike += 1
    return unlike


def _few(column: Sequence[str]) -> bool:
    """Return whether a column has so few values that a value which occurs once does not belong to it."""
    return len(column) >= _FEW_ROWS and len(set(column)) <= _TENTH * len(column)
