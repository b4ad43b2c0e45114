"""Numbers as people write them: marks for thousands and decimals, currencies, units, bounds.

A column is read in one form. Where its cells leave two forms open (`1,234`), the column as a whole decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd

from suite.datasets.columns.marks import find_marks, pattern
from suite.datasets.columns.units import factors, is_currency, one_currency

_CELL = re.compile(
    r"(?P<bound><=|>=|[<>≤≥~≈]|ca\.?|about|approx\.?|under|over|less than|more than|up to|at least)?\s*"
    r"(?P<open>\()?\s*(?P<sign>[+-])?\s*(?P<before>[^\d\s.,()+'<>=-]{1,5}\.?)?\s*(?P<inner>[+-])?\s*"
    r"(?P<body>\d(?:[\d.,'_ ]*\d)?[.,]?|[.,]\d+)(?P<exponent>[eE][+-]?\d{1,3})?(?P<more>\+(?=\s*[^\W\d]))?"
    r"\s*(?P<after>(?:/ ?)?[^\d\s().,:;/<>=+'\"_-][^(),:;<>=+\"]{0,15}?)?\s*(?P<last>\+|-)?\s*(?P<close>\))?",
    re.IGNORECASE,
)
_FOOTNOTE = re.compile(
    r"(?<=\S)\s*(?:\*{1,3}|[†‡§¶]|\[[\da-z]{1,3}\]|\([a-z]\)|(?:±|\+/-) ?[\d.,]+ ?%?)$", re.IGNORECASE
)
"""What may follow a number without being part of it: marks of footnotes, and its precision."""
_NO_CENTS = re.compile(r"(?<=\d)[.,](?:-|–|—)+(?=\s*\D*$)")
"""`291.-` and `45,--` are prices without cents; the dash is not a minus."""
_NO_UNIT = re.compile(r"(?<![^\W\d_^])\d")
"""A digit that is not the power of a unit (`m2`), as in `2 to 4`."""
_VULGAR = re.compile(r"(\d*) ?([¼-¾⅐-⅞])")
_FRACTION = re.compile(r"^(?:(-?\d{1,4})[ -])?(\d{1,2})/(2|3|4|5|6|8|10|16|32|64)(?=[^\d/]*$)")
"""`6 3/4`, `5/16`: of inches, or of the stars one may give."""
_POWER = re.compile(r"(?<=\d) ?[x×*·] ?10 ?\^? ?(?=[-+]?\d)|(?<=\d)d(?=[-+]\d)", re.IGNORECASE)
_OTHER_SIGNS = str.maketrans(
    {"−": "-", "–": "-", "‐": "-", "‒": "-", "—": "-", "’": "'", "٫": ".", "٬": ",", "·": "."}
)
_LOOKED_AT = 20_000
"""The most different cells that are looked at to find the form; all are then read in it."""
_LONGEST = 400
"""The most characters of a number: no float has more digits, and to look for a form in a long text takes ages."""
_GROUPED = re.compile(r"[1-9]\d{0,2}(\.\d{3})+")


@dataclass(frozen=True, kw_only=True)
class NumberFormat:
    """One form of writing numbers, as plain data."""

    decimal: str = "."
    """`.`, `,`, or both where a column has them mixed."""
    thousands: str = ""
    """The mark between groups of three digits, or nothing."""
    units: Mapping[str, float] = field(default_factory=dict)
    """What may stand behind a number, in lower case, and what it multiplies the number by."""
    currency: str = ""
    """What stands beside the numbers, as most cells have it."""
    has_bounds: bool = False
    """Some cells are bounds (`<50`, `50+`), read as the number they name."""
    has_footnotes: bool = False
    """Some cells have marks behind the number that are not part of it: `12.5*`, `29.1 ± 0.7`."""
    minus_in_parentheses: bool = True
    """`(12.50)` is -12.50, unless all numbers stand in parentheses."""

    def parse(self, cells: Sequence[str]) -> np.ndarray:
        """Return clean cells as float64, NaN where a cell is not a number in this form."""
        form = pattern(self.decimal, self.thousands)
        if self.decimal != "." or self.thousands or self.units:
            return np.array([self._value(cell, form) for cell in cells], dtype=np.float64)
        found = _as_python(cells)
        for i in np.isnan(found).nonzero()[0]:
            found[i] = self._value(cells[i], form)
        return found

    def _value(self, cell: str, form: re.Pattern[str]) -> float:
        found = _matched(cell)
        if found is None or not form.fullmatch(found.body):
            return float("nan")
        factor = self.units.get(found.unit)
        if factor is None:
            if found.unit:
                return float("nan")
            factor = 1.0
        body = found.body.replace(self.thousands, "") if self.thousands else found.body
        number = float(body.replace(",", ".").replace(" ", "") + found.exponent)
        is_negative = found.is_negative != (found.in_parentheses and self.minus_in_parentheses)
        return -factor * number if is_negative else factor * number

    def __str__(self) -> str:
        """Describe what is unusual in this form; empty for plain numbers."""
        said = []
        if self.thousands:
            name = {" ": "blanks", "'": "apostrophes"}.get(self.thousands, f"{self.thousands!r}")
            said.append(f"{name} between thousands")
        if self.decimal == ",":
            said.append("decimal comma")
        elif self.decimal != ".":
            said.append("decimal point and comma mixed")
        if self.currency:
            said.append(f"currency {self.currency}")
        if shown := [unit for unit in self.units if unit]:
            said.append(f"{'unit' if len(shown) == 1 else 'units'} {', '.join(shown[:4])}")
        if self.has_bounds:
            said.append("bounds such as <50 read as the number")
        if self.has_footnotes:
            said.append("what stands behind numbers, such as *, dropped")
        if not self.minus_in_parentheses:
            said.append("parentheses dropped")
        return ", ".join(said)


class Found(NamedTuple):
    """The form of a column's numbers."""

    format: NumberFormat
    doubt: str = ""
    """The decimal mark of the other form that the cells leave open; empty if there is no doubt."""
    evident: bool = False
    """The cells show the decimal mark, so that other columns may rely on it."""
    warnings: tuple[str, ...] = ()
    """What a reader should check about the form, in clauses."""


