"""Columns that count the rows or name them, by what they hold and by what they are called."""

from __future__ import annotations

import re
from collections import defaultdict

import numpy as np

from suite.checks.columns import Column, Columns, level_codes, sample, sentence
from suite.checks.naming import says_identifier, says_measure
from suite.schema import Finding

DIFFERENT = 0.95
"""Share of the known values that are different, and of the numbers from the first to the last that are there."""
FEWEST_ROWS = 20
"""Of fewer rows, only names tell identifiers."""
LOOKED_AT = 1000
"""Rows of the sample that rules most columns out as identifiers."""
LEVELS = 500
"""The most values of a text column that are matched with patterns."""

_COUNTS, _NAMES = "counts the rows", "names the rows"
_YEARS = 1500, 2200
_PATTERNS = {
    "holds an e-mail address in nearly every row": re.compile(r"[^@\s]+@[^@\s]+\.\w+"),
    "holds a web address in nearly every row": re.compile(r"(?i)(https?|ftp|s3)://\S+|www\.\S+"),
    "identifies the rows": re.compile(
        # Letters and digits without blanks, but no number with its unit and no date.
        r"(?!\W*\d+([.,]\d+)?\W*[A-Za-z]{0,4}$)(?!\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4})(?!\d+:\d+)(?=.*\d)[\w./#:-]+"
    ),
}
_RISES_SORTED = "rises or falls strictly through rows that are sorted by class"
_TEXT = "holds a different text in nearly every row"


def find_identifiers(columns: Columns, is_sorted: bool) -> tuple[dict[str, str], list[Finding]]:
    """Return columns that name the rows with their reasons, and findings about them.

    Numbers are looked at if all are whole and at least 95 % are different. They are left out if

    - the name says so (`id`, `order_no`, `rowNumber`, `Unnamed: 0`; not `paid`, `heat_index`, `no_of_visits`): with a
      reason and no finding, since nobody will want them back;
    - they count the rows: whole numbers without a gap (5 % may be gone, as rows without a label are) in 20 rows or
      more, rising by row from any number on, or in any order from 0 or 1 on;
    - they rise or fall strictly while the rows are sorted by class.

    The last two are left to `order` if the name is one of times or amounts (month, age, rank, income, visits), or if
    all lie between 1500 and 2200, as years do: a table that is sorted by an amount is an ordinary one. In fewer than 20
    rows the name has to say so, and all be different.

    Text is left out if at least 95 % of its values are different, with a reason and no finding.
    """
    reasons: dict[str, str] = {}
    reported: dict[str, list[str]] = defaultdict(list)
    for name, column in columns.items():
        if column[0] == "numeric":
            found = _what_numbers_are(name, column, is_sorted)
            if found and not says_identifier(name):
                reported[found].append(name)
        else:
            found = _what_texts_are(name, column) if column[0] in ("categorical", "text") else None
        if found:
            reasons[name] = found
    findings = []
    for found, names in reported.items():
        several = re.sub(r"\b(count|rise|fall)s\b", r"\1", found)
        text = sentence(names, found, several, "left out", "--keep")
        findings.append(Finding(code="identifier", text=text, columns=tuple(names)))
    return reasons, findings


def _what_numbers_are(name: str, column: Column, is_sorted: bool) -> str | None:
    values = column[1].to_numpy()
    first = values[sample(len(values), LOOKED_AT)]
    first = first[~np.isnan(first)]
    if not _are_whole(first) or len(np.unique(first)) < (DIFFERENT - 0.05) * len(first):
        return None
    known = values[~np.isnan(values)]
    if len(known) < DIFFERENT * len(values) or not _are_whole(known):
        return None
    n, n_different = len(known), len(np.unique(known))
    if n_different < (DIFFERENT if n >= FEWEST_ROWS else 1) * n:
        return None
    low, high, steps = float(known.min()), float(known.max()), np.diff(known)
    rises, falls = bool((steps > 0).all()), bool((steps < 0).all())
    has_no_gaps = n >= FEWEST_ROWS and high - low + 1 <= n_different / DIFFERENT
    counts = has_no_gaps and (rises or (low >= 0 and high <= n_different / DIFFERENT))
    if says_identifier(name):
        return _COUNTS if has_no_gaps else _NAMES
    if n < FEWEST_ROWS or says_measure(name) or (_YEARS[0] <= low and high <= _YEARS[1]):
        return None
    if counts:
        return _COUNTS
    return _RISES_SORTED if is_sorted and (rises or falls) else None


def _are_whole(numbers: np.ndarray) -> bool:
    return len(numbers) > 0 and bool((np.isfinite(numbers) & (np.trunc(numbers) == numbers)).all())


def _what_texts_are(name: str, column: Column) -> str | None:
    values = column[1]
    first = level_codes(column, sample(len(values), LOOKED_AT))
    if len(np.unique(first)) < (DIFFERENT - 0.05) * len(first):
        return None
    codes = values.cat.codes.to_numpy()
    known = codes[codes >= 0]
    n_different = len(np.unique(known))
    is_small = len(known) < FEWEST_ROWS
    if len(known) < DIFFERENT * len(values) or n_different < (1 if is_small else DIFFERENT) * len(known):
        return None
    if is_small:
        return _NAMES if says_identifier(name) else None
    levels = values.cat.categories
    some = [str(levels[i]) for i in sample(len(levels), LEVELS)]
    for found, pattern in _PATTERNS.items():
        if sum(bool(pattern.fullmatch(text)) for text in some) >= DIFFERENT * len(some):
            return found
    return _NAMES if says_identifier(name) else _TEXT
