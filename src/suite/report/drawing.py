"""A figure as data: lines, shapes and words at places, in px, each in a role that has a colour on light and on dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Literal, NamedTuple, TypeAlias

from suite.report.text import inert, shortened

Point = tuple[float, float]
Role = Literal[
    "ink", "faint", "grid", "paper", "accent", "tied", "good", "bad", "heat", "loss",
    "series0", "series1", "series2", "series3", "series4", "series5", "series6", "series7",
]  # fmt: skip
SERIES: tuple[Role, ...] = (
    "series0", "series1", "series2", "series3", "series4", "series5", "series6", "series7"
)  # fmt: skip


class Colour(NamedTuple):
    """What a role looks like, on light paper and on dark."""

    light: str
    dark: str


COLOURS: Mapping[Role, Colour] = {
    "ink": Colour("#1d2430", "#e8ebf0"),
    "faint": Colour("#59616e", "#a3abb8"),
    "grid": Colour("#d9dee6", "#38404d"),
    "paper": Colour("#ffffff", "#14181f"),
    "accent": Colour("#1f5fa8", "#7fb2ec"),
    "tied": Colour("#e3eefb", "#1d2f45"),
    "good": Colour("#1b7340", "#6cc793"),
    "bad": Colour("#b3261e", "#f2938c"),
    "heat": Colour("#1f5fa8", "#5b9be0"),
    "loss": Colour("#b3541e", "#e59a63"),
    # P. Tol, Colour schemes, SRON technical note 3.2 (2021): the vibrant scheme, told apart by most eyes.
    "series0": Colour("#0077bb", "#4fb0ea"),
    "series1": Colour("#cc3311", "#f0785c"),
    "series2": Colour("#00806f", "#3fc0af"),
    "series3": Colour("#b8530b", "#f09650"),
    "series4": Colour("#7b3fa0", "#c08ae0"),
    "series5": Colour("#c2185b", "#f27aa6"),
    "series6": Colour("#5f6b00", "#b5c244"),
    "series7": Colour("#4a5568", "#a9b4c4"),
}
WIDTH = 720.0
"""Of a page's column, in px."""
_WIDTHS = {"narrow": "fijlrtI.,:;'|!()[] -", "wide": "mwMW@%"}


@dataclass(frozen=True)
class Line:
    """A line through two points or more."""

    points: Sequence[Point]
    role: Role = "ink"
    _: KW_ONLY
    width: float = 1.0
    dashed: bool = False
    tip: str = ""
    """What a reader is told who points at it."""


@dataclass(frozen=True)
class Rect:
    """A filled rectangle, from its upper left corner."""

    x: float
    y: float
    width: float
    height: float
    role: Role = "ink"
    _: KW_ONLY
    opacity: float = 1.0
    tip: str = ""


@dataclass(frozen=True)
class Dot:
    """A point: filled, or a ring."""

    x: float
    y: float
    radius: float = 4.0
    role: Role = "accent"
    _: KW_ONLY
    ring: bool = False
    tip: str = ""


@dataclass(frozen=True)
class Words:
    """A line of text; `y` is its baseline."""

    x: float
    y: float
    text: str
    role: Role = "ink"
    _: KW_ONLY
    anchor: Literal["start", "middle", "end"] = "start"
    size: float = 12.0
    bold: bool = False
    turned: bool = False
    """Whether it is read from below to above."""
    tip: str = ""


@dataclass(frozen=True)
class Group:
    """Marks with one tip, which is told wherever on them a reader points."""

    marks: Sequence[Mark]
    tip: str


Mark: TypeAlias = "Line | Rect | Dot | Words | Group"


@dataclass(frozen=True)
class Drawing:
    """A figure: what is drawn, in the order in which it is, and what it says to those who cannot see it."""

    name: str
    """Of its file, without the ending: ours, `a-z0-9-`."""
    title: str
    alt: str
    """What the figure shows, in a sentence or two."""
    width: float
    height: float
    marks: Sequence[Mark]


def text_width(text: str, size: float = 12.0) -> float:
    """Return about how wide a text is in a plain sans-serif type; rather too much than too little."""
    units = sum(0.36 if c in _WIDTHS["narrow"] else 0.92 if c in _WIDTHS["wide"] else 0.6 for c in text)
    wide = sum(0.45 for c in text if ord(c) > 0x2E80)
    return size * (units + wide)


def fitted(text: object, width: float, size: float = 12.0) -> str:
    """Return a text on one line, its middle left out where it is wider than `width`."""
    words = inert(text)
    length = len(words)
    while length > 4 and text_width(words, size) > width:
        length -= 1
        words = shortened(inert(text), length)
    return words
