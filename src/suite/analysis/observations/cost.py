"""What is worth saying of cost: what the last bit of score costs in time."""

from __future__ import annotations

from collections.abc import Iterator

from suite.analysis.board import Board, Row
from suite.analysis.observations.support import LEAST_ROWS
from suite.analysis.words import points
from suite.metrics import METRICS

NEAR = 0.02
"""How far below the best score a faster model may stay."""
FASTER = 10.0
"""How many times faster it has to be: a busy machine alone makes a fit two or three times as long."""
SLOW_S = 1.0
"""Nobody waits for a fit that takes less."""
CLOCK_S = 1e-6
"""Records have six decimals: no fit can be told to take less."""


def cost(board: Board) -> Iterator[str]:
    """Yield how much longer the best takes than the fastest model that is really, but little, worse."""
    best, comparisons = board.best, board.comparisons
    slow = best.timing.get("cost_s") if best else None
    if best is None or slow is None or slow < SLOW_S or comparisons is None or len(board.machines) > 1:
        return
    if comparisons.n_rows < LEAST_ROWS or not METRICS[board.metric].higher_is_better:
        return
    tied = comparisons.tied(board.metric)
    near = []
    for row in board.ranked:
        pair = comparisons.pair(board.metric, best.model, row.model)
        fit = row.timing.get("cost_s")
        if pair is None or row.family == "baseline" or row.model in tied or not fit:
            continue
        fit = max(fit, CLOCK_S)
        if pair.is_real and 0 < pair.difference <= NEAR and slow / fit >= FASTER:
            near.append((fit, row.model, pair))
    if near:
        fit, model, pair = min(near, key=lambda found: found[0])
        metric = METRICS[board.metric].within_sentence
        yield (
            f"{best.model} is {points(pair.difference)} of {metric} better than {model} and takes "
            f"{_rounded(slow / fit):,} times as long {_doing(best)}."
        )


def _doing(row: Row) -> str:
    """Return what takes a model's time."""
    return "to search for and fit" if row.timing.get("search_s") else "to fit"


def _rounded(ratio: float) -> int:
    """Return a ratio with two digits that count: clocks give no more."""
    return int(float(f"{ratio:.2g}"))
