"""A board as rich renderables: scores, classes, times, memory, failures. Returned, never printed."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from suite.analysis.board import Board, Failure, Row
from suite.metrics import METRICS
from suite.report.grid import Column, Grid
from suite.report.heatmap import confusion_tables
from suite.report.listing import doctor_table, listing_table, plan_table
from suite.report.text import counted, inert, megabytes, milliseconds, number, plain, seconds, span, wrapped
from suite.report.wording import about_board, about_scores, labels

__all__ = ["board_parts", "doctor_table", "listing_table", "plan_table"]

NAME_LEAST = 16
"""Model names are cut to so many terminal cells before a column is left out for them."""


def board_parts(board: Board, *, confusion: str = "best", width: int = 80) -> list[RenderableType]:
    """Return all that is shown of a board after a run, in order, with empty lines between.

    Parameters
    ----------
    board : Board
        From `suite.analysis.ranking.boards`.
    confusion : str
        Whose confusion matrix: ``best``, ``all``, or a model's name on the board.
    width : int
        Terminal cells of a line.

    Raises
    ------
    UnknownName
        If `confusion` names a model that is not on the board.
    """
    parts: list[RenderableType] = [leaderboard(board)]
    if board.observations:
        parts.append(observations(board))
    parts += per_class_tables(board, width=width)
    parts += confusion_tables(board, choice=confusion, width=width)
    parts += [table for table in (timing_table(board), memory_table(board)) if table]
    if board.failures:
        parts.append(failures_table(board.failures))
    spaced: list[RenderableType] = []
    for part in parts:
        spaced += [part, Text()]
    return spaced


def leaderboard(board: Board) -> Grid:
    """Return the ranked models with their scores, published rows among them without a rank."""
    names = list(dict.fromkeys([board.metric, "accuracy", "macro_f1", "log_loss"]))
    importance = {board.metric: 95, "accuracy": 90, "macro_f1": 70, "log_loss": 60}
    scores = [
        Column(
            title=_in_two_lines(METRICS[name].label),
            cells=[_score(row, name, alone=name == board.metric) for row in board.rows],
            importance=importance[name],
        )
        for name in names
    ]
    intervals = [span(row.interval.low, row.interval.high) if row.interval else "" for row in board.rows]
    incomplete = board.n_cells > 1 and any(row.n_ok != row.n_cells for row in board.rows)
    cells = [f"{row.n_ok}/{row.n_cells}" if incomplete and row.source == "run" else "" for row in board.rows]
    return Grid(
        title=about_board(board),
        columns=[
            *_names(board),
            Column(title="Family", cells=_texts(board, lambda row: row.family), importance=20, numeric=False),
            scores[0],
            Column(title="95 %\ninterval", cells=[plain(text) for text in intervals], importance=80),
            *scores[1:],
            Column(title="Cells\nok", cells=[plain(text) for text in cells], importance=85),
            Column(title="Fit", cells=_texts(board, lambda row: seconds(row.timing["fit_s"])), importance=50),
            Column(
                title="Predict",
                cells=_texts(board, lambda row: seconds(row.timing["predict_s"])),
                importance=30,
            ),
            Column(
                title="Peak\nmemory",
                cells=_texts(board, lambda row: megabytes(row.resources["peak_rss_mb"])),
                importance=40,
            ),
        ],
        notes=about_scores(board),
    )


def observations(board: Board) -> Group:
    """Return the computed sentences, one a line."""
    sentences = Table.grid(padding=(0, 1, 0, 0))
    for observation in board.observations:
        sentences.add_row("-", plain(observation.text))
    return Group(Text("What stands out", style="bold"), sentences)


def per_class_tables(board: Board, *, width: int = 80) -> list[Grid]:
    """Return F1 of every class by model, the best ranked one of each class marked; several if too wide.

    Models stand under their names where these fit, and else under their rank, with a legend below.
    """
    scored = [row for row in board.rows if row.model in board.per_class_f1]
    scored = [row for row in scored if any(f1 is not None for f1 in board.per_class_f1[row.model].values())]
    classes = Column(
        title="Class",
        cells=[plain(name, limit=24) for name in board.classes],
        numeric=False,
        least=10,
        importance=1,
    )
    cell, gap = 5, 1
    capacity = max(1, (width - min(classes.width, 24)) // (cell + gap))
    n_tables = math.ceil(len(scored) / capacity)
    if not n_tables:
        return []
    long_names = max(sum(max(len(inert(r.model)) + 1, cell) + gap for r in scored), 0) + classes.width
    by_name = long_names <= width
    label = labels(board)
    size = math.ceil(len(scored) / n_tables)
    legend = [] if by_name else wrapped((f"{label[r.model]} {inert(r.model)}" for r in scored), width)
    grids = []
    for start in range(0, len(scored), size):
        columns = [
            Column(
                title=(inert(row.model) if by_name else label[row.model]) + " ",
                cells=[_f1(board, row, name) for name in board.classes],
                importance=1,
            )
            for row in scored[start : start + size]
        ]
        grids.append(
            Grid(
                title="F1 by class" if not start else "",
                columns=[classes, *columns],
                notes=[*legend, "* the best of its class"] if start + size >= len(scored) else [],
                gap=gap,
            )
        )
    return grids


def timing_table(board: Board) -> Grid | None:
    """Return where the time went, by model, or None if nothing was timed."""
    rows = [row for row in board.rows if any(value is not None for value in row.timing.values())]
    if not rows:
        return None

    def column(title: str, key: str, show: Callable[[float | None], str], importance: int) -> Column:
        return Column(
            title=title, cells=[plain(show(row.timing[key])) for row in rows], importance=importance
        )

    threads = [number(row.resources["threads"], ".0f") for row in rows]
    return Grid(
        title="Time",
        columns=[
            *_names(board, rows),
            column("Fit", "fit_s", seconds, 90),
            column("of it\ncompile", "compile_s", seconds, 50),
            column("Predict", "predict_s", seconds, 80),
            column("One row\nmedian", "latency_ms_p50", milliseconds, 70),
            column("One row\np95", "latency_ms_p95", milliseconds, 60),
            column("CPU", "cpu_s", seconds, 65),
            column("Import\n(apart)", "import_s", seconds, 40),
            Column(title="Threads", cells=[plain(text) for text in threads], importance=30),
            column("Load", "load", lambda value: number(value, ".1f"), 20),
        ],
        notes=["Compiling is part of the fit. Imports and a warm-up stand before the clock."],
    )


def memory_table(board: Board) -> Grid | None:
    """Return the memory that a cell's process needed, by model, or None if it was not measured."""
    rows = [row for row in board.rows if row.resources["peak_rss_mb"] is not None]
    if not rows:
        return None

    def column(title: str, key: str) -> Column:
        return Column(
            title=title, cells=[plain(megabytes(row.resources[key])) for row in rows], importance=50
        )

    return Grid(
        title="Memory",
        columns=[
            *_names(board, rows),
            column("Peak", "peak_rss_mb"),
            column("Before\nthe fit", "rss_before_mb"),
            column("Model", "model_mb"),
        ],
        notes=["Peak and before: what the whole process held, libraries included."],
    )


