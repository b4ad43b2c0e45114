"""What the signs of a figure mean, in a row above it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from suite.report.drawing import Dot, Line, Mark, Rect, Role, Words, text_width
from suite.report.figures.axes import SMALL

Sign = Callable[[float, float], Sequence[Mark]]
"""Draws a sign that begins at x and has its middle at y, 22 px wide."""
SIGN, APART = 22.0, 16.0


def legend(entries: Sequence[tuple[Sign, str]], x: float, y: float = 12.0) -> Iterator[Mark]:
    """Draw signs and what they mean, from x on, with their middle at y."""
    for sign, text in entries:
        yield from sign(x, y)
        yield Words(x + SIGN + 6, y + 4, text, "faint", size=SMALL)
        x += SIGN + 6 + text_width(text, SMALL) + APART


def dot(role: Role = "accent", *, ring: bool = False) -> Sign:
    """Return a dot."""
    return lambda x, y: [Dot(x + SIGN - 6, y, 4.5, role, ring=ring)]


def line(role: Role = "accent", *, width: float = 2.0, dashed: bool = False) -> Sign:
    """Return a line."""
    return lambda x, y: [Line([(x, y), (x + SIGN, y)], role, width=width, dashed=dashed)]


def interval(role: Role = "accent") -> Sign:
    """Return a dot on its interval."""
    return lambda x, y: [*line(role)(x, y), Dot(x + SIGN / 2, y, 4.5, role)]


def swatch(role: Role, opacity: float = 1.0, sign: str = "", ink: Role = "ink") -> Sign:
    """Return a box, with what stands in it."""

    def draw(x: float, y: float) -> Sequence[Mark]:
        box = Rect(x, y - 9, SIGN, 18, role, opacity=opacity)
        word = Words(x + SIGN / 2, y + 4, sign, ink, anchor="middle", size=SMALL)
        return [box, word] if sign else [box]

    return draw


def tied() -> Sign:
    """Return the sign of models that may be the best."""
    return lambda x, y: [
        Rect(x, y - 9, SIGN, 18, "tied"),
        Words(x + SIGN / 2, y + 4, "=", "accent", anchor="middle", bold=True),
    ]
