"""Ranked models with the intervals of their scores, the best on top."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from statistics import quantiles

from suite.analysis.board import Board, Row
from suite.metrics import METRICS, Metric
from suite.report.drawing import Dot, Drawing, Line, Mark, Rect, Words, fitted, text_width
from suite.report.figures.axes import SMALL, Axis, below, linear
from suite.report.text import inert, number, shortened
from suite.report.wording import LONG_NAME

WIDTH = 720.0
NAMES, FIGURES = 196.0, 64.0
"""Room for names on the left, and for numbers on the right."""
TOP, MANY = 28.0, 24
"""Room for the legend; more models than this stand closer."""
FAR = 3.0
"""A model this many times as far from the best as three of four are stands at the edge."""


def ranking(board: Board) -> Drawing | None:
    """Draw the ranked models with their intervals; None if no model has a score."""
    metric = METRICS[board.metric]
    rows = [row for row in board.rows if row.scores[board.metric] is not None]
    best = board.best
    if best is None:
        return None
    pitch = 22.0 if len(rows) <= MANY else 17.0
    bottom = TOP + pitch * len(rows) + 4
    axis = _axis(board, NAMES + 14, WIDTH - FIGURES - 10)
    marks: list[Mark] = []
    for place, row in enumerate(rows):
        if row.tied and len(board.tied) > 1:
            marks.append(Rect(0, TOP + pitch * place, WIDTH, pitch, "tied"))
    better = "" if metric.higher_is_better else ", better to the right"
    marks += below(axis, TOP, bottom, f"{metric.label}{better}")
    for place, row in enumerate(rows):
        marks += _row(board, row, axis, TOP + pitch * place, pitch)
    marks += _legend(board, rows)
    return Drawing(
        name="ranking",
        title=f"Models by {metric.within_sentence}",
        alt=_alt(board, best, metric),
        width=WIDTH,
        height=bottom + 42,
        marks=marks,
    )


def _axis(board: Board, left: float, right: float) -> Axis:
    """Return the axis that shows the models that matter at a scale at which they can be told apart."""
    metric = METRICS[board.metric]
    shown = [row for row in board.rows if row.rank is None or row.family != "baseline"]
    scores = [s for row in shown or board.rows if (s := row.scores[board.metric]) is not None]
    ranked = [row.scores[board.metric] or 0.0 for row in board.ranked if row.family != "baseline"]
    best = (max if metric.higher_is_better else min)(ranked or scores)
    reach = max(abs(score - best) for score in scores)
    if len(ranked) > 3:
        most = FAR * quantiles((abs(score - best) for score in ranked), n=4)[2]
        reach = min(reach, most) if most > 0 else reach
    ends = [best, *(s for s in scores if abs(s - best) <= reach)]
    for row in board.ranked:
        if row.interval and abs((row.scores[board.metric] or 0.0) - best) <= reach:
            # Of a few rows, intervals are far wider than the models are apart.
            ends += [row.interval.low, row.interval.high]
    low, high = min(ends), max(ends)
    return (
        linear(low, high, left, right, n=7)
        if metric.higher_is_better
        else linear(low, high, right, left, n=7)
    )


def _row(board: Board, row: Row, axis: Axis, top: float, pitch: float) -> Iterator[Mark]:
    metric, y = METRICS[board.metric], top + pitch / 2
    score = row.scores[board.metric]
    assert score is not None
    quiet = row.rank is None or row.family == "baseline"
    first = row.rank == 1
    if row.tied and len(board.tied) > 1:
        yield Words(8, y + 4, "=", "accent", bold=True)
    name = fitted(row.model, NAMES - 24)
    yield Words(NAMES, y + 4, name, "faint" if quiet else "ink", anchor="end", bold=first)
    x = axis.at(score)
    if row.interval and axis.holds(score):
        low, high = axis.at(row.interval.low), axis.at(row.interval.high)
        yield Line([(low, y), (high, y)], "faint" if quiet else "accent", width=2.0)
    if axis.holds(score):
        yield Dot(x, y, 4.5, "faint" if quiet else "accent", ring=row.rank is None)
    else:
        inward = 7.0 if x < (axis.start + axis.end) / 2 else -7.0
        yield Line([(x + inward, y - 4), (x, y), (x + inward, y + 4)], "faint", width=1.5)
    figure = number(score, metric.fmt)
    yield Words(WIDTH - 8, y + 4, figure, "faint" if quiet else "ink", anchor="end", bold=first)
    yield Rect(0, top, WIDTH, pitch, "paper", opacity=0, tip=_tip(board, row, metric))


def _tip(board: Board, row: Row, metric: Metric) -> str:
    parts = [f"{inert(row.model)}: {metric.within_sentence} {number(row.scores[board.metric], metric.fmt)}"]
    if row.interval:
        ends = (number(end, metric.fmt) for end in (row.interval.low, row.interval.high))
        parts.append(f"95 % interval {' to '.join(ends)}")
    if row.rank is not None:
        parts.append(f"rank {row.rank}")
    else:
        parts.append("published, not ranked" if row.source != "run" else "not ranked")
    if row.tied and len(board.tied) > 1:
        parts.append("may be the best")
    return ", ".join(parts)


def _legend(board: Board, rows: list[Row]) -> Iterator[Mark]:
    """Say above the models what signs mean, those alone that are there."""
    x, y = NAMES + 14, 16.0
    if any(row.interval for row in rows):
        yield Line([(x, y - 4), (x + 22, y - 4)], "accent", width=2.0)
        yield Dot(x + 11, y - 4, 4.5)
        x = yield from _said(x + 30, "score and 95 % interval")
    if len(board.tied) > 1:
        yield Rect(x, y - 14, 22, 18, "tied")
        yield Words(x + 7, y, "=", "accent", bold=True)
        x = yield from _said(x + 30, "may be the best")
    if any(row.rank is None for row in rows):
        yield Dot(x + 5, y - 4, 4.5, "faint", ring=True)
        published = all(row.source != "run" for row in rows if row.rank is None)
        x = yield from _said(x + 16, "published" if published else "not ranked")


def _said(x: float, text: str) -> Generator[Mark, None, float]:
    yield Words(x, 16, text, "faint", size=SMALL)
    return x + text_width(text, SMALL) + 18


def _alt(board: Board, best: Row, metric: Metric) -> str:
    name = shortened(inert(best.model), LONG_NAME)
    text = f"{name} leads with {number(best.scores[board.metric], metric.fmt)}"
    if board.tied:
        n = len([row for row in board.tied if row is not best])
        others = f"{n} of the {len(board.ranked) - 1} other models" if n else "no other model"
        text += f"; {others} may be as good"
    return text + "."
