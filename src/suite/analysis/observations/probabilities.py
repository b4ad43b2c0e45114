"""What is worth saying of probabilities: whose are better than those of the best, and whether they can be believed."""

from __future__ import annotations

from collections.abc import Iterator

from suite.analysis.board import Board
from suite.analysis.observations.support import LEAST_ROWS, beats_floor, leading, share_between
from suite.analysis.words import class_name, percent, points
from suite.metrics import METRICS

TRUSTED = 0.02
"""By how much probabilities may be off before it is worth a sentence; the whole interval has to lie beyond."""


def better_probabilities(board: Board) -> Iterator[str]:
    """Yield which model has really a better log loss than the best by the board's metric; both have to have skill."""
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
    if not all(beats_floor(board, row) for row in board.ranked if row.model in (lowest, best.model)):
        return
    metric = METRICS[board.metric].within_sentence
    by_metric = comparisons.pair(board.metric, lowest, best.model)
    if by_metric is not None and by_metric.is_real:
        opening = f"{lowest} is behind {best.model} by {metric}, but"
    else:
        opening = f"No test tells {lowest} from {best.model} by {metric}, but {lowest}"
    yield f"{opening} gives better probabilities: log loss {low} against {high}."


def calibration(board: Board) -> Iterator[str]:
    """Yield how far the probabilities of the leading model are off, and to which side, where that is beyond chance.

    The interval of the calibration error takes rows as independent: nothing is said of groups of rows, nor of rows that
    were tested several times.
    """
    row = leading(board)
    found = board.calibration.get(row.model) if row else None
    if row is None or found is None or not (_has_independent_rows(board) and beats_floor(board, row)):
        return
    if found.rows < LEAST_ROWS or found.ece_low < TRUSTED:
        return
    said, seen = (
        sum(getattr(part, name) * part.rows for part in found.curve) / found.rows
        for name in ("probability", "share")
    )
    low, high = share_between(seen * found.rows, found.rows)
    off = f"The probabilities that {row.model} gives its answers are off by {points(found.ece)} on average"
    if low <= said <= high:
        yield f"{off}."
    elif found.event == "positive":
        of_it = (
            f"{percent(said)} of the rows to be {class_name(board.positive or '')}, and {percent(seen)} are"
        )
        yield f"{off}: it expects {of_it}."
    else:
        how = "overconfident" if said > seen else "underconfident"
        yield f"{row.model} is {how}: it expects to be right in {percent(said)} of the rows, and is in {percent(seen)}."


def _has_independent_rows(board: Board) -> bool:
    compared = board.comparisons
    if compared is None:  # of one model alone
        return not board.protocol.startswith("grouped:")
    is_repeated = any(standing.method == "corrected_t" for standing in compared.standings.values())
    return compared.n_groups is None and not is_repeated
