"""What a column of text is: numbers, dates, times or categories, decided from its different cells and their counts."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import compress
from typing import Literal, NamedTuple

import numpy as np

from suite.datasets.columns import clock, dates, numbers
from suite.datasets.columns.numbers import NumberFormat
from suite.datasets.columns.words import is_mark, is_missing_number
from suite.errors import UsageError

ReadAs = Literal["number", "date", "time", "boolean", "category", "text"]
RARE = 0.05
"""The share of cells up to which a column of numbers may hold other cells; these are taken for missing."""
FREQUENT_WORD = 0.5
"""The same for up to three words that come again and again among many different numbers."""
_MANY = 30
_MANY_NUMBERS = 20
_VERY_MANY_NUMBERS = 50
_FEW_NUMBERS = 10
_MOSTLY = 0.5
_CODE = re.compile(r"(?=.*\d)(?=.*[A-Za-z])(?:[\w./-]+|[A-Z\d./ -]+)")
_TRUE_FALSE = frozenset({"true", "false"})


class Reading(NamedTuple):
    """What a column of text is, and which of its cells are missing."""

    read_as: ReadAs
    missing: np.ndarray
    """bool, one per different cell: a word for missing."""
    strange: np.ndarray
    """bool, one per different cell: not understood, and taken for missing."""
    number: NumberFormat | None = None
    dates: tuple[str, ...] = ()
    doubt: str = ""
    """The reading that is left open: a decimal mark, or a date's format."""
    first_year: int = 0
    """What two-digit years begin with, if it is not 1969."""
    decimal: str = ""
    """The decimal mark that the column shows, if it does."""
    warnings: tuple[str, ...] = ()
    """What may make its values not comparable, in clauses."""
    mixed: float = 0.0
    """The share of numbers or dates in a column of text that has many of them."""
    mixed_as: str = ""
    """Which of these."""


class Habits(NamedTuple):
    """How the rest of a table writes numbers and dates."""

    decimal: str = "."
    is_seen: bool = False
    """Whether other columns show that decimal mark."""
    is_given: bool = False
    """Whether the user gave it."""
    day_first: bool | None = None


def infer(cells: Sequence[str], counts: np.ndarray, extra: Collection[str], habits: Habits) -> Reading:
    """Decide what a column of text is, by its different clean cells and how many rows have each.

    Cells in `extra` are missing too. The habits decide where the cells leave two readings open.
    """
    absent = np.array([is_missing_number(cell) or cell in extra for cell in cells], dtype=bool)
    share, kind = 0.0, ""
    for read in (as_date, as_number, as_time):
        found = read(cells, absent, habits)
        if found is None:
            continue
        if _is_believable(cells, counts, found):
            return found
        understood = ~(found.strange | found.missing)
        part = float(counts[understood].sum() / max(1, counts[~found.missing].sum()))
        if part >= _MOSTLY and understood.sum() > _MANY and not _are_codes(cells, found.strange):
            share, kind = part, found.read_as
    return as_category(cells, extra)._replace(mixed=share, mixed_as=kind)


def as_category(cells: Sequence[str], extra: Collection[str]) -> Reading:
    """Return the reading as categories: only marks such as `?` are missing, words such as `none` are levels."""
    absent = np.array([is_mark(cell) or cell in extra for cell in cells], dtype=bool)
    if "+" in cells and "-" not in extra:
        absent &= np.array([cell != "-" for cell in cells], dtype=bool)
    kind: ReadAs = "category"
    if len(cells) - absent.sum() <= 2 * len(_TRUE_FALSE):
        left = {cell.lower() for cell in compress(cells, ~absent)}
        kind = "boolean" if left and left <= _TRUE_FALSE else kind
    return Reading(kind, absent, np.zeros(len(cells), dtype=bool))


def as_number(cells: Sequence[str], absent: np.ndarray, habits: Habits) -> Reading | None:
    """Return the reading as numbers, however few they are; None if there are not enough to find their form."""
    present = list(compress(cells, ~absent))
    found = numbers.find(present, usual=habits.decimal, is_seen=habits.is_seen, is_given=habits.is_given)
    if found is None:
        return None
    strange = _strange(found.format.parse(present), absent)
    decimal = found.format.decimal if found.evident and found.format.decimal in (".", ",") else ""
    return Reading(
        *("number", absent, strange),
        number=found.format,
        doubt=found.doubt,
        decimal=decimal,
        warnings=found.warnings,
    )


def as_date(cells: Sequence[str], absent: np.ndarray, habits: Habits) -> Reading | None:
    """Return the reading as dates."""
    found = dates.find(list(compress(cells, ~absent)), habits.day_first)
    if found is None:
        return None
    absent = absent | np.array([dates.is_no_date(cell) for cell in cells], dtype=bool)
    present = list(compress(cells, ~absent))
    times = dates.parse(present, found.formats)
    begins = dates.first_year(times) if all("%y" in form for form in found.formats) else 0
    strange = _strange(times.to_numpy(), absent)
    return Reading("date", absent, strange, dates=found.formats, doubt=found.doubt, first_year=begins)


def as_date_of(cells: Sequence[str], absent: np.ndarray, form: str) -> Reading:
    """Return the reading as dates of one format of `strptime`; `UsageError` if it is not a format."""
    present = list(compress(cells, ~absent))
    try:
        parsed = dates.parse(present, [form]).to_numpy()
    except ValueError as error:
        raise UsageError(f"date:{form} is not a format for dates: {error}") from None
    return Reading("date", absent, _strange(parsed, absent), dates=(form,))


def as_time(cells: Sequence[str], absent: np.ndarray, habits: Habits) -> Reading | None:
    """Return the reading as times of a day or durations."""
    present = list(compress(cells, ~absent))
    looked = present[:: max(1, len(present) // 100)]
    if not looked or 2 * np.isnan(clock.parse_clock(looked)).sum() > len(looked):
        return None
    return Reading("time", absent, _strange(clock.parse_clock(present), absent))


def _strange(parsed: np.ndarray, absent: np.ndarray) -> np.ndarray:
    strange = np.zeros(len(absent), dtype=bool)
    strange[~absent] = np.isnan(parsed) if parsed.dtype.kind == "f" else np.isnat(parsed)
    return strange


def _is_believable(cells: Sequence[str], counts: np.ndarray, found: Reading) -> bool:
    """Return whether what is not understood is rare enough for the column to be what nearly all of its cells are."""
    strange, understood = found.strange, ~(found.strange | found.missing)
    rows, right = int(counts[strange].sum()), int(counts[understood].sum())
    if not right:
        return False
    if not rows:
        return True
    share = rows / (rows + right)
    words = list(compress(cells, strange))
    if len(words) > 1 and _are_codes(cells, strange):
        return False
    if rows == 1:
        return right >= 10
    different = int(understood.sum())
    if different < _FEW_NUMBERS:
        # As categories, `2 years`, `3 years` and `new` lose nothing.
        return False
    often = FREQUENT_WORD if different > _VERY_MANY_NUMBERS else 2 * RARE
    return share <= RARE or (len(words) <= 3 and share <= often and different > _MANY_NUMBERS)


def _are_codes(cells: Sequence[str], strange: np.ndarray) -> bool:
    """Return whether the cells that are not numbers mix letters and digits: `250`, `V57`, `E11` are codes."""
    words = list(compress(cells, strange))
    return 10 * sum(bool(_CODE.fullmatch(word)) for word in words) >= 9 * len(words)
