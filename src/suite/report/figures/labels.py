"""Names beside points, where they cover nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from suite.report.drawing import Point, Role, Words, fitted, text_width

GAP, LONGEST = 8.0, 150.0


class Box(NamedTuple):
    """What is taken: left, top, right, bottom, in px."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Tell whether two boxes share room."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def within(self, other: Box) -> bool:
        """Tell whether all of it is inside another."""
        return (
            other.left <= self.left
            and self.right <= other.right
            and other.top <= self.top
            and self.bottom <= other.bottom
        )


class Label(NamedTuple):
    """A name for a point."""

    text: str
    at: Point
    role: Role = "ink"
    bold: bool = False


def placed(labels: Sequence[Label], taken: Sequence[Box], room: Box, size: float = 11.0) -> list[Words]:
    """Return the labels that find a place beside their points, the first first; the others are left out.

    None covers another, nor what is `taken`, and all are within the `room`.
    """
    boxes, found = list(taken), []
    for label in labels:
        text = fitted(label.text, LONGEST, size)
        width = text_width(text, size) * (1.06 if label.bold else 1.0)
        for words, box in _places(label, text, width, size):
            if box.within(room) and not any(box.meets(other) for other in boxes):
                boxes.append(box)
                found.append(words)
                break
    return found


def around(x: float, y: float, radius: float) -> Box:
    """Return the box that a point takes."""
    return Box(x - radius, y - radius, x + radius, y + radius)


def _places(label: Label, text: str, width: float, size: float) -> list[tuple[Words, Box]]:
    """Return where a label may stand: right, left, above, below, and the corners."""
    x, y = label.at
    anchors: tuple[tuple[float, float, Literal["start", "middle", "end"]], ...] = (
        (GAP, size / 3, "start"),
        (-GAP, size / 3, "end"),
        (0, -GAP, "middle"),
        (0, GAP + size * 0.8, "middle"),
        (GAP - 2, -GAP + 1, "start"),
        (GAP - 2, GAP + size * 0.6, "start"),
        (-GAP + 2, -GAP + 1, "end"),
        (-GAP + 2, GAP + size * 0.6, "end"),
    )
    found = []
    for dx, dy, anchor in anchors:
        left = x + dx - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
        words = Words(x + dx, y + dy, text, label.role, anchor=anchor, size=size, bold=label.bold)
        found.append((words, Box(left, y + dy - size * 0.8, left + width, y + dy + size * 0.25)))
    return found
