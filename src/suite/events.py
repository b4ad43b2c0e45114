"""What is told of a run while it goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from suite.schema import Cell, Record


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


Event = Started | Waiting | Progress | Finished
Watch = Callable[[Event], bool | None]
"""Takes every event of a run. False, in answer to `Progress`, asks the cell to stop fitting."""
