"""What is worth saying of how networks were trained: too long, or not long enough."""

from __future__ import annotations

from collections.abc import Iterator

from suite.analysis.board import Board
from suite.analysis.curves import Curve
from suite.analysis.observations.support import LEAST_ROWS, share_between
from suite.analysis.words import percent

GAP = 0.05
"""By how much the accuracy on train rows has to be above that on validation rows."""
RISE = 1.02
"""How many times its lowest the validation loss has to be after the last epoch."""


def overfitting(board: Board) -> Iterator[str]:
    """Yield which models learnt their train rows at the cost of others, with both accuracies."""
    for model, curve in _ranked(board):
        if curve.train is None or curve.validation is None or curve.n_validation is None:
            continue
        if curve.best_epoch is None or curve.last_loss is None or curve.best_loss is None:
            continue
        n = curve.n_validation
        is_past = curve.best_epoch < curve.epochs and curve.last_loss >= RISE * curve.best_loss
        if n < LEAST_ROWS or not is_past:
            continue
        if share_between(curve.validation * n, n)[1] > curve.train - GAP:
            continue
        yield (
            f"{model} overfits: after epoch {curve.epochs} it gets {percent(curve.train)} of its train rows right, "
            f"but {percent(curve.validation)} of its validation rows; the loss on these was lowest after epoch "
            f"{curve.best_epoch}{_of(curve)}."
        )


def still_improving(board: Board) -> Iterator[str]:
    """Yield which models were still getting better when their training ended, with the size."""
    for model, curve in _ranked(board):
        if curve.window is None or curve.fall is None:
            continue
        yield (
            f"{model} was still improving when its training ended: its validation loss fell by {percent(curve.fall)} "
            f"over the last {curve.window} of {curve.epochs} epochs{_of(curve)}."
        )


def _ranked(board: Board) -> Iterator[tuple[str, Curve]]:
    return ((row.model, board.curves[row.model]) for row in board.ranked if row.model in board.curves)


def _of(curve: Curve) -> str:
    return f" (means over {curve.n_fits} fits)" if curve.n_fits > 1 else ""
