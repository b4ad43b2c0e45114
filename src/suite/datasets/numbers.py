"""Numbers as people write them: marks for thousands and decimals, currencies, units, bounds.

A column is read in one form. Where its cells leave two forms open (`1,234`), the column as a whole decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    import numpy as np

_CELL = re.compile(
    r"(?P<bound><=|>=|[<>≤≥~≈]|ca\.?|about|approx\.?|under|over|up to|at least)?\s*(?P<open>\()?\s*(?P<sign>[+-])?\s*"
    r"(?P<before>[^\d\s.,()+'<>=-]{1,5}\.?)?\s*(?P<inner>[+-])?\s*"
    r"(?P<body>\d(?:[\d.,'_ ]*\d)?[.,]?|[.,]\d+)(?P<exponent>[eE][+-]?\d{1,3})?"
    r"\s*(?P<after>[^\d\s().,:;/<>=+'\"_-][^(),:;<>=+\"]{0,15}?)?\s*(?P<last>\+|-)?\s*(?P<close>\))?",
    re.IGNORECASE,
)
_CURRENCIES = """
usd eur gbp jpy cny rmb inr chf sek nok dkk czk pln huf ron rub try brl mxn ars clp cop cad aud nzd sgd hkd twd krw thb
idr myr php vnd zar ngn egp kes ils aed sar qar pkr bdt lkr us$ r$ rs rs. kr kr. fr. zł ft lei din hk$ a$ c$ nt$ s/ mx$
rp rm # no. nr. nr no
"""
_CODES = frozenset(_CURRENCIES.split())
_SCALES = {
    "k": 1e3,
    "t": 1e12,
    "m": 1e6,
    "mn": 1e6,
    "mio": 1e6,
    "mm": 1e6,
    "million": 1e6,
    "b": 1e9,
    "bn": 1e9,
}
_SCALES |= {"thousand": 1e3, "tsd": 1e3, "g": 1e9, "billion": 1e9, "mrd": 1e9, "tn": 1e12, "trillion": 1e12}
_SCALES |= {"lakh": 1e5, "lac": 1e5, "cr": 1e7, "crore": 1e7}
_FAMILIES: tuple[Mapping[str, float], ...] = (
    {"mg": 1e-3, "g": 1.0, "kg": 1e3, "t": 1e6, "gram": 1.0, "grams": 1.0},
    {"oz": 1.0, "lb": 16.0, "lbs": 16.0},
    {"nm": 1e-9, "µm": 1e-6, "um": 1e-6, "mm": 1e-3, "cm": 1e-2, "m": 1.0, "km": 1e3},
    {"in": 1.0, "inch": 1.0, "ft": 12.0, "yd": 36.0, "mi": 63360.0},
    {"ml": 1e-3, "cl": 1e-2, "dl": 0.1, "l": 1.0, "hl": 100.0},
    {"b": 1.0, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "bytes": 1.0},
    {"w": 1.0, "kw": 1e3, "mw": 1e6, "hp": 745.7, "ps": 735.5},
    {
        "ns": 1e-9,
        "µs": 1e-6,
        "us": 1e-6,
        "ms": 1e-3,
        "s": 1.0,
        "sec": 1.0,
        "min": 60.0,
        "h": 3600.0,
        "hr": 3600.0,
    }
    | {
        "second": 1.0,
        "minute": 60.0,
        "mins": 60.0,
        "hour": 3600.0,
        "d": 86400.0,
        "day": 86400.0,
        "week": 604800.0,
    }
    | {"month": 2629746.0, "mo": 2629746.0, "year": 31556952.0, "yr": 31556952.0, "y": 31556952.0},
)
_HEMISPHERES: tuple[Mapping[str, float], ...] = ({"n": 1.0, "s": -1.0}, {"e": 1.0, "w": -1.0})
_LOOKED_AT = 20_000
"""So many different cells are looked at to find the form; all are then read in it."""
_SEEN = 3
"""So many grouped numbers are needed to believe in groups."""
_NO_ZERO = 30
"""Of so many numbers with three digits behind a mark one ends in 0, unless zeros at the end are not written."""
_GROUPED = re.compile(r"[1-9]\d{0,2}(\.\d{3})+")
Mark = Literal[".", ","]


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

    def parse(self, cells: Sequence[str]) -> np.ndarray:
        """Return clean cells as float64, NaN where one is no number in this form."""
        import numpy as np

        pattern = _pattern(self.decimal, self.thousands)
        if self.decimal != "." or self.thousands or self.units:
            return np.array([self._value(cell, pattern) for cell in cells], dtype=np.float64)
        found = _as_python(cells)
        for i in np.isnan(found).nonzero()[0]:
            found[i] = self._value(cells[i], pattern)
        return found

    def _value(self, cell: str, pattern: re.Pattern[str]) -> float:
        found = _matched(cell)
        if found is None or not pattern.fullmatch(found.body):
            return float("nan")
        factor = self.units.get(found.unit)
        if factor is None:
            if found.unit:
                return float("nan")
            factor = 1.0
        body = found.body.replace(self.thousands, "") if self.thousands else found.body
        number = float(body.replace(",", ".").replace(" ", "") + found.exponent)
        return -factor * number if found.is_negative else factor * number

    def __str__(self) -> str:
        """Say what is unusual in this form; nothing for plain numbers."""
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
        return ", ".join(said)


class Found(NamedTuple):
    """The form of a column's numbers."""

    format: NumberFormat
    doubt: str = ""
    """The other form that the cells leave open, as a decimal mark; nothing if there is no doubt."""
    evident: bool = False
    """The decimal mark is seen, and not only assumed: other columns may go by it."""


