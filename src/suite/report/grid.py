"""A table that leaves its least important columns out rather than break a number over two lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from suite.report.text import shortened


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a table."""

    title: str
    """May have several lines."""
    cells: Sequence[Text]
    importance: int = 0
    """Columns of less importance are left out first; of equal ones, the last."""
    numeric: bool = True
    """Right-aligned."""
    least: int = 0
    """A column of text may be cut to so many terminal cells; 0: it is shown whole or not at all."""
    fold: bool = False
    """Whether text that is too long goes on in the next line instead of being cut."""

    @property
    def width(self) -> int:
        """Terminal cells that the column needs to be shown in full."""
        return max(len(line) for line in [*self.title.split("\n"), *(" " * c.cell_len for c in self.cells)])

    @property
    def floor(self) -> int:
        """Terminal cells below which the column is not shown."""
        return min(self.width, self.least) if self.least else self.width

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show."""
        return not any(cell.plain for cell in self.cells)


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Columns side by side under a title; a rich renderable that fits itself to the width it is given."""

    title: str
    columns: Sequence[Column]
    notes: Sequence[str] = ()
    """Sentences below the table."""
    gap: int = 2
    """Spaces between columns."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield title, table and notes."""
        present = [column for column in self.columns if not column.empty]
        shown = self._fitting(present, options.max_width)
        if self.title:
            yield Text(self.title, style="bold", overflow="fold")
        if shown:
            yield self._table(shown, options.max_width)
        missing = [column.title.replace("\n", " ") for column in present if column not in shown]
        notes = [*self.notes, *([f"A wider terminal also shows: {', '.join(missing)}."] if missing else [])]
        for note in notes:
            yield Text(note, style="dim", overflow="fold")

    def _fitting(self, columns: Sequence[Column], width: int) -> list[Column]:
        shown = list(columns)
        while len(shown) > 1 and sum(c.floor + self.gap for c in shown) - self.gap > width:
            del shown[min(range(len(shown)), key=lambda i: (shown[i].importance, -i))]
        return shown

    def _table(self, columns: Sequence[Column], width: int) -> Table:
        table = Table(box=box.SIMPLE_HEAD, padding=(0, self.gap - 1, 0, 0), pad_edge=False, show_edge=False)
        spare = width - sum(column.floor + self.gap for column in columns) + self.gap
        widths = []
        for column in columns:
            extra = max(0, min(spare, column.width - column.floor))
            spare -= extra
            widths.append(column.floor + extra)
        for column, cells in zip(columns, widths, strict=True):
            table.add_column(
                Text(column.title, style="dim"),
                justify="right" if column.numeric else "left",
                vertical="top",
                no_wrap=not column.fold,
                width=cells,
                overflow="fold" if column.fold else "ellipsis",
            )
        for row in zip(*(column.cells for column in columns), strict=True):
            table.add_row(*map(_cut, columns, row, widths))
        return table


def _cut(column: Column, cell: Text, width: int) -> Text:
    if column.fold or cell.cell_len <= width:
        return cell
    return Text(shortened(cell.plain, width), style=cell.style)
