"""Which mark stands between thousands and which before decimals, decided from all numbers of a column."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

_SEEN = 3
"""The fewest grouped numbers that show groups."""
_SLIPS = 0.02
"""A share of numbers that may be in another form than the column."""
_NO_ZERO = 30
"""Of this many numbers with three digits behind a mark one ends in 0, unless zeros at the end are not written."""


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


class Marks(NamedTuple):
    """How a column's numbers are marked."""

    decimal: str
    thousands: str = ""
    doubt: str = ""
    """The decimal mark of the other reading that the numbers leave open."""
    is_evident: bool = False
    """The numbers show the decimal mark."""


_FORMS = [(form[0], form[1:]) for form in (".", ",", ".,", ",.", ". ", ", ", ".'", ",'", "._")]
"""The decimal mark, and the mark between thousands or nothing."""
_MIXED = (".,", "")
_DIGITS_FIRST = str.maketrans("123456789", "1" * 9)
_DIGITS = str.maketrans("123456789", "0" * 9)
"""Forms ask only whether a number begins with 0: with all other digits alike, few shapes are left to look at."""


def find_marks(bodies: Sequence[str], usual: str, certain: bool) -> Marks:
    """Find the marks with which most numbers of a column are written; they come without sign, unit and exponent.

    `usual` is the decimal mark to assume where the numbers leave it open; `certain`: it was given.
    """
    plain = Marks(usual if certain else ".")
    marked = [body for body in bodies if not body.isdigit()]
    shapes = Counter(body[0].translate(_DIGITS_FIRST) + body[1:].translate(_DIGITS) for body in marked)
    fits = {
        form: sum(count for shape, count in shapes.items() if pattern(*form).fullmatch(shape))
        for form in (*_FORMS, _MIXED)
    }
    best = max(fits[form] for form in _FORMS)
    if not best:
        return plain
    if fits[_MIXED] - best > _SLIPS * len(marked):
        return Marks(*_MIXED, is_evident=True)
    forms = [form for form in _FORMS if fits[form] == best]
    if certain and (given := [form for form in forms if form[0] == usual]):
        return Marks(*given[0], is_evident=True)
    if {(".", ","), (",", ".")} <= {*forms} and all(any(m in body for body in marked) for m in ".,"):
        # `5.071` and `9,317`: one of the marks stands for thousands.
        other = "," if usual == "." else "."
        return Marks(usual, other, doubt=other)
    for mark, other in ((",", "."), (".", ",")):
        if {(mark, ""), (other, mark)} <= {*forms}:
            return _decided(bodies, mark, other, usual)
    decimal, thousands = forms[0]
    is_evident = thousands in (",", ".") or any(decimal in body for body in marked)
    if not is_evident and (usual, thousands) in forms:
        decimal = usual
    return Marks(decimal, thousands, is_evident=is_evident)


def _decided(bodies: Sequence[str], mark: str, other: str, usual: str) -> Marks:
    """Decide whether three digits behind a mark are thousands or decimals: `1,234`."""
    grouped = [body for body in bodies if mark in body]
    has_small = any(body.isdigit() and len(body) <= 3 for body in bodies)
    has_large = any(body.isdigit() and len(body) > 3 for body in bodies)
    has_zero = any(body.endswith("0") for body in grouped)
    looks_grouped = has_small and not has_large and len(grouped) >= _SEEN
    thousands, decimals = Marks(other, mark), Marks(mark)
    if any(body.count(mark) > 1 for body in grouped) or (looks_grouped and has_zero):
        return thousands._replace(is_evident=True)
    if len(grouped) >= _NO_ZERO and not has_zero:
        return decimals._replace(is_evident=True)
    if mark == ".":
        # `5.123` is a number of three decimals, unless the file's other columns have a decimal comma.
        return thousands if usual == "," else decimals
    # In a file with decimal commas, whole numbers beside are what decides.
    if usual != mark or looks_grouped:
        return thousands._replace(doubt=mark)
    return decimals._replace(doubt=other)