class _Cell(NamedTuple):
    body: str
    exponent: str
    is_negative: bool
    currency: str
    unit: str
    is_bound: bool


def find(
    cells: Sequence[str], *, usual: str = ".", is_seen: bool = False, is_given: bool = False
) -> Found | None:
    """Find the form in which most of a column's cells are numbers.

    Parameters
    ----------
    cells : sequence of str
        The different clean cells of a column, without those that stand for missing.
    usual : {".", ","}
        The decimal mark to assume where the cells leave it open.
    is_seen : bool
        Whether other columns show that mark, so that there is no doubt left.
    is_given : bool
        Whether it was said, so that it holds whatever the cells look like.

    Returns
    -------
    Found or None
        None if fewer than half of the cells look like numbers.
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
    units = _units(Counter(match.unit for match in found), Counter(match.currency for match in found))
    if units is None:
        return None
    read = [match for match in found if match.unit in units or not match.unit]
    # Nobody writes groups of thousands before an exponent: `1,234E3`.
    powers = {mark for mark in ".," if any(match.exponent and mark in match.body for match in read)}
    if len(powers) == 1 and not is_given:
        usual, is_seen = powers.pop(), True
    decimal, thousands, doubt, evident = _marks([match.body for match in read], usual, is_given)
    currencies = Counter(match.currency for match in found if match.currency)
    return Found(
        NumberFormat(
            decimal=decimal,
            thousands=thousands,
            units=units,
            currency=currencies.most_common(1)[0][0] if currencies else "",
            has_bounds=any(match.is_bound for match in found),
        ),
        "" if is_seen else doubt,
        evident,
    )


def _plainly(cells: Sequence[str]) -> Found | None:
    """Return the form of numbers that all are as Python writes them and leave nothing open; else None."""
    import numpy as np

    point = next((cell for cell in cells if "." in cell and not _GROUPED.fullmatch(cell)), None)
    if point is None and any("." in cell for cell in cells):
        return None
    if np.isnan(_as_python(cells)).any():
        return None
    return Found(NumberFormat(), "", point is not None) if cells else None


def _as_python(cells: Sequence[str]) -> np.ndarray:
    import numpy as np
    import pandas as pd

    return np.array(pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce"), dtype=np.float64)


def _matched(cell: str) -> _Cell | None:
    if not any(character.isdigit() for character in cell):
        return None
    if not cell.isascii():
        cell = unicodedata.normalize("NFKC", cell).replace("−", "-").replace("’", "'").replace("\u2044", "/")
    match = _CELL.fullmatch(cell)
    if match is None or bool(match["open"]) != bool(match["close"]):
        return None
    before, after, last = (match[name] or "" for name in ("before", "after", "last"))
    currency = before
    if before and not _is_currency(before):
        return None
    unit = after.strip().lower().rstrip(".")
    if unit and _is_currency(after.strip()):
        currency, unit = after.strip(), ""
    elif len(unit) > 1 and _is_currency(unit[-1]):  # 3.5m€
        currency, unit = unit[-1], unit[:-1].strip()
    signs = [match["sign"], match["inner"], last if last == "-" else None, "-" if match["open"] else None]
    return _Cell(
        body=match["body"].rstrip(".,") if match["body"] not in ".," else match["body"],
        exponent=match["exponent"] or "",
        is_negative=signs.count("-") == 1,
        currency=currency,
        unit=unit,
        is_bound=bool(match["bound"]) or last == "+",
    )


def _is_currency(text: str) -> bool:
    return text.lower() in _CODES or all(unicodedata.category(character) == "Sc" for character in text)


def _units(units: Counter[str], currencies: Counter[str]) -> dict[str, float] | None:
    """Return the units of a column with their factors; None if there are several that cannot be one scale."""
    named = {unit for unit in units if unit}
    if not named:
        return {}
    total = sum(units.values())
    # What follows one number in a hundred is a slip of the pen, `12O`.
    frequent = {unit for unit in named if units[unit] * 50 >= total}
    if not frequent:
        return {}
    one = {unit.removesuffix("s") for unit in frequent if len(unit) > 2} | {
        u for u in frequent if len(u) <= 2
    }
    if len(one) == 1:
        (unit,) = one
        # `3k` beside plain numbers is a scale, `3 kg` beside plain numbers is not.
        scaled = unit in _SCALES and units[""] > 0 and unit not in ("t", "g", "m", "b", "mm")
        money = unit in _SCALES and any(currencies) and units[""] > 0
        factor = _SCALES[unit] if scaled or money else 1.0
        return dict.fromkeys(sorted(frequent), factor)
    for family in ({**_SCALES, "": 1.0}, *_FAMILIES, *_HEMISPHERES):
        known = {unit: family.get(unit, family.get(unit.removesuffix("s"))) for unit in frequent}
        if all(factor is not None for factor in known.values()):
            return {unit: factor for unit, factor in sorted(known.items()) if factor is not None}
    return None


@cache
def _pattern(decimal: str, thousands: str) -> re.Pattern[str]:
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


def _marks(bodies: Sequence[str], usual: str, certain: bool) -> tuple[str, str, str, bool]:
    """Return decimal mark, thousands mark, the mark of the other reading if there is a doubt, and what was evident."""
    marked = [body for body in bodies if not body.isdigit()]
    if not marked:
        return usual if certain else ".", "", "", False
    shapes = Counter(body[0].translate(_DIGITS_FIRST) + body[1:].translate(_DIGITS) for body in marked)
    fits = {
        form: sum(count for shape, count in shapes.items() if _pattern(*form).fullmatch(shape))
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
