"""What a figure can be, said beside its type; a reader of files holds it to that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any


@dataclass(frozen=True)
class Holds:
    """A condition of a value, as a part of its type: ``Annotated[int, Holds(...)]``."""

    test: Callable[[Any], bool]
    otherwise: str
    """What is said of a value that does not meet it, after the name of its field."""
    is_range: bool = False
    """Whether all values between two that meet it meet it too."""


def between(low: float, high: float) -> Holds:
    """Return the condition that a number is not less than `low` nor more than `high`."""
    return Holds(lambda value: low <= value <= high, f"is not between {low:.12g} and {high:.12g}", True)


def _is_moment(text: str) -> bool:
    try:
        return not text or bool(datetime.fromisoformat(text))
    except ValueError:
        return False


Count = Annotated[int, between(0, 10**12)]
"""Rows, classes, columns."""
Ordinal = Annotated[int, between(1, 10**12)]
Seed = Annotated[int, between(0, 2**64)]
Cores = Annotated[int, between(0, 100_000)]
"""And threads."""
MOST = 1e12
"""Of seconds, milliseconds and MB: 30,000 years, an exabyte."""
Amount = Annotated[float, between(0, MOST)]
Share = Annotated[float, between(0, 1 + 1e-9)]
"""A part of 1; sums of many rows may end in a last digit too many."""
Figure = Annotated[float, between(-1e6, 1e6)]
"""A score, or a difference of two."""
Moment = Annotated[str, Holds(_is_moment, "is not a time in ISO 8601")]
