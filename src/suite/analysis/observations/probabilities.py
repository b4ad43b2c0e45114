"""What is worth saying of probabilities: whose are better than those of the best, and whether they can be believed."""

from __future__ import annotations

from collections.abc import Iterator

from suite.analysis.board import Board
from suite.analysis.observations.support import LEAST_ROWS, leading
from suite.analysis.observations.words import metric_name, points

TRUSTED = 0.02
"""How far confidence may be from accuracy before it is worth a sentence; the whole interval has to lie beyond."""


def better_probabilities(board: Board) -> Iterator[str]:
    """Yield which model has really a better log loss than the best by the board's metric."""
    best, comparisons = board.best, board.comparisons
    losses = {
        row.model: loss
        for row in board.ranked
        if row.family != "baseline" and (loss := row.scores["log_loss"]) is not None
    }
    if board.metric == "log_loss" or best is None or comparisons is None or best.model not in losses:
        return
    lowest = min(losses, key=lambda model: losses[model])
    pair = comparisons.pair("log_loss", lowest, best.model)
    known = comparisons.tied("log_loss")
    if pair is None or not pair.is_real or pair.difference > 0 or best.model in known:
        return
    low, high = f"{losses[lowest]:.3f}", f"{losses[best.model]:.3f}"
    if comparisons.n_rows < LEAST_ROWS or low == high:
        return
    metric, by_metric = metric_name(board.metric), comparisons.pair(board.metric, lowest, best.model)
    if by_metric is not None and by_metric.is_real:
        opening = f"{lowest} is behind {best.model} by {metric}, but"
    else:
        opening = f"No test tells {lowest} from {best.model} by {metric}, but {lowest}"
    yield f"{opening} gives better probabilities: log loss {low} against {high}."


def calibration(board: Board) -> Iterator[str]:
    """Yield whether the leading model is right less or more often than its probabilities say.

    `Board.calibration` is read for `gap`, the mean probability of the predicted class less the accuracy, and `low` and
    `high`, its 95 % interval.
    """
    row = leading(board)
    found = board.calibration.get(row.model) if row else None
    gap, low, high = (getattr(found, name, None) for name in ("gap", "low", "high"))
    if row is None or gap is None or low is None or high is None:
        return
    if low > TRUSTED:
        yield f"{row.model} is overconfident: it is right {points(gap)} less often than its probabilities say."
    if high < -TRUSTED:
        yield f"{row.model} is underconfident: it is right {points(-gap)} more often than its probabilities say."
