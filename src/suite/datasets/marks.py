"""Which mark stands between thousands and which before decimals, decided from all numbers of a column."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache

_SEEN = 3
"""So many grouped numbers are needed to believe in groups."""
_NO_ZERO = 30
"""Of so many numbers with three digits behind a mark one ends in 0, unless zeros at the end are not written."""


@cache
def pattern(decimal: str, thousands: str) -> re.Pattern[str]:
    """Return what a number without sign, unit and exponent looks like between these marks."""
    whole = r"\d+"
    if thousands:
        mark = re.escape(thousands)
        whole = rf"\d+|[1-9]\d{{0,2}}(?:{mark}\d{{3}})+"
        if thousands == ",":  # also the groups of India, 12,34,567
            whole += r"|[1-9]\d?(?:,\d\d)+,\d{3}"
    return re.compile(rf"(?:{whole})?(?:[{re.escape(decimal)}]\d*)?")


_FORMS = [
    (".", ""),
    (",", ""),
    (".", ","),
    (",", "."),
    (".", " "),
    (",", " "),
    (".", "'"),
    (",", "'"),
    (".", "_"),
]
_FORMS += [(".,", "")]
_DIGITS_FIRST = str.maketrans("123456789", "1" * 9)
_DIGITS = str.maketrans("123456789", "0" * 9)
"""Forms ask only whether a number begins with 0: with all other digits alike, few shapes are left to look at."""


def find_marks(bodies: Sequence[str], usual: str, certain: bool) -> tuple[str, str, str, bool]:
    """Return decimal mark, thousands mark, the mark of the other reading if there is a doubt, and what was evident."""
    marked = [body for body in bodies if not body.isdigit()]
    if not marked:
        return usual if certain else ".", "", "", False
    shapes = Counter(body[0].translate(_DIGITS_FIRST) + body[1:].translate(_DIGITS) for body in marked)
    fits = {
        form: sum(count for shape, count in shapes.items() if pattern(*form).fullmatch(shape))
        for form in _FORMS
    }
    best = max(fits[form] for form in _FORMS[:-1])
    if not best:
        return usual if certain else ".", "", "", False
    if fits[".,", ""] > best and fits[".,", ""] - best > 0.02 * len(marked):
        return ".,", "", "", True
    if certain:
        forms = [form for form in _FORMS if fits[form] == best and form[0] == usual]
        if forms:
            return *forms[0], "", True
    forms = [form for form in _FORMS if fits[form] == best]
    for mark, other in ((",", "."), (".", ",")):
        plain, grouped = (mark, ""), (other, mark)
        if plain in forms and grouped in forms:
            return _decided(bodies, mark, other, usual)
    decimal, thousands = forms[0]
    evident = thousands in (",", ".") or any(decimal in body for body in marked)
    if not evident and usual != decimal and (usual, thousands) in forms:
        decimal = usual
    return decimal, thousands, "", evident


def _decided(bodies: Sequence[str], mark: str, other: str, usual: str) -> tuple[str, str, str, bool]:
    """Decide whether three digits behind a mark are thousands or decimals: `1,234`."""
    grouped = [body for body in bodies if mark in body]
    small = any(body.isdigit() and len(body) <= 3 for body in bodies)
    large = any(body.isdigit() and len(body) > 3 for body in bodies)
    as_thousands, as_decimal = (other, mark, ""), (mark, "", "")
    zero = any(body.endswith("0") for body in grouped)
    if any(body.count(mark) > 1 for body in grouped):
        return *as_thousands, True
    if small and not large and len(grouped) >= _SEEN and zero:
        return *as_thousands, True
    if len(grouped) >= _NO_ZERO and not zero:
        return *as_decimal, True
    if mark == ".":
        # `5.123` is a number of three decimals, unless the file's other columns have a decimal comma.
        return (*as_thousands, False) if usual == "," else (*as_decimal, False)
    if usual == mark:
        # In a file with decimal commas, whole numbers beside are what decides.
        likelier, less = as_decimal, as_thousands
        if small and not large and len(grouped) >= _SEEN:
            likelier, less = as_thousands, as_decimal
    else:
        likelier, less = as_thousands, as_decimal
    return likelier[0], likelier[1], less[0], False
