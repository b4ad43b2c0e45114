"""The axis of the metric that a board is ranked by, the better end where a reader looks for it."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import quantiles

from suite.analysis.board import Board, Row
from suite.metrics import METRICS
from suite.report.figures.axes import Axis, linear

FAR = 3.0
"""A model more than this many times as far from the best as three of four are stands at the edge."""


def score_axis(
    board: Board, rows: Sequence[Row], worse: float, better: float, *, intervals: bool = False
) -> Axis:
    """Return the axis of the scores of rows, from px `worse` to px `better`.

    Its scale is that at which the models that matter can be told apart: baselines, and models far behind, may stand
    outside. With `intervals`, those of the others have room.
    """
    metric = METRICS[board.metric]
    known = [(row, s) for row in rows if (s := row.scores[board.metric]) is not None]
    serious = [(row, s) for row, s in known if row.rank is None or row.family != "baseline"] or known
    ranked = [s for row, s in serious if row.rank is not None] or [s for _, s in serious]
    best = (max if metric.higher_is_better else min)(ranked)
    reach = max(abs(s - best) for _, s in serious)
    if len(ranked) > 3:
        most = FAR * quantiles((abs(s - best) for s in ranked), n=4)[2]
        reach = min(reach, most) if most > 0 else reach
    shown = [(row, s) for row, s in serious if abs(s - best) <= reach]
    ends = [best, *(s for _, s in shown)]
    if intervals:
        ends += [end for row, _ in shown if row.interval for end in (row.interval.low, row.interval.high)]
    low, high = min(ends), max(ends)
    first, last = (worse, better) if metric.higher_is_better else (better, worse)
    return linear(low, high, first, last)
