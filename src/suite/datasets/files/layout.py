"""Where in rows of cells the table is: its width, the row of names, what stands above and below.

Rows of text files and of sheets are looked at alike. A cell is text, as it is written; a missing one is "".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from suite.datasets.files import second_header
from suite.datasets.files.rows import Row, columns, is_number, mostly_numbers

SEPARATOR_LINE = re.compile(r"sep=.?", re.I)
_MOST_ABOVE = 50


class Layout(NamedTuple):
    """Where the table is in its first rows."""

    above: tuple[int, ...]
    """Positions of the rows above the data that are not part of the table, the names excepted."""
    first: int
    """Position of the first row of data."""
    names: tuple[str, ...]
    """As written, without blanks around them; "" where a column has none."""
    extra: int
    """Cells beyond the names: empty, because rows end in a separator."""
    fits: float
    """Share of the rows, names included, that are as wide as the table."""
    looks_like_data: bool
    """The row of names looks like a row of data."""
    row_names: bool = False
    """Rows have one cell more than the row of names; the first is a column without a name."""
    second: tuple[int, ...] = ()
    """Positions of rows below the names that are not samples, such as units."""
    doubtful: bool = False
    """The first row of data may be such a row."""

    @property
    def width(self) -> int:
        """Columns that the table has."""
        return len(self.names)


def lay_out(rows: Sequence[Row], *, no_header: bool = False) -> Layout:
    """Find the table in the first rows of a file: at least one, none of them blank.

    With `no_header`, no row has names: columns are called `column_1`, `column_2` and so on.
    """
    width = _width(rows)
    top = _header(rows, width)
    header, body = list(rows[top]), rows[top + 1 :]
    if no_header:
        data = rows[top:]
        width, extra = _trailing(width, data)
        names = [f"column_{i}" for i in range(1, width + 1)]
        return Layout(tuple(range(top)), top, tuple(names), extra, _fits(data, width, extra, rows), False)
    names = [name.strip() for name in header]
    if names and names[0].startswith("# "):
        names[0] = names[0][2:].strip()
    extra, row_names = 0, False
    like_width = [row for row in body if len(row) == width]
    if not like_width:
        width = len(header)
    if len(names) == width - 1 and not any(row[-1].strip() == "" for row in like_width):
        names = ["", *names]
        row_names = True
    elif len(names) < width and not any(cell.strip() for row in like_width for cell in row[len(names) :]):
        extra = width - len(names)
    # Names that are missing at the end, over cells that are missing or empty: every line ends in a separator.
    while (
        len(names) > 1
        and not names[-1]
        and not any(len(row) >= len(names) and row[len(names) - 1] for row in body)
    ):
        names.pop()
        extra = max(extra, max((len(row) for row in body), default=0) - len(names))
    # A line of dashes below the names is not a row, whatever its length.
    ruled = len(body) > 1 and _is_rule("".join(body[0]))
    # One cell over rows of two may be a title as well.
    sure = len(header) > 1 or len(names) == 1
    like_data = not ruled and looks_like_data(header, body)
    start = top + 1 + ruled
    units = [["", *row] if row_names and len(row) < width else row for row in rows[start:]]
    second = second_header.Second(0, False) if like_data else second_header.find(units)
    return Layout(
        above=(*range(top), top + 1) if ruled else tuple(range(top)),
        first=start + second.rows,
        names=tuple(names),
        extra=max(extra, 0),
        fits=_fits(body, len(names), extra, rows, header=sure),
        looks_like_data=like_data,
        row_names=row_names,
        second=tuple(range(start, start + second.rows)),
        doubtful=second.doubtful,
    )


def _is_rule(line: str) -> bool:
    return not line.strip("-=+:| ") and any(sign in line for sign in ("--", "==", "-=", "=-"))


def _width(rows: Sequence[Row]) -> int:
    """Return how many cells most rows have, two or more if any has; of equals the larger."""
    counts = Counter(len(row) for row in rows if len(row) > 1)
    return max(counts, key=lambda width: (counts[width], width)) if counts else 1


def _trailing(width: int, data: Sequence[Row]) -> tuple[int, int]:
    like_width = [row for row in data if len(row) == width]
    extra = 0
    while width - extra > 1 and not any(row[width - extra - 1].strip() for row in like_width):
        extra += 1
    # A single column of missing cells at the end may be real; one after each row is a separator too many.
    return width - extra, extra


def _fits(body: Sequence[Row], width: int, extra: int, rows: Sequence[Row], header: bool = False) -> float:
    wide = sum(width <= len(row) <= width + extra for row in body)
    return (wide + header) / len(rows)


def _filled(row: Row) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _header(rows: Sequence[Row], width: int) -> int:
    """Return the position of the first row that is not a title, comment or other line above the table."""
    likely = sorted(_filled(row) for row in rows[len(rows) // 2 :])
    full = likely[len(likely) // 2]
    for i in range(min(len(rows) - 1, _MOST_ABOVE)):
        if not _is_above(rows, i, width, full):
            return i
    return 0 if len(rows) - 1 > _MOST_ABOVE else len(rows) - 1


def _is_above(rows: Sequence[Row], i: int, width: int, full: int) -> bool:
    row, size = rows[i], len(rows[i])
    filled, text = _filled(row), " ".join(row).strip()
    if not filled or (i == 0 and SEPARATOR_LINE.fullmatch(text)):
        return True
    if text.startswith(("#", "//")):
        return _is_comment(rows, i, width)
    if width == 1:
        return False
    if size == 1:
        return width > 2 or _names_follow(rows, i, width, full) or not _has_row_names(rows[i + 1 :], width)
    if filled <= full / 2 and (full > 2 or row[0].strip()):
        return _names_follow(rows, i, width, full)
    if size < width - 1:
        return _names_follow(rows, i, width, full)
    if row[0].strip() and filled < min(full, size):
        below = next((j for j in range(i + 1, len(rows)) if _filled(rows[j]) >= full), i)
        return _stands_over_numbers(rows, below, width)
    if size == width - 1:
        if len(rows[i + 1]) < width:
            return _names_follow(rows, i, width, full)
        return _stands_over_numbers(rows, i + 1, width)
    if size > width:
        return any(" " in cell.strip() for cell in row) and _names_follow(rows, i, width, full)
    return False


def _is_comment(rows: Sequence[Row], i: int, width: int) -> bool:
    """Tell a comment from a row of names that begins with `#`."""
    row = rows[i]
    if width == 1:
        return row[0].startswith("# ")
    if len(row) not in (width, width - 1):
        return True
    if _stands_over_numbers(rows, i + 1, width):
        return True
    after = next((j for j in range(i + 1, len(rows)) if not rows[j][0].startswith("#")), None)
    if after is None or after > i + 1:
        return after is not None
    glued = row[0] == "#" or not row[0].startswith("# ")
    return not glued and not any(is_number(cell) for cell in rows[after])


def _has_row_names(body: Sequence[Row], width: int) -> bool:
    firsts = [row[0] for row in body if len(row) == width]
    return len(firsts) > 1 and len(set(firsts)) == len(firsts)


def _names_follow(rows: Sequence[Row], i: int, width: int, full: int) -> bool:
    """Return whether a row of names comes below a row, with nothing but titles between."""
    for j in range(i + 1, min(len(rows) - 1, i + _MOST_ABOVE)):
        row = rows[j]
        filled = _filled(row)
        if len(row) == len(rows[i]) != width:
            continue
        if filled > full / 2 and width - 1 <= len(row):
            words = not any(is_number(cell) for cell in row)
            more = filled > _filled(rows[i]) or len(row) != len(rows[i])
            return more and (
                _stands_over_numbers(rows, j, width) or (words and not looks_like_data(row, rows[j + 1 :]))
            )
    return False


def _stands_over_numbers(rows: Sequence[Row], j: int, width: int) -> bool:
    """Return whether a row certainly holds names: a word over a column of numbers, and no number over another."""
    if j >= len(rows) - 1 or len(rows[j]) < width:
        return False
    over = False
    for cell, column in columns(rows[j], rows[j + 1 :]):
        if mostly_numbers(column):
            if is_number(cell):
                return False
            over = True
    return over


def looks_like_data(head: Row, body: Sequence[Row]) -> bool:
    """Return whether a row looks like those below it.

    It has numbers or dates over columns of numbers or dates, and no word over one; in columns of text, its cells
    occur again below. Numbers that go up in equal steps, or years, are names.
    """
    numbers, texts, again = [], 0, 0
    body = [row for row in body if list(row) != list(head)]
    for cell, column in columns(head, body):
        if mostly_numbers(column):
            if not is_number(cell):
                return False
            numbers.append(cell)
        elif not is_number(cell):
            texts += 1
            again += cell in column
    if numbers and not _may_be_names(numbers):
        return True
    return texts > (0 if numbers else 1) and again == texts


def _may_be_names(numbers: Sequence[str]) -> bool:
    try:
        values = [float(number) for number in numbers]
    except ValueError:
        return False
    if all(value.is_integer() and 1900 <= value <= 2100 for value in values):
        return len(set(values)) == len(values)
    steps = [after - before for before, after in pairwise(values)]
    if len(steps) < 2:
        return all(value.is_integer() for value in values) and all(step == 1 for step in steps)
    return steps[0] != 0 and all(abs(step - steps[0]) <= 1e-9 * abs(values[0] or 1) + 1e-12 for step in steps)
