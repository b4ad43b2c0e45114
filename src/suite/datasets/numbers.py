"""Numbers as people write them: marks for thousands and decimals, currencies, units, bounds.

A column is read in one form. Where its cells leave two forms open (`1,234`), the column as a whole decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from suite.datasets.marks import find_marks, pattern
from suite.datasets.units import factors, is_currency

if TYPE_CHECKING:
    import numpy as np

_CELL = re.compile(
    r"(?P<bound><=|>=|[<>≤≥~≈]|ca\.?|about|approx\.?|under|over|up to|at least)?\s*(?P<open>\()?\s*(?P<sign>[+-])?\s*"
    r"(?P<before>[^\d\s.,()+'<>=-]{1,5}\.?)?\s*(?P<inner>[+-])?\s*"
    r"(?P<body>\d(?:[\d.,'_ ]*\d)?[.,]?|[.,]\d+)(?P<exponent>[eE][+-]?\d{1,3})?"
    r"\s*(?P<after>[^\d\s().,:;/<>=+'\"_-][^(),:;<>=+\"]{0,15}?)?\s*(?P<last>\+|-)?\s*(?P<close>\))?",
    re.IGNORECASE,
)
_LOOKED_AT = 20_000
"""So many different cells are looked at to find the form; all are then read in it."""
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

    def parse(self, cells: Sequence[str]) -> np.ndarray:
        """Return clean cells as float64, NaN where one is no number in this form."""
        import numpy as np

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
    units = factors(Counter(match.unit for match in found), Counter(match.currency for match in found))
    if units is None:
        return None
    read = [match for match in found if match.unit in units or not match.unit]
    # Nobody writes groups of thousands before an exponent: `1,234E3`.
    powers = {mark for mark in ".," if any(match.exponent and mark in match.body for match in read)}
    if len(powers) == 1 and not is_given:
        usual, is_seen = powers.pop(), True
    marks = find_marks([match.body for match in read], usual, is_given)
    currencies = Counter(match.currency for match in found if match.currency)
    return Found(
        NumberFormat(
            decimal=marks.decimal,
            thousands=marks.thousands,
            units=units,
            currency=currencies.most_common(1)[0][0] if currencies else "",
            has_bounds=any(match.is_bound for match in found),
        ),
        "" if is_seen else marks.doubt,
        marks.is_evident,
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
    if before and not is_currency(before):
        return None
    unit = after.strip().lower().rstrip(".")
    if unit and is_currency(after.strip()):
        currency, unit = after.strip(), ""
    elif len(unit) > 1 and is_currency(unit[-1]):  # 3.5m€
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
