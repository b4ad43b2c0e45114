"""What is worth saying of a board, in sentences that are computed from it; who is best is the verdict's to say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from suite.analysis.board import Board, Observation
from suite.analysis.observations.classes import confused_classes, hardest_class, lost_class, two_classes
from suite.analysis.observations.cost import cost
from suite.analysis.observations.floor import floor
from suite.analysis.observations.probabilities import better_probabilities, calibration
from suite.analysis.observations.searches import searches
from suite.analysis.observations.training import overfitting, still_improving

OBSERVATIONS: Mapping[str, Callable[[Board], Iterator[str]]] = {
    "floor": floor,
    "searches": searches,
    "two_classes": two_classes,
    "hardest_class": hardest_class,
    "confused_classes": confused_classes,
    "lost_class": lost_class,
    "better_probabilities": better_probabilities,
    "calibration": calibration,
    "overfitting": overfitting,
    "still_improving": still_improving,
    "cost": cost,
}
"""Each yields the sentences that hold for a board, none where the numbers do not support one; the most telling first.
"""
TIMED = frozenset({"cost"})
"""Those that rest on the clock."""


def observe(board: Board) -> Iterator[Observation]:
    """Yield the sentences that hold for this board."""
    for name, sentences in OBSERVATIONS.items():
        for text in sentences(board):
            yield Observation(text=text, timed=name in TIMED)
