"""Sentences of the answer that help to choose: the cheapest of the tied, what is near enough, what is too slow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import itemgetter
from typing import NamedTuple, get_args

from suite.analysis.amounts import POINT, named, size
from suite.analysis.board import Board, Row
from suite.config import View
from suite.metrics import METRICS
from suite.schema import Family

SIMPLE = tuple(family for family in get_args(Family) if family != "baseline")
"""Families, the simplest first."""
CHEAPER = 1.5
"""How many times less a model has to take before it is named for it."""


class _Cost(NamedTuple):
    """What a model takes for one thing."""

    key: str
    """Of `Row.timing`."""
    doing: str
    least: float
    """What has to be saved, in the unit of the key: nobody minds less."""
    shown: Callable[[float], str]


def _seconds(value: float) -> str:
    return f"{value:.2g} s" if value < 10 else f"{value:.0f} s"


_COSTS = (
    _Cost("cost_s", "to fit", 0.5, _seconds),
    _Cost("latency_ms_p50", "to ask", 0.5, lambda value: f"{value:.2g} ms a row"),
)


def cheapest(board: Board, view: View) -> Iterator[str]:
    """Say which of the models that may be best is cheaper than the first of them, to fit and to ask."""
    tied = [row for row in board.tied if row.family != "baseline"]
    if len(tied) < 2:
        return
    said: dict[str, list[str]] = {}
    for key, doing, least, shown in _COSTS:
        timed = [(took, row.model) for row in tied if (took := row.timing.get(key)) is not None]
        own = tied[0].timing.get(key)
        if own is None or len(timed) < 2:
            continue
        took, model = min(timed, key=itemgetter(0, 1))
        if key == "cost_s" and any(row.timing.get("search_s") for row in tied):
            doing = "to search for and fit"
        if took * CHEAPER <= own and own - took >= least:
            said.setdefault(model, []).append(f"{doing} ({shown(took)}; {tied[0].model} {shown(own)})")
    if said:
        word = "cheaper" if len(tied) == 2 else "cheapest"
        text = " and ".join(f"{model} is the {word} {' and '.join(done)}" for model, done in said.items())
        yield f"Of those that may be the best, {text}."


def simplest(board: Board, view: View) -> Iterator[str]:
    """Name the simplest model within what was asked for."""
    near = _within(board, view)
    if near:
        model = min(near, key=lambda row: (SIMPLE.index(row.family), row.rank))
        yield f"{_opening(view)}, {model.model} is the simplest ({model.family}){_reach(board, model)}."
    elif view.within:
        yield f"No other model is within {_points(view)} of the best."


def fastest(board: Board, view: View) -> Iterator[str]:
    """Name the fastest model within what was asked for."""
    timed = [(took, row) for row in _within(board, view) if (took := row.timing.get("cost_s")) is not None]
    if timed:
        took, model = min(timed, key=lambda pair: (pair[0], pair[1].rank))
        yield f"{_opening(view)}, {model.model} fits fastest ({_seconds(took)}){_reach(board, model)}."


def slow(board: Board, view: View) -> Iterator[str]:
    """Say which models were left out because they are slower than was asked for."""
    if board.slow:
        verb = "is" if len(board.slow) == 1 else "are"
        yield f"{named(board.slow)} {verb} left out: slower than {view.max_latency_ms:g} ms a row."


def _within(board: Board, view: View) -> list[Row]:
    """Return the models near the best, the best too, unless it is alone."""
    best = board.best.scores[board.metric] if board.best else None
    if view.within is None or best is None:
        return []
    asked = [row for row in board.ranked if row.family != "baseline"]
    scored = [(row, value) for row in asked if (value := row.scores[board.metric]) is not None]
    near = [row for row, value in scored if abs(best - value) <= view.within * POINT + 1e-12]
    return near if any(row is not board.best for row in near) else []


def _opening(view: View) -> str:
    return f"Within {_points(view)} of the best"


def _points(view: View) -> str:
    return f"{view.within:g} point{'' if view.within == 1 else 's'}"


def _reach(board: Board, row: Row) -> str:
    """Say how far behind a model may truly be."""
    if row.to_best is None:
        return ""
    metric = METRICS[board.metric]
    most = max(-row.to_best.low, 0.0) if metric.higher_is_better else max(row.to_best.high, 0.0)
    return f"; it may be up to {size(most, metric)} behind"
