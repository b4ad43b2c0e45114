"""What a document is made of: sections of sentences, columns and matrices; values stay plain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from operator import attrgetter
from typing import Any, Literal

from suite.analysis.confusion import Matrix, mistakes
from suite.report.drawing import Drawing
from suite.report.text import NONE, inert, percent, shortened

SCREEN, BRIEF, FILE, PAGE = "screen", "brief", "file", "page"
"""Where a column may be shown: on screens, in a summary, in files. A page shows what screens and files do."""
EVERYWHERE = (SCREEN, BRIEF, FILE)


@dataclass(frozen=True)
class Field:
    """A column: how a row yields its value, and how that is shown."""

    title: str
    """Ours; a screen may break it at a line end."""
    value: Callable[[Any], Any]
    """Returns the plain value of a row, or None."""
    show: Callable[[Any], str] = str
    """Writes a value that is not None."""
    importance: int = 0
    """Screens leave fields of less importance out first; of equal ones, the last."""
    _: KW_ONLY
    on: tuple[str, ...] = (SCREEN, FILE)
    mark: Callable[[Any], str] = lambda _: ""
    """Returns how a value stands out: `first`, `published`, `best`, `tied`, `bold`, `good`, `bad`, or not at all."""
    text: bool = False
    """Words, which may be the user's. All else is our own, and right-aligned."""
    least: int = 0
    """Screens may cut a text to this width; 0: they show it whole or not at all."""
    most: int | None = None
    """Screens always cut a text to this width."""
    fold: bool = False
    """Whether screens break a text that is too long into lines instead of cutting it."""
    name: str = ""
    """What the user calls the thing whose column it is; the title is then its short label."""
    published: bool = False
    """Whether that thing is a model that was not run here."""
    link: Callable[[Any], str] | None = None
    """Returns the folder of the page that a row's value leads to."""
    metric: str = ""
    """Whose scores they are, if they are scores."""

    def words(self, row: Any, *, cut: bool = False) -> str:
        """Return a row's value on one line; where it is for a screen, cut to what that allows."""
        value = self.value(row)
        text = NONE if value is None else inert(self.show(value))
        return shortened(text, self.most) if cut and self.most else text


@dataclass(frozen=True)
class Grid:
    """Fields side by side, a line a row."""

    fields: Sequence[Field]
    rows: Sequence[Any]
    notes: Sequence[str] = ()
    """Sentences below."""
    whole: bool = True
    """Whether a screen says which columns it has left out."""

    @property
    def filled(self) -> list[Field]:
        """The fields in which any row has a value."""
        return [f for f in self.fields if any(f.value(row) not in (None, "") for row in self.rows)]

    def __bool__(self) -> bool:
        return bool(self.rows)


@dataclass(frozen=True)
class Sentences:
    """Lines of text."""

    texts: Sequence[str]
    form: Literal["list", "paragraphs", "shell"] = "list"

    def __bool__(self) -> bool:
        return any(self.texts)


@dataclass(frozen=True)
class Heat:
    """The confusion matrix of a model."""

    model: str
    counts: Matrix
    classes: Sequence[str]
    folded: bool = False
    """Whether a page shows it only when asked."""

    def mistakes(self, most: int) -> Grid:
        """Return the most frequent mistakes, for where the matrix is too wide."""
        found = mistakes(self.counts)
        shown = f"{min(most, len(found))} of {len(found)} kinds of mistakes"
        return Grid(
            [
                Field("True class", lambda m: self.classes[m.true], importance=9, text=True, least=12),
                Field("Taken for", lambda m: self.classes[m.predicted], importance=9, text=True, least=12),
                Field("Rows", attrgetter("rows"), importance=8),
                Field("Of the\nclass", attrgetter("share"), percent, 7),
            ],
            found[:most],
            [f"The matrix of {len(self.classes)} classes is too wide here; {shown}."],
        )


@dataclass(frozen=True)
class Plot:
    """A figure."""

    drawing: Drawing


Block = Grid | Sentences | Heat | Plot


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it."""

    heading: str
    blocks: Sequence[Block] = ()
    level: int = 2
    """1: the title of a page; 2: a section; 3: no more than a line in bold."""
    name: str = ""
    """Ours, to be linked to."""


Document = Sequence[Section]


def kept(sections: Iterable[Section], kind: str = SCREEN) -> Document:
    """Return titles and the sections in which something stands, with the columns of one kind of face."""

    def of(block: Block) -> Block:
        if isinstance(block, Grid):
            return replace(block, fields=_shown(block.fields, kind))
        return block

    full = [replace(section, blocks=[of(block) for block in section.blocks if block]) for section in sections]
    return [section for section in full if section.blocks or section.level == 1]


def _shown(fields: Sequence[Field], kind: str) -> list[Field]:
    """Return the columns of a kind of face; a page takes that of a file where a screen has one of the same title."""
    if kind != PAGE:
        return [field for field in fields if kind in field.on]
    of_files = {field.title for field in fields if FILE in field.on}
    return [f for f in fields if FILE in f.on or (SCREEN in f.on and f.title not in of_files)]
