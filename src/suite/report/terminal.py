"""Documents for the terminal, as rich renderables: returned, never printed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from suite.analysis.confusion import shares
from suite.report.blocks import Block, Document, Field, Grid, Heat, Plot, Section, Sentences
from suite.report.text import abbreviations, inert, percent, plain, shortened, wrapped
from suite.report.wording import HOW_TO_READ

STYLES = {"first": "bold", "published": "italic", "best": "bold", "bold": "bold"}
STYLES |= {"good": "green", "bad": "bold red"}
SHADES = (
    (0.60, "#ffffff on #1f4e8c"),
    (0.30, "#ffffff on #3a6fb5"),
    (0.15, "#000000 on #8fb4e3"),
    (0.05, "#000000 on #c9dcf4"),
)
"""Lower ends of the shares of a row, and how counts from there on are painted."""
MISTAKES = 20
"""Kinds of mistakes that are listed where a matrix does not fit."""
_SIGNS = {"best": "*", "tied": "="}
_LABEL, _WORD, _F1 = 20, 48, 5
"""Terminal cells of a class's name beside its matrix, of a word in a sentence, of a figure with its mark."""


def rendered(document: Document, width: int) -> list[RenderableType]:
    """Return a document on lines of `width` terminal cells, with an empty line below each block."""
    found: list[RenderableType] = []
    for section in document:
        heading = [Text(inert(section.heading), style="bold", overflow="fold")] if section.heading else []
        for block in [block for block in section.blocks if block]:
            found += [Group(*heading, _drawn(block, width)), Text()]
            heading = []
        found += heading
    return found


