"""What is worth saying of searches: which were worth it, which ended worse, and of how many neither is sure."""

from __future__ import annotations

from collections.abc import Iterator

from suite.analysis.amounts import bare, named, size
from suite.analysis.board import Board
from suite.analysis.gains import Gain
from suite.analysis.observations.support import LEAST_ROWS
from suite.metrics import METRICS


def searches(board: Board) -> Iterator[str]:
    """Yield what searches gave on test rows, beside the same models as their entries have them."""
    if board.comparisons is None or board.comparisons.n_rows < LEAST_ROWS:
        return
    found = [gain for gain in board.gains if gain.pair]
    better = [gain for gain in found if _real(gain) and _gained(gain, board) > 0]
    worse = [gain for gain in found if _real(gain) and _gained(gain, board) < 0]
    for group, word in ((better, "better"), (worse, "worse")):
        if group:
            most = max(group, key=lambda gain: abs(_gained(gain, board)))
            more = f", and so did {len(group) - 1} more" if len(group) > 1 else ""
            yield f"{most.model} ended {_by(most, board)} {word} than its default{more}."
    open_ = [gain.model for gain in found if not (_real(gain) or gain.is_default)]
    if open_:
        what = "the search" if len(open_) == 1 else "the searches"
        yield f"Whether {what} helped {named(open_)} the test rows do not tell."


def _real(gain: Gain) -> bool:
    return gain.pair is not None and gain.pair.is_real


def _gained(gain: Gain, board: Board) -> float:
    """Return by how much a row is better than its default's, whatever the metric's direction."""
    sign = 1 if METRICS[board.metric].higher_is_better else -1
    return sign * gain.pair.difference if gain.pair else 0.0


def _by(gain: Gain, board: Board) -> str:
    assert gain.pair is not None
    metric = METRICS[board.metric]
    ends = " to ".join(bare(end, metric) for end in sorted((abs(gain.pair.low), abs(gain.pair.high))))
    return f"{size(abs(gain.pair.difference), metric)} ({ends})"
