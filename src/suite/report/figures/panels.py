"""Small figures of one kind beside and below each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from suite.analysis.board import Board
from suite.report.drawing import WIDTH, Mark, Point, Words, fitted
from suite.report.figures.axes import SMALL
from suite.report.figures.legend import Sign, legend

ACROSS = 3
LEFT, GAP, HEAD, FOOT = 46.0, 12.0, 26.0, 40.0
"""Room in a panel: left of the axis, right of it, above it and below it."""
TOP = 26.0
"""Room above all of them, for the legend."""


class Panel(NamedTuple):
    """Where one of them has its axes, in px."""

    left: float
    top: float
    right: float
    bottom: float


def panels(
    board: Board,
    shown: Sequence[tuple[str, Callable[[Panel], Iterable[Mark]]]],
    height: float,
    signs: Sequence[tuple[Sign, str]],
    note: str,
) -> tuple[list[Mark], float]:
    """Draw a panel for each model, a legend and a note above them all, and say how high the whole is.

    `height` is that of the axes; the name of the best model is bold.
    """
    best = board.best.model if board.best else None
    places, end = _places(len(shown), height)
    marks: list[Mark] = []
    for place, (model, draw) in zip(places, shown, strict=True):
        words = fitted(model, place.right - place.left - 4)
        marks.append(Words(place.left, place.top - 10, words, bold=model == best))
        marks += draw(place)
    marks += legend(signs, 8)
    marks.append(Words(WIDTH - GAP, 16, note, "faint", anchor="end", size=SMALL))
    return marks, end - 4


def _places(n: int, height: float) -> tuple[list[Panel], float]:
    """Return the places of `n` panels, rows first, and where the last ends."""
    width, whole = WIDTH / ACROSS, HEAD + height + FOOT
    found = []
    for i in range(n):
        x, y = i % ACROSS * width, TOP + i // ACROSS * whole + HEAD
        found.append(Panel(x + LEFT, y, x + width - GAP, y + height))
    return found, TOP + -(-n // ACROSS) * whole


def thinned(points: Sequence[Point], most: int = 160) -> list[Point]:
    """Return at most about so many of the points of a line, the first and the last among them."""
    if len(points) <= most:
        return list(points)
    step = len(points) / most
    kept = [points[int(i * step)] for i in range(most)]
    return [*kept, points[-1]]
