"""Ranked models with the intervals of their scores, the best on top."""

from __future__ import annotations

from collections.abc import Iterator

from suite.analysis.board import Board, Row
from suite.metrics import METRICS, Metric
from suite.report.drawing import WIDTH, Dot, Drawing, Group, Line, Mark, Rect, Words, fitted
from suite.report.figures.axes import Axis, below
from suite.report.figures.legend import Sign, dot, interval, legend, tied
from suite.report.figures.scale import score_axis
from suite.report.text import inert, number, shortened
from suite.report.wording import LONG_NAME

NAMES, FIGURES = 196.0, 64.0
"""Room for names on the left, and for numbers on the right."""
TOP, MANY = 28.0, 24
"""Room for the legend; more models than this stand closer."""


def ranking(board: Board) -> Drawing | None:
    """Draw the ranked models with their intervals; None if no model has a score."""
    metric = METRICS[board.metric]
    rows = [row for row in board.rows if row.scores[board.metric] is not None]
    best = board.best
    if best is None:
        return None
    pitch = 22.0 if len(rows) <= MANY else 17.0
    bottom = TOP + pitch * len(rows) + 4
    axis = score_axis(board, rows, NAMES + 14, WIDTH - FIGURES - 10, intervals=True)
    marks: list[Mark] = []
    for place, row in enumerate(rows):
        if row.tied and len(board.tied) > 1:
            marks.append(Rect(0, TOP + pitch * place, WIDTH, pitch, "tied"))
    better = "" if metric.higher_is_better else ", better to the right"
    marks += below(axis, TOP, bottom, f"{metric.label}{better}")
    for place, row in enumerate(rows):
        marks.append(Group([*_row(board, row, axis, TOP + pitch * place, pitch)], _tip(board, row, metric)))
    marks += legend(_signs(board, rows), NAMES + 14)
    return Drawing(
        name="ranking",
        title=f"Models by {metric.within_sentence}",
        alt=_alt(board, best, metric),
        width=WIDTH,
        height=bottom + 42,
        marks=marks,
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
    yield Rect(0, top, WIDTH, pitch, "paper", opacity=0)


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


def _signs(board: Board, rows: list[Row]) -> list[tuple[Sign, str]]:
    """Return the signs that are there, and what they mean."""
    signs: list[tuple[Sign, str]] = []
    if any(row.interval for row in rows):
        signs.append((interval(), "score and 95 % interval"))
    if len(board.tied) > 1:
        signs.append((tied(), "may be the best"))
    if unranked := [row for row in rows if row.rank is None]:
        published = all(row.source != "run" for row in unranked)
        signs.append((dot("faint", ring=True), "published, not ranked" if published else "not ranked"))
    return signs


def _alt(board: Board, best: Row, metric: Metric) -> str:
    name = shortened(inert(best.model), LONG_NAME)
    text = f"{name} leads with {number(best.scores[board.metric], metric.fmt)}"
    if board.tied:
        n = len([row for row in board.tied if row is not best])
        others = f"{n} of the {len(board.ranked) - 1} other models" if n else "no other model"
        text += f"; {others} may be as good"
    return text + "."
