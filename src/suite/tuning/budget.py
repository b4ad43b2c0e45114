"""What a search may cost: trials or seconds, and how many entries of a portfolio it tries first."""

from __future__ import annotations

import re
from dataclasses import dataclass

from suite.errors import UsageError

_UNITS = {"s": 1, "m": 60, "min": 60, "h": 3600}
_TAKES = "seconds, minutes, hours or trials, such as 60s, 10m, 1h or 20trials"
MOST_TRIALS, MOST_S = 10_000, 1e6


@dataclass(frozen=True, kw_only=True)
class SearchBudget:
    """A search's budget; with neither trials nor seconds it tries the default and its portfolio."""

    text: str
    """As it was asked for, in its shortest form."""
    seconds: float | None = None
    """Of fitting and predicting, summed over workers."""
    trials: int | None = None
    """The default and the portfolio count too."""
    portfolio: int | None = None
    """How many entries are tried before anything is sampled; None for all."""

    @property
    def samples(self) -> bool:
        """Whether anything beyond the portfolio is tried."""
        return self.seconds is not None or self.trials is not None


def parse(text: str) -> SearchBudget:
    """Read `60s`, `1.5m`, `2h` or `20trials`.

    Raises
    ------
    UsageError
        If it is none of these, or out of range.
    """
    found = re.fullmatch(r" *([0-9]+(?:\.[0-9]+)?) *(s|m|min|h|trials?) *", text)
    if not found:
        raise UsageError(f"a search takes {_TAKES}, not {text!r}")
    amount, unit = float(found[1]), found[2]
    if unit.startswith("trial"):
        if not amount.is_integer() or not 1 <= amount <= MOST_TRIALS:
            raise UsageError(f"a search takes 1 to {MOST_TRIALS:,} trials, not {found[1]}")
        return SearchBudget(text=f"{amount:.0f}trials", trials=int(amount))
    seconds = amount * _UNITS[unit]
    if not 1 <= seconds <= MOST_S:
        raise UsageError(f"a search takes 1 to {MOST_S:,.0f} seconds, not {text.strip()}")
    return SearchBudget(text=f"{seconds:g}s", seconds=seconds)
