"""Whether rows that are one cell longer than the row of names begin with the name of the row, as R writes them.

If not, a cell holds the separator (`86,04` in a file with commas), and every name would stand over the wrong column.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from suite.datasets.files.rows import MISSING, Row, is_number
from suite.errors import DataError
from suite.schema import Finding

_SURE_ROWS = 5
_WHOLE = re.compile(r"[0-9]{1,99}")
_CALLED = {",": "a comma", ";": "a semicolon", "\t": "a tab", " ": "a blank"}
_PARTS_NUMBERS = (",", ".", ":", " ")


def check(place: str, separator: str, body: Sequence[Row], *, quoted: bool) -> list[Finding]:
    """Return what to check if the first cells seem to name the rows; nothing if they certainly do.

    They do if they are quoted and all different, or count the rows. Other words and rising whole numbers that are all
    different are believed, unless what follows looks like the rest of the same cell.

    The rows are one cell longer than the row of names. `quoted`: every row begins with a quote; `place`: the file and
    the line of the first row, for messages. Raises `DataError` if the first cells do not name the rows.
    """
    mark = _CALLED.get(separator, repr(separator))
    firsts = [row[0].strip() for row in body]
    different = len(set(firsts)) == len(firsts) and not MISSING.intersection(map(str.lower, firsts))
    if different and (quoted or (_count(firsts) and len(firsts) >= _SURE_ROWS)):
        return []
    words = not any(map(is_number, firsts))
    if not different or not (words or _rise(firsts)) or _goes_on(separator, body):
        raise DataError(
            f"{place}: rows have one cell more than the header has names: {mark} within a cell? Put such cells in "
            "quotes; if the first cells name the rows, give the header a name for them"
        )
    text = (
        f"rows have one cell more than the header has names, so the first cell ({firsts[0][:40]!r}) was taken for the "
        f"name of its row; if it is a value, {mark} within a cell has moved all columns: put such cells in quotes"
    )
    return [Finding(code="row-names", text=text)]


def _count(firsts: Sequence[str]) -> bool:
    return any(firsts == [str(i) for i in range(start, start + len(firsts))] for start in (0, 1))


def _rise(firsts: Sequence[str]) -> bool:
    """Return whether cells are whole numbers, each larger than the one before."""
    if not all(map(_WHOLE.fullmatch, firsts)):
        return False
    numbers = list(map(int, firsts))
    return numbers == sorted(set(numbers))


def _goes_on(separator: str, body: Sequence[Row]) -> bool:
    """Return whether second cells look like the rest of the first: `86,04`, `Austin, TX`."""
    seconds = [row[1] for row in body]
    if separator in (",", ";") and any(cell.startswith(" ") for cell in seconds):
        return not any(cell.startswith(" ") for row in body for cell in row[2:])
    return (
        separator in _PARTS_NUMBERS
        and all(_WHOLE.fullmatch(cell.strip()) for cell in seconds)
        and all(_WHOLE.fullmatch(row[0].strip()) for row in body)
    )
