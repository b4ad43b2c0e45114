"""Small figures of one kind beside and below each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from suite.report.drawing import WIDTH, Mark, Point, Words, fitted

ACROSS = 3
LEFT, GAP, HEAD, FOOT = 46.0, 12.0, 26.0, 40.0
"""Room in a panel: left of the axis, right of it, above it and below it."""


class Panel(NamedTuple):
    """Where one of them has its axes, in px."""

    left: float
    top: float
    right: float
    bottom: float


def panels(n: int, height: float, top: float) -> tuple[list[Panel], float]:
    """Return the places of `n` panels, rows first, and where the last ends; `height` is that of the axes."""
    width, whole = WIDTH / ACROSS, HEAD + height + FOOT
    found = []
    for i in range(n):
        x, y = i % ACROSS * width, top + i // ACROSS * whole + HEAD
        found.append(Panel(x + LEFT, y, x + width - GAP, y + height))
    return found, top + -(-n // ACROSS) * whole


def headed(panel: Panel, name: object, bold: bool = False) -> Iterator[Mark]:
    """Write a panel's name above it."""
    words = fitted(name, panel.right - panel.left - 4)
    yield Words(panel.left, panel.top - 10, words, bold=bold)


def thinned(points: Sequence[Point], most: int = 160) -> list[Point]:
    """Return at most about so many of the points of a line, the first and the last among them."""
    if len(points) <= most:
        return list(points)
    step = len(points) / most
    kept = [points[int(i * step)] for i in range(most)]
    return [*kept, points[-1]]
