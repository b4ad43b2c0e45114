"""Confusion matrices for the terminal: counts shaded by the share of their row, with percentages."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from suite.analysis.board import Board
from suite.analysis.confusion import Matrix, mistakes, shares
from suite.errors import UnknownName
from suite.report.grid import Column, Grid
from suite.report.text import abbreviations, inert, percent, plain, shortened

SHADES = (
    (0.60, "#ffffff on #1f4e8c"),
    (0.30, "#ffffff on #3a6fb5"),
    (0.15, "#000000 on #8fb4e3"),
    (0.05, "#000000 on #c9dcf4"),
)
"""Lower ends of the shares, and how cells from there on are painted."""
LISTED = 20
"""So many kinds of mistakes are listed where a matrix does not fit."""
_LABEL = 20


def confusion_tables(board: Board, *, choice: str = "best", width: int = 80) -> list[RenderableType]:
    """Return confusion matrices: of the best model, of all, or of one model by its name.

    A matrix that is too wide gives way to a list of the most frequent mistakes.

    Raises
    ------
    UnknownName
        If `choice` names a model that has no matrix on the board.
    """
    tables: list[RenderableType] = []
    for model in chosen(board, choice):
        matrix = board.confusion[model]
        layout = Layout.of(matrix, board.classes, width)
        title = f"Confusion of {shortened(inert(model), 40)}"
        tables.append(
            Heatmap(title, matrix, board.classes, layout)
            if layout
            else _mistakes(title, matrix, board.classes)
        )
    return tables


def chosen(board: Board, choice: str) -> list[str]:
    """Return the models whose matrices `best`, `all` or a model's name asks for.

    Raises
    ------
    UnknownName
        If `choice` names a model that has no matrix on the board.
    """
    if choice == "all":
        return list(board.confusion)
    if choice != "best":
        if choice in board.confusion:
            return [choice]
        # Another board of the same run may have the model: here it has failed.
        if choice in {row.model for row in board.rows}:
            return []
        raise UnknownName("model with a confusion matrix", choice, ["best", "all", *board.confusion])
    return [row.model for row in board.ranked if row.model in board.confusion][:1]


class Layout:
    """How wide the cells of a matrix are, and whether percentages stand beside the counts or below."""

    def __init__(self, label: int, cell: int, beside: bool) -> None:
        self.label = label
        self.cell = cell
        self.beside = beside

    @classmethod
    def of(cls, matrix: Matrix, classes: Sequence[str], width: int) -> Layout | None:
        """Return the roomiest layout that fits `width` terminal cells, or None."""
        count = max(len(str(n)) for row in matrix for n in row)
        longest = max(cell_len(inert(name)) for name in classes)
        label = min(longest, _LABEL)
        room = (width - label - 1) // len(classes)
        for beside, needed in ((True, count + 6), (False, max(count, 4) + 1)):
            if needed <= room:
                return cls(label, min(room, max(needed, longest + 1)), beside)
        return None


class Heatmap:
    """A confusion matrix; a rich renderable."""

    def __init__(self, title: str, matrix: Matrix, classes: Sequence[str], layout: Layout) -> None:
        self.title = title
        self.matrix = matrix
        self.classes = classes
        self.layout = layout

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield title, matrix and how to read it."""
        cell = self.layout.cell
        yield Text(self.title, style="bold", overflow="fold")
        table = Table(box=None, padding=0, pad_edge=False, show_header=False)
        table.add_column(width=self.layout.label + 1, no_wrap=True)
        for _ in self.classes:
            table.add_column(width=cell, no_wrap=True, justify="right")
        table.add_row("", *(Text(name, style="dim") for name in abbreviations(self.classes, cell - 1)))
        for true, (name, row, part) in enumerate(
            zip(self.classes, self.matrix, shares(self.matrix), strict=True)
        ):
            cells = [
                self._cell(*pair, diagonal=true == i) for i, pair in enumerate(zip(row, part, strict=True))
            ]
            table.add_row(plain(name, limit=self.layout.label), *cells)
        yield table
        yield Text("Rows: true class. Columns: predicted class. Percentages of the row.", style="dim")

    def _cell(self, count: int, share: float | None, *, diagonal: bool) -> Text:
        style = next((paint for least, paint in SHADES if share is not None and share >= least), "")
        part = percent(share) if share else ""
        shown = str(count) if count else "·"
        width = self.layout.cell
        lines = [f"{shown} {part:>4}"] if self.layout.beside else [shown, part]
        text = "\n".join(line.rjust(width) for line in lines)
        return Text(text, style=f"{'bold ' if diagonal else ''}{style}" if count else "dim")


def _mistakes(title: str, matrix: Matrix, classes: Sequence[str]) -> Grid:
    made = mistakes(matrix)
    most = made[:LISTED]

    def names(codes: Sequence[int]) -> list[Text]:
        return [plain(classes[code]) for code in codes]

    return Grid(
        title=f"{title}: the most frequent mistakes",
        columns=[
            Column(
                title="True class", cells=names([m.true for m in most]), numeric=False, least=12, importance=9
            ),
            Column(
                title="Taken for",
                cells=names([m.predicted for m in most]),
                numeric=False,
                least=12,
                importance=9,
            ),
            Column(title="Rows", cells=[Text(str(m.rows)) for m in most], importance=8),
            Column(title="of the\nclass", cells=[Text(percent(m.share)) for m in most], importance=7),
        ],
        notes=[
            f"The matrix of {len(classes)} classes is too wide here; {len(most)} of {len(made)} kinds of mistakes."
        ],
    )
