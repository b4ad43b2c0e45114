"""What a run says while it goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from suite.schema import Budget, Cell, Record


@dataclass(frozen=True, kw_only=True)
class Searching:
    """What the searches of a run come to."""

    searches: int
    """One a model and split."""
    seconds: float | None
    """What all of them may take, over all workers; None where trials are counted."""
    fits: int | None
    """Of trials, at most; None where seconds are counted."""
    chosen: int
    """Cells that come of them, ensembles too."""
    trials: int | None = None
    """At most; None where seconds are counted. One that does badly has fewer fits than others."""


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What the run comes to; nothing of a cell comes before."""

    cells: tuple[Cell, ...]
    """Every cell, done before or not."""
    expected: Mapping[str, float]
    """Seconds that cells should take, by key, where their model was timed on their data before."""
    guessed: Mapping[str, float]
    """Seconds that the other cells to run may take, by key, roughly."""
    budget: Budget
    at_once: int | None
    """How many cells run at once; None where a cluster decides."""
    searching: Searching | None = None
    """What its searches come to, beside these cells."""
    searches: Mapping[tuple[str, str], Searching] = field(default_factory=dict)
    """The same for each data set and model, without ensembles."""
    metric: str = "accuracy"
    """What models are ranked by."""


@dataclass(frozen=True, kw_only=True)
class Started:
    """A cell has begun."""

    cell: Cell


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """The run waits for something that is not its own."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Progress:
    """A cell is this far: an epoch, a trial, a round."""

    cell: Cell
    step: int
    values: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A cell has become a record; `cached` if it was found done."""

    cell: Cell
    record: Record
    cached: bool = False


Event = Planned | Started | Waiting | Progress | Finished
Watch = Callable[[Event], bool | None]
"""Takes every event of a run. False, in answer to `Progress`, asks the cell to stop fitting."""


def unwatched(event: Event) -> None:
    """Take an event and do nothing."""
