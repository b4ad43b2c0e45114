"""Which models no other is both better and cheaper than."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from suite.analysis.board import Board, Row
from suite.metrics import Metric


class At(NamedTuple):
    """A model, what it costs and its score."""

    row: Row
    cost: float
    score: float


def paid(board: Board, key: str) -> list[At]:
    """Return the ranked models whose cost is known, by rank; `key` is one of `Row.timing`. Baselines do not count."""
    return [
        At(row, cost, score)
        for row in board.ranked
        if row.family != "baseline"
        and (cost := row.timing.get(key)) is not None
        and (score := row.scores[board.metric]) is not None
    ]


def pareto(points: Sequence[At], metric: Metric) -> list[At]:
    """Return the points that none is cheaper than and as good as, nor better at the same cost; cheapest first."""
    sign = -1 if metric.higher_is_better else 1
    front: list[At] = []
    for point in sorted(points, key=lambda p: (p.cost, sign * p.score, p.row.model)):
        if not front or sign * point.score < sign * front[-1].score:
            front.append(point)
    return front