def failures_table(failures: Sequence[Failure]) -> Grid:
    """Return the cells without a score, those with the same model and reason on one line."""
    groups: Mapping[tuple[str, str, str], list[Failure]] = defaultdict(list)
    for failure in failures:
        groups[failure.model, failure.status, failure.reason].append(failure)

    def where(group: Sequence[Failure]) -> str:
        first = f"{group[0].split}, seed {group[0].seed}"
        return first if len(group) == 1 else f"{first} and {len(group) - 1} more"

    return Grid(
        title=f"Without a score: {counted(len(failures), 'cell')}",
        columns=[
            Column(
                title="Model",
                cells=[plain(m) for m, _, _ in groups],
                numeric=False,
                least=NAME_LEAST,
                importance=100,
            ),
            Column(title="Status", cells=[plain(s) for _, s, _ in groups], numeric=False, importance=90),
            Column(
                title="Split and seed",
                cells=[plain(where(group)) for group in groups.values()],
                numeric=False,
                least=12,
                importance=50,
            ),
            Column(
                title="Reason",
                cells=[plain(r, limit=400) for _, _, r in groups],
                numeric=False,
                least=24,
                importance=95,
                fold=True,
            ),
        ],
    )


def _names(board: Board, rows: Sequence[Row] | None = None) -> list[Column]:
    label = labels(board)
    rows = board.rows if rows is None else rows
    return [
        Column(title="#", cells=[_figure(row, label[row.model]) for row in rows], importance=99),
        Column(
            title="Model",
            cells=[_figure(row, row.model) for row in rows],
            importance=100,
            numeric=False,
            least=NAME_LEAST,
        ),
    ]


def _texts(board: Board, show: Callable[[Row], str]) -> list[Text]:
    return [plain(show(row)) for row in board.rows]


def _figure(row: Row, text: str) -> Text:
    return plain(text, style="bold" if row.rank == 1 else "" if row.source == "run" else "italic")


def _score(row: Row, metric: str, *, alone: bool) -> Text:
    """Return a score, or where the first of a row is missing, why."""
    if alone and row.n_ok == 0:
        return plain(row.status.replace("_", " "))
    return _figure(row, number(row.scores[metric], METRICS[metric].fmt))


def _in_two_lines(label: str) -> str:
    return label.replace(" ", "\n", 1)


def _f1(board: Board, row: Row, name: str) -> Text:
    text = number(board.per_class_f1[row.model].get(name), ".2f")
    best = board.best_f1[name]
    # What looks equal is marked alike: a reader cannot see the third digit.
    marked = row.rank is not None and best is not None and text == number(best[0], ".2f")
    return Text(f"{text}*", style="bold") if marked else Text(f"{text} ")
