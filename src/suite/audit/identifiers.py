"""Columns that count the rows or name them, by what they hold and by what they are called."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from suite.audit.columns import level_codes, sample, sentence
from suite.schema import Finding

if TYPE_CHECKING:
    import numpy as np

    from suite.audit.columns import Column, Columns

DIFFERENT = 0.95
"""Share of the known values that are different."""
FEWEST_ROWS = 20
"""Of fewer rows, only names tell identifiers."""
ALL_DIFFERENT_BELOW = 100
"""In fewer rows, what counts the rows has no value twice: numbers drawn from 2 n would pass too often."""
LOOKED_AT = 1000
"""Rows by which most columns are told to be no identifiers."""
LEVELS = 500
"""So many values of a text column are matched with patterns."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_ANYWHERE = re.compile("id|ids|uid|uuid|guid|oid|rowid|identifier|rownum|rownames|unnamed")
"""Words that tell an identifier wherever they stand in a name."""
_LAST = re.compile("index|idx|key|no|nr|num|number|serial")
"""Words that do so as the last of a name: not in no_of_visits, number of rooms, key signature."""
_WHOLE = re.compile("rows?|records?|rec|seq|sequence|rn|pk|sno|srno|row names?")
"""What does so as the whole name."""
_JOINED = re.compile(
    r"(account|case|claim|client|company|customer|cust|device|doc|document|employee|emp|encounter|entry|event|file|game"
    r"|image|instance|invoice|item|listing|loan|match|member|movie|object|order|passenger|patient|person|player|policy"
    r"|post|product|prod|property|record|row|sample|seller|session|song|store|student|subject|ticket|track|transaction"
    r"|tweet|user|vendor|visit)(id|no|nr|number|key|uuid)"
)
_NAMELESS = re.compile(r"column \d+(\.\d+)?")
"""What a column without a name is called; `column_1`, of a file without a header, is another."""
_TIME = re.compile(
    "(year|yr|month|week|day|date|time|datetime|timestamp|hour|minute|second|quarter|season|period|epoch|age|count"
    "|tenure|duration)s?"
)
"""Words of times and amounts: whole numbers that rise and follow each other as they should."""
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
_RISES = "rises or falls strictly from row to row, as identifiers do"
_TEXT = "holds a different text in nearly every row"


def find_identifiers(columns: Columns, is_sorted: bool) -> tuple[dict[str, str], list[Finding]]:
    """Return columns that name the rows with their reasons, and what to say of them.

    Numbers are looked at if all are whole and at least 95 % are different. They are left out if

    - the name says so (`id`, `order_no`, `rowNumber`, `Unnamed: 0`, `key`; not `paid`, `humidity`, `no_of_visits`);
    - they count the rows: in 20 rows or more, in any order, their range is below 2 n. Of 20 numbers drawn from 40
      all are different in 0.3 % of cases, of 25 from 50 in 0.05 %. Names of times and amounts (month, age, count) are
      spared, and so is what lies between 1500 and 2200, as years do: consecutive integers alone are no identifier;
    - they rise or fall strictly while the rows are sorted by class; those spared are left to `order`.

    If they only rise or fall strictly, it is said. In fewer than 20 rows the name has to say so, and all be different.

    Text is left out if at least 95 % of its values are different, with a reason and no finding.

    Parameters
    ----------
    columns : mapping of str to (kind, pandas.Series)
        Typed columns, without copies of the target.
    is_sorted : bool
        Whether the rows are sorted by class.
    """
    reasons: dict[str, str] = {}
    named: dict[str, list[str]] = defaultdict(list)
    for name, column in columns.items():
        if column[0] == "numeric":
            if found := _what_numbers_are(name, column, is_sorted):
                named[found].append(name)
        elif column[0] in ("categorical", "text") and (found := _what_texts_are(name, column)):
            reasons[name] = found
    findings = []
    for found, names in named.items():
        several = re.sub(r"\b(count|name|rise|fall)s\b", r"\1", found)
        if found == _RISES:
            text, code = sentence(names, found, several, "used", "--drop"), "rising"
        else:
            text, code = sentence(names, found, several, "left out", "--keep"), "identifier"
            reasons |= dict.fromkeys(names, found)
        findings.append(Finding(code=code, text=text, columns=tuple(names)))
    return reasons, sorted(findings, key=lambda found: found.code)


def says_identifier(name: str) -> bool:
    """Tell whether a column's name says that it names rows.

    Examples
    --------
    >>> says_identifier("customerId"), says_identifier("humidity"), says_identifier("no_of_visits")
    (True, False, False)
    """
    words = _words(name)
    return bool(words) and (
        any(_ANYWHERE.fullmatch(word) for word in words)
        or bool(_LAST.fullmatch(words[-1]) or _JOINED.fullmatch(words[-1]))
        or bool(_WHOLE.fullmatch(" ".join(words)) or _NAMELESS.fullmatch(name))
    )


def _words(name: str) -> list[str]:
    """Return the words of a name in lower case, written with blanks, marks or capitals between them."""
    return [word.lower() for word in _WORD.findall(name)]


def _what_numbers_are(name: str, column: Column, is_sorted: bool) -> str | None:
    import numpy as np

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
    spread = float(known.max()) - float(known.min())
    counts = n >= FEWEST_ROWS and spread < 2 * n and (n_different == n or n >= ALL_DIFFERENT_BELOW)
    if says_identifier(name):
        return "counts the rows" if counts else "names the rows"
    if n < FEWEST_ROWS or any(_TIME.fullmatch(word) for word in _words(name)):
        return None
    if _YEARS[0] <= known.min() and known.max() <= _YEARS[1]:
        return None
    if counts:
        return "counts the rows"
    steps = np.diff(known)
    if not ((steps > 0).all() or (steps < 0).all()):
        return None
    return _RISES_SORTED if is_sorted else _RISES


def _are_whole(numbers: np.ndarray) -> bool:
    import numpy as np

    return len(numbers) > 0 and bool((np.isfinite(numbers) & (np.trunc(numbers) == numbers)).all())


def _what_texts_are(name: str, column: Column) -> str | None:
    import numpy as np

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
        return "names the rows" if says_identifier(name) else None
    levels = values.cat.categories
    some = [str(levels[i]) for i in sample(len(levels), LEVELS)]
    for found, pattern in _PATTERNS.items():
        if sum(bool(pattern.fullmatch(text)) for text in some) >= DIFFERENT * len(some):
            return found
    return "names the rows" if says_identifier(name) else _TEXT
