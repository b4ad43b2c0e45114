"""Scores against what they cost: the time to fit a model, and to ask it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from suite.analysis.board import Board
from suite.analysis.front import At, paid, pareto
from suite.analysis.words import listed
from suite.metrics import METRICS, Metric
from suite.report.drawing import WIDTH, Dot, Drawing, Group, Line, Mark, Point, Words
from suite.report.figures.axes import Axis, below, beside, logarithmic
from suite.report.figures.labels import Box, Label, around, placed
from suite.report.figures.legend import Sign, dot, legend, line
from suite.report.figures.scale import score_axis
from suite.report.text import inert, milliseconds, number, seconds, shortened
from suite.report.wording import LONG_NAME

LEFT, RIGHT, TOP, BOTTOM = 62.0, 708.0, 58.0, 370.0
RADIUS = 5.0


class Cost(NamedTuple):
    """A cost of models: the figure's name, how it is called, and how an amount is told."""

    name: str
    key: str
    title: str
    axis: str
    words: Callable[[float], str]


def fit_time(board: Board) -> Drawing | None:
    """Draw scores against the time to fit, and to search where there was a search; None without two models."""
    searched = any(row.timing.get("search_s") for row in board.ranked)
    what = "seconds to search and fit" if searched else "seconds to fit"
    return _drawn(board, Cost("fit-time", "cost_s", "the time to fit", f"{what} (log)", seconds))


def latency(board: Board) -> Drawing | None:
    """Draw scores against the time for one row; None without two models."""
    what = "milliseconds for one row, median (log)"
    return _drawn(board, Cost("latency", "latency_ms_p50", "the time for one row", what, milliseconds))


def _drawn(board: Board, cost: Cost) -> Drawing | None:
    metric = METRICS[board.metric]
    points = paid(board, cost.key)
    if len(points) < 2:
        return None
    x = logarithmic(min(p.cost for p in points), max(p.cost for p in points), LEFT, RIGHT)
    y = score_axis(board, [p.row for p in points], BOTTOM, TOP)
    front = pareto(points, metric)
    better = "" if metric.higher_is_better else ", better above"
    marks: list[Mark] = [
        *below(x, TOP, BOTTOM, cost.axis),
        *beside(y, LEFT, RIGHT, f"{metric.label}{better}"),
    ]
    steps = _steps([(x.at(p.cost), y.at(p.score)) for p in front], RIGHT)
    marks.append(Line(steps, "accent", width=1.5, dashed=True))
    for point in reversed(points):
        marks.append(Group(_dot(board, point, x, y, point in front), _tip(point, metric, cost)))
    marks += _names(points, front, x, y, steps)
    marks += legend(_signs(board), 8)
    named = listed([shortened(inert(p.row.model), LONG_NAME) for p in front])
    return Drawing(
        name=cost.name,
        title=f"{metric.label} against {cost.title}",
        alt=f"No other model is both better and faster than {named}.",
        width=WIDTH,
        height=BOTTOM + 44,
        marks=marks,
    )


def _steps(front: Sequence[Point], end: float) -> list[Point]:
    """Return the line of the best that each cost buys."""
    found = [front[0]]
    for (_, before), (x, y) in pairwise(front):
        found += [(x, before), (x, y)]
    return [*found, (end, front[-1][1])]


def _dot(board: Board, point: At, x: Axis, y: Axis, on_front: bool) -> list[Mark]:
    left, top = x.at(point.cost), y.at(point.score)
    marks: list[Mark] = []
    if y.holds(point.score):
        ring = bool(board.tied) and not point.row.tied
        # A ring on paper, so that lines do not run through it.
        marks = [Dot(left, top, RADIUS, "paper")] if ring else []
        marks.append(Dot(left, top, RADIUS, "accent" if on_front else "faint", ring=ring))
    else:
        marks.append(Line([(left - 4, top - 7), (left, top), (left + 4, top - 7)], "faint", width=1.5))
    return marks


def _names(
    points: Sequence[At], front: Sequence[At], x: Axis, y: Axis, steps: Sequence[Point]
) -> list[Words]:
    """Return names beside the points, those of the front first."""
    dots = [around(x.at(p.cost), y.at(p.score), RADIUS + 1) for p in points]
    lines = [
        Box(min(a, c) - 1, min(b, d) - 1, max(a, c) + 1, max(b, d) + 1) for (a, b), (c, d) in pairwise(steps)
    ]
    order = [*front, *(p for p in points if p not in front)]
    labels = [
        Label(p.row.model, (x.at(p.cost), y.at(p.score)), "ink" if p in front else "faint", p.row.rank == 1)
        for p in order
    ]
    return placed(labels, [*dots, *lines], Box(LEFT, TOP - 14, WIDTH, BOTTOM))


def _tip(point: At, metric: Metric, cost: Cost) -> str:
    name = inert(point.row.model)
    text = f"{name}: {metric.within_sentence} {number(point.score, metric.fmt)}, {cost.words(point.cost)}"
    search = point.row.timing.get("search_s") if cost.key == "cost_s" else None
    return text + (f" (search {seconds(search)})" if search else "")


def _signs(board: Board) -> list[tuple[Sign, str]]:
    signs: list[tuple[Sign, str]] = [(line(width=1.5, dashed=True), "best score for the time")]
    if board.tied:
        signs += [(dot(), "may be the best"), (dot("faint", ring=True), "is behind")]
    return signs
