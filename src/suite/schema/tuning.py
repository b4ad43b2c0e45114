"""What a search for parameters tried, what it cost and what it gave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from suite.schema.bounds import Amount, Count, Figure
from suite.schema.tables import empty

Origin = Literal["default", "portfolio", "sampled"]
Ended = Literal["ok", "pruned", "failed"]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A configuration that a search tried on inner splits."""

    number: Count
    origin: Origin
    params: Mapping[str, Any] = field(default_factory=empty)
    """What was set, of all that one may set; nothing for the default."""
    status: Ended = "ok"
    score: Figure | None = None
    """The mean over the inner splits; None if one of them failed, or it was given up."""
    fits: Count = 0
    seconds: Amount = 0.0
    """Fitting and predicting, over all inner splits."""


@dataclass(frozen=True, kw_only=True)
class Tuning:
    """A search for parameters, or the weighing of an ensemble: what it cost and what it gave."""

    method: str
    """`portfolio`, `search` or `greedy`."""
    trials: Count = 0
    seconds: Amount | None = None
    """Over all trials, failed ones too."""
    inner_score: Figure | None = None
    """The chosen trial's."""
    budget: str = ""
    """As it was asked for: `60s`, `20trials`, `portfolio 8`."""
    metric: str = ""
    """What trials were judged by."""
    sampler: str = ""
    """What proposed configurations, with its version and its options; empty if nothing did."""
    inner_splits: Count = 0
    chosen: Count = 0
    """The number of the trial that was chosen."""
    history: tuple[Trial, ...] = ()
    weights: Mapping[str, Figure] = field(default_factory=empty)
    """Of an ensemble: its members, by their names on the board."""

    def contradictions(self) -> Iterator[str]:
        """Yield what cannot be of one search."""
        numbers = [trial.number for trial in self.history]
        if numbers != list(range(len(numbers))):
            yield "the trials of its search are not numbered from 0"
        if numbers and (self.trials != len(numbers) or self.chosen >= len(numbers)):
            yield f"its search has {len(numbers)} trials, not {self.trials}, or none with the number {self.chosen}"