class _Cell(NamedTuple):
    body: str
    exponent: str
    is_negative: bool
    """By a minus sign."""
    in_parentheses: bool
    currency: str
    unit: str
    is_bound: bool
    has_footnote: bool
    last: str
    """A sign behind the number."""


def find(
    cells: Sequence[str], *, usual: str = ".", is_seen: bool = False, is_given: bool = False
) -> Found | None:
    """Find the form in which most of a column's cells are numbers; None if fewer than half of them look like numbers.

    The cells are different, clean, and none stands for missing. `usual` is the decimal mark to assume where they leave
    it open; `is_seen`: other columns show that mark, which settles the doubt; `is_given`: the user gave it, so that it
    holds whatever the cells look like.
    """
    step = max(1, len(cells) // _LOOKED_AT)
    looked = cells[::step]
    if len(looked) > 200 and sum(_matched(cell) is not None for cell in looked[:: len(looked) // 100]) < 50:
        return None
    if not is_given and (plain := _plainly(looked)):
        return plain
    found = [match for cell in looked if (match := _matched(cell))]
    if 2 * len(found) < len(looked) or not found:
        return None
    if {"+", "-"} <= {match.last for match in found}:
        return None  # grades: 1+, 1, 1-
    units = Counter(match.unit for match in found)
    has_fraction = any("." in match.body or "," in match.body for match in found if match.unit)
    scale = factors(units, any(match.currency for match in found), has_fraction)
    if scale is None:
        return None
    read = [match for match in found if match.unit in scale or not match.unit]
    # Nobody writes groups of thousands before an exponent: `1,234E3`.
    powers = {mark for mark in ".," if any(match.exponent and mark in match.body for match in read)}
    if len(powers) == 1 and not is_given:
        usual, is_seen = powers.pop(), True
    marks = find_marks([match.body for match in read], usual, is_given)
    currencies = Counter(match.currency for match in found if match.currency)
    n_bare = sum(not match.in_parentheses for match in read)
    return Found(
        NumberFormat(
            decimal=marks.decimal,
            thousands=marks.thousands,
            units=scale,
            currency=currencies.most_common(1)[0][0] if currencies else "",
            has_bounds=any(match.is_bound for match in found),
            has_footnotes=any(match.has_footnote for match in found),
            minus_in_parentheses=20 * n_bare > len(read),
        ),
        "" if is_seen else marks.doubt,
        marks.is_evident,
        tuple(_warnings(read, scale, {one_currency(name) for name in currencies}, marks.decimal)),
    )


def _warnings(
    read: Sequence[_Cell], scale: Mapping[str, float], currencies: set[str], decimal: str
) -> Iterator[str]:
    """Yield what may make the numbers of one column not comparable."""
    with_unit = sum(bool(match.unit) for match in read)
    # Nothing needs no unit.
    if scale and with_unit and any(not match.unit and match.body.strip("0.,") for match in read):
        factor = max(scale.values())
        meant = f"{factor:,.0f} times that number" if factor > 1 else "the same"
        unit = next(unit for unit in scale if unit)
        yield (
            f"{unit!r} stands behind {with_unit:,} of {len(read):,} different numbers, which are read as {meant}; "
            "the others have no unit"
        )
    if len(currencies) > 1:
        yield f"amounts in several currencies ({', '.join(sorted(currencies))}) are read as one number"
    if len(decimal) > 1:
        yield "decimal points and decimal commas are mixed"


def _plainly(cells: Sequence[str]) -> Found | None:
    """Return the form of numbers that are all as Python writes them and leave nothing open; else None."""
    point = next((cell for cell in cells if "." in cell and not _GROUPED.fullmatch(cell)), None)
    if point is None and any("." in cell for cell in cells):
        return None
    if np.isnan(_as_python(cells)).any():
        return None
    return Found(NumberFormat(), "", point is not None) if cells else None


def _as_python(cells: Sequence[str]) -> np.ndarray:
    return np.array(pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce"), dtype=np.float64)


def _matched(cell: str) -> _Cell | None:
    if len(cell) > _LONGEST or not any(character.isnumeric() for character in cell):
        return None
    bare = _FOOTNOTE.sub("", _NO_CENTS.sub("", _FRACTION.sub(_as_decimal, cell)))
    if not bare.isascii():
        bare = bare.strip("“”„‘’«»")
        unmarked = _without_raised_digits(bare)
        has_footnote = len(unmarked) < len(bare) or bool(_FOOTNOTE.search(cell))
        bare = unicodedata.normalize("NFKC", unmarked).translate(_OTHER_SIGNS)
    else:
        has_footnote = bool(_FOOTNOTE.search(cell))
    match = _CELL.fullmatch(_POWER.sub("e", bare))
    if match is None or bool(match["open"]) != bool(match["close"]):
        return None
    before, after, last = (match[name] or "" for name in ("before", "after", "last"))
    currency = before
    if before and not is_currency(before):
        return None
    unit = after.strip().lower().rstrip(".")
    if _NO_UNIT.search(unit):
        return None
    if unit and is_currency(after.strip()):
        currency, unit = after.strip(), ""
    elif len(unit) > 1 and is_currency(unit[-1]):  # 3.5m€
        currency, unit = unit[-1], unit[:-1].strip()
    signs = [match["sign"], match["inner"], last]
    return _Cell(
        body=match["body"].rstrip(".,") if match["body"] not in ".," else match["body"],
        exponent=match["exponent"] or "",
        is_negative=signs.count("-") == 1,
        in_parentheses=bool(match["open"]),
        currency=currency,
        unit=unit,
        is_bound=bool(match["bound"] or match["more"]) or last == "+",
        has_footnote=has_footnote,
        last=last,
    )


def _without_raised_digits(cell: str) -> str:
    """Return a cell without the raised, lowered and circled digits that stand right behind a number: `32²`."""
    cell = _VULGAR.sub(lambda match: f"{int(match[1] or 0) + unicodedata.numeric(match[2]):g}", cell)
    if _POWER.search(unicodedata.normalize("NFKC", cell)):
        return cell
    kept = ""
    for character in cell:
        if unicodedata.category(character) != "No" or not kept[-1:].isdigit():
            kept += character
    return kept


def _as_decimal(match: re.Match[str]) -> str:
    whole, part = int(match[1] or 0), int(match[2]) / int(match[3])
    return f"{whole - part if (match[1] or '').startswith('-') else whole + part:.12g}"
