"""What is worth saying of a board, in sentences that are computed from it."""

from __future__ import annotations

from collections.abc import Iterator

from suite.analysis.board import Board, Observation, Row
from suite.analysis.confusion import confused
from suite.metrics import METRICS

CONFUSED = 0.10
"""Share of a class's rows from which on a confusion is worth a sentence."""
NAMED = 3
"""If more models share the best score, only their number is told."""
PAIRS = 2
"""Pairs of confused classes that are named at most."""
MUTUAL = 0.5
"""A confusion counts as mutual if the rarer direction has at least this share of the other's rate."""
NEAR = 0.01
"""How far below the best score a faster model may stay."""
FASTER = 2.0
"""How many times faster it must be."""


def observe(board: Board) -> Iterator[Observation]:
    """Yield the sentences that hold for this board, the most telling first."""
    for sentences in (_first, _hardest, _confusions, _log_loss, _baseline, _fastest):
        for text in sentences(board):
            yield Observation(text=text, timed=sentences is _fastest)


def _score(board: Board, row: Row) -> float:
    value = row.scores[board.metric]
    assert value is not None
    return value


def _first(board: Board) -> Iterator[str]:
    if len(board.ranked) < 2:
        return
    metric = METRICS[board.metric]
    one, two = board.ranked[:2]
    a, b = (format(_score(board, row), metric.fmt) for row in (one, two))
    label = metric.label[0].lower() + metric.label[1:] if not metric.label.isupper() else metric.label
    if a == b:
        tied = [row.model for row in board.ranked if format(_score(board, row), metric.fmt) == a]
        yield f"{_listed(tied) if len(tied) <= NAMED else f'{len(tied)} models'} share the best {label}, {a}."
        return
    text = f"{one.model} has the best {label}, {a}; {two.model} follows with {b}"
    if one.interval and two.interval:
        overlap = one.interval.low <= two.interval.high and two.interval.low <= one.interval.high
        text += ", and their intervals " + ("overlap" if overlap else "do not overlap")
    yield text + "."


def _hardest(board: Board) -> Iterator[str]:
    best = {name: pair for name, pair in board.best_f1.items() if pair is not None}
    if len(best) < 3:
        return
    hard, easy = (pick(best, key=lambda name: best[name][0]) for pick in (min, max))
    (low, model), (high, _) = best[hard], best[easy]
    if f"{low:.2f}" != f"{high:.2f}":
        many = len(board.ranked) > 1
        reach = f"no model gets an F1 above {low:.2f} ({model})" if many else f"its F1 is {low:.2f}"
        yield f"{hard} is the hardest class: {reach}; {easy} is the easiest, with {high:.2f}."


def _confusions(board: Board) -> Iterator[str]:
    first = board.best.model if board.best else ""
    telling = [pair for pair in confused(board.confusion.get(first, ())) if pair.there.share >= CONFUSED]
    for there, back in telling[:PAIRS]:
        true, other = board.classes[there.true], board.classes[there.predicted]
        share = _percent(back.share)
        if back.share >= MUTUAL * there.share:
            returned = f"and back in {share}"
        else:
            returned = f"but back in only {share}" if back.rows else "but never back"
        yield f"{true} is taken for {other} in {_percent(there.share)} of its rows, {returned} ({first})."


def _log_loss(board: Board) -> Iterator[str]:
    losses = {row.model: loss for row in board.ranked if (loss := row.scores["log_loss"]) is not None}
    if board.metric == "log_loss" or not board.best or len(losses) < 2:
        return
    lowest = min(losses, key=lambda model: losses[model])
    first = board.best.model
    if first in losses and f"{losses[first]:.2f}" != f"{losses[lowest]:.2f}":
        yield (
            f"{lowest} gives the best probabilities: its log loss is {losses[lowest]:.3f}, "
            f"that of {first} {losses[first]:.3f}."
        )


def _baseline(board: Board) -> Iterator[str]:
    dummy = next((row for row in board.ranked if row.family == "baseline"), None)
    others = [row for row in board.ranked if row.family != "baseline"]
    if not dummy or not others:
        return
    metric = METRICS[board.metric]
    sign = 1 if metric.higher_is_better else -1
    floor = _score(board, dummy)
    below = [row.model for row in others if sign * (_score(board, row) - floor) <= 0]
    if below:
        verb = "does" if len(below) == 1 else "do"
        yield f"{_listed(below)} {verb} no better than {dummy.model}, which does not look at the features."
    elif len(others) > 1:
        # Of one model, the first sentence has said it.
        last = others[-1]
        yield (
            f"Every model beats {dummy.model}, which does not look at the features and gets {floor:{metric.fmt}}; "
            f"the weakest of them, {last.model}, gets {_score(board, last):{metric.fmt}}."
        )


def _fastest(board: Board) -> Iterator[str]:
    metric, best = METRICS[board.metric], board.best
    slow = best.timing["fit_s"] if best else None
    if not best or not slow or not metric.higher_is_better:
        return
    near = [
        (fit, row)
        for row in board.ranked[1:]
        if (fit := row.timing["fit_s"]) and _score(board, best) - _score(board, row) <= NEAR
    ]
    if not near:
        return
    fit, row = min(near, key=lambda pair: pair[0])
    if slow / fit >= FASTER:
        gap = f"{100 * (_score(board, best) - _score(board, row)):.1f}"
        near_best = f"comes within {gap} points of" if gap != "0.0" else "does as well as"
        yield f"{row.model} {near_best} {best.model} and fits {slow / fit:.0f} times faster."


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share == 0 or share >= 0.005 else "<1 %"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
