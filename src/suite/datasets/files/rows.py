"""What a cell of a row says of itself: nothing, a number, or a word.

A cell is text, as it is written; a missing one is "".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

Row = Sequence[str]

_NUMBER = re.compile(
    r"[+-]?[$€£]?\s?(\d[\d.,'  ]*|[.,]\d+)([eE][+-]?\d+)?\s?[%€]?|[+-]?inf(inity)?", re.ASCII | re.I
)
_DATE = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ]\d{1,2}:\d{2}\S*)?|\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?", re.ASCII
)
MISSING = frozenset(("", "?", "-", ".", "na", "n/a", "#n/a", "nan", "null", "none"))


def is_number(cell: str) -> bool:
    """Return whether a cell is a number or a date, whatever the country."""
    cell = cell.strip()
    return bool(_NUMBER.fullmatch(cell) or _DATE.fullmatch(cell))


def is_blank(row: Row) -> bool:
    """Return whether a row has no cell, or one that is blank."""
    return not row or (len(row) == 1 and not row[0].strip())


def columns(head: Row, body: Sequence[Row]) -> list[tuple[str, list[str]]]:
    """Return each cell that is not missing with those below it that are not."""
    found = []
    for j, cell in enumerate(head):
        column = [row[j].strip() for row in body if j < len(row) and row[j].strip().lower() not in MISSING]
        if column and cell.strip().lower() not in MISSING:
            found.append((cell.strip(), column))
    return found


def mostly_numbers(column: Sequence[str]) -> bool:
    """Return whether four of five cells are numbers or dates."""
    return sum(map(is_number, column)) >= 0.8 * len(column)