class Shown:
    """A document as one rich renderable that is as wide as where it is printed."""

    def __init__(self, *sections: Section) -> None:
        self.sections = sections

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the sections."""
        found = rendered(self.sections, options.max_width)
        if found and isinstance(found[-1], Text) and not found[-1]:
            del found[-1]
        yield from found


def _drawn(block: Block, width: int) -> RenderableType:
    if isinstance(block, Sentences):
        return _lines(block, width)
    if isinstance(block, Grid):
        return Group(*_columns(block, width))
    if isinstance(block, Plot):
        return Text(inert(block.drawing.alt))
    return Group(*_matrix(block, width)) if isinstance(block, Heat) else Group()


def _lines(sentences: Sentences, width: int) -> Text:
    if sentences.form == "shell":
        # Whole, to be copied.
        return Text("\n".join(map(inert, sentences.texts)), overflow="fold")
    start, indent = ("- ", "  ") if sentences.form == "list" else ("", "")
    room = width - len(start)
    lines = []
    for sentence in sentences.texts:
        # A number stays with its percent sign.
        words = inert(sentence).replace(" %", "\N{NO-BREAK SPACE}%").split(" ")
        broken = wrapped([shortened(word, min(_WORD, room)) for word in words], room, " ")
        lines += [f"{indent if position else start}{line}" for position, line in enumerate(broken)]
    return Text("\n".join(lines))


@dataclass(frozen=True, eq=False)
class _Strip:
    """A field of a grid, written out."""

    field: Field
    title: str
    cells: Sequence[Text]

    @classmethod
    def of(cls, field: Field, rows: Sequence[object], *, by_name: bool = False) -> _Strip:
        title = inert(field.name) if by_name and field.name else field.title
        marks = [field.mark(row) for row in rows]
        # Colour is never the only sign.
        signs = [_SIGNS.get(mark, " ") if field.name else "" for mark in marks]
        cells = [
            Text(field.words(row, cut=True) + sign, STYLES.get(mark, ""))
            for row, sign, mark in zip(rows, signs, marks, strict=True)
        ]
        return cls(field, f"{title} " if field.name else title, cells)

    @property
    def width(self) -> int:
        """Terminal cells that are needed to show it in full."""
        return max(map(cell_len, [*self.title.split("\n"), *(cell.plain for cell in self.cells)]))

    @property
    def floor(self) -> int:
        """Terminal cells below which it is not shown."""
        return min(self.width, self.field.least) if self.field.least else self.width


def _columns(grid: Grid, width: int) -> Iterator[RenderableType]:
    """Yield a grid without its least important columns, rather than with a number broken over two lines.

    Columns of things that have a name stand under it where all fit, and else under their labels, in several tables
    if need be, with a legend below.
    """
    strips = [_Strip.of(field, grid.rows, by_name=True) for field in grid.filled]
    named = [strip for strip in strips if strip.field.name]
    gap, notes, missing = 1 if named else 2, list(grid.notes), []
    tables, first = [strips], [strip for strip in strips if not strip.field.name]
    room = width - sum(strip.width for strip in first)
    marks = {strip.field.mark(row) for strip in named for row in grid.rows}
    told = {"best": "* the best of its class", "tied": "= may be the best of its class"}
    if signs := [text for mark, text in told.items() if mark in marks]:
        notes.insert(0, "; ".join(signs))
    if named and sum(max(strip.width, _F1) + gap for strip in named) > room:
        named = [_Strip.of(strip.field, grid.rows) for strip in named]
        size = math.ceil(len(named) / math.ceil(len(named) / max(1, room // (_F1 + gap))))
        tables = [[*first, *named[start : start + size]] for start in range(0, len(named), size)]
        legend = (f"{strip.field.title} {shortened(inert(strip.field.name), 40)}" for strip in named)
        notes[:0] = wrapped(legend, width)
    for position, table in enumerate(tables):
        shown = _fitting(table, width, gap)
        missing += [strip.title.replace("\n", " ") for strip in table if strip not in shown]
        yield from [Text()] if position else []
        yield _table(shown, width, gap)
    notes += [f"A wider terminal also shows: {', '.join(missing)}."] if missing and grid.whole else []
    yield from (Text(inert(note), style="dim", overflow="fold") for note in notes)


def _fitting(strips: Sequence[_Strip], width: int, gap: int) -> list[_Strip]:
    shown = list(strips)
    while len(shown) > 1 and sum(strip.floor + gap for strip in shown) - gap > width:
        del shown[min(range(len(shown)), key=lambda i: (shown[i].field.importance, -i))]
    return shown


def _table(strips: Sequence[_Strip], width: int, gap: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, gap - 1, 0, 0), pad_edge=False, show_edge=False)
    spare, cells = width - sum(strip.floor + gap for strip in strips) + gap, []
    for strip in strips:
        extra = max(0, min(spare, strip.width - strip.floor))
        spare -= extra
        room, fold = strip.floor + extra, strip.field.fold
        table.add_column(
            Text(strip.title, style="dim"),
            justify="left" if strip.field.text else "right",
            no_wrap=not fold,
            width=room,
            overflow="fold" if fold else "ellipsis",
        )
        # Rich would cut a name at its end, where names differ.
        whole = [fold or cell.cell_len <= room for cell in strip.cells]
        cells.append(
            [
                c if ok else Text(shortened(c.plain, room), c.style)
                for c, ok in zip(strip.cells, whole, strict=True)
            ]
        )
    for row in zip(*cells, strict=True):
        table.add_row(*row)
    return table


def _matrix(heat: Heat, width: int) -> Iterator[RenderableType]:
    """Yield counts shaded by their share of the row, with percentages; mistakes alone where these do not fit."""
    title = f"Confusion of {shortened(inert(heat.model), 40)}"
    longest = max(cell_len(inert(name)) for name in heat.classes)
    label = min(longest, _LABEL)
    room = (width - label - 1) // len(heat.classes)
    count = max(len(str(n)) for row in heat.counts for n in row)
    beside, below = count + 6, max(count, 4) + 1
    if below > room:
        yield Text(f"{title}: the most frequent mistakes", style="bold", overflow="fold")
        yield from _columns(heat.mistakes(MISTAKES), width)
        return
    needed = beside if beside <= room else below
    cell = min(room, max(needed, longest + 1))
    table = Table(box=None, padding=0, pad_edge=False, show_header=False)
    table.add_column(width=label + 1, no_wrap=True)
    for _ in heat.classes:
        table.add_column(width=cell, no_wrap=True, justify="right")
    table.add_row("", *(Text(name, style="dim") for name in abbreviations(heat.classes, cell - 1)))
    for true, (name, row, part) in enumerate(
        zip(heat.classes, heat.counts, shares(heat.counts), strict=True)
    ):
        painted = [
            _painted(n, share, cell, beside=needed == beside, right=true == i)
            for i, (n, share) in enumerate(zip(row, part, strict=True))
        ]
        table.add_row(plain(name, limit=label), *painted)
    yield Text(title, style="bold", overflow="fold")
    yield table
    yield Text(HOW_TO_READ, style="dim")


def _painted(count: int, share: float | None, width: int, *, beside: bool, right: bool) -> Text:
    style = next((paint for least, paint in SHADES if share is not None and share >= least), "")
    shown, part = str(count) if count else "·", percent(share) if share else ""
    lines = [f"{shown} {part:>4}"] if beside else [shown, part]
    text = "\n".join(line.rjust(width) for line in lines)
    return Text(text, style=f"{'bold ' if right else ''}{style}" if count else "dim")
