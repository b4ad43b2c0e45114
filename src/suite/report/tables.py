"""A board as rich renderables: scores, classes, times, memory, failures. Returned, never printed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from rich.console import RenderableType
from rich.text import Text

from suite.analysis.board import Board, Failure, Row
from suite.metrics import METRICS
from suite.report.classes import per_class_tables
from suite.report.grid import Column, Grid
from suite.report.heatmap import confusion_tables
from suite.report.listing import doctor_table, listing_table, plan_table
from suite.report.text import (
    bullets,
    counted,
    inert,
    megabytes,
    milliseconds,
    number,
    plain,
    seconds,
    shortened,
    span,
)
from suite.report.wording import (
    CHECK_FIRST,
    CHECKED,
    about_board,
    about_load,
    about_notes,
    about_scores,
    first_to_check,
    labels,
)
from suite.schema import Finding

__all__ = ["board_parts", "doctor_table", "listing_table", "plan_table"]

NAME_LEAST = 16
"""Model names are cut to so many terminal cells before a column is left out for them."""
NOTED, NOTE = 5, 240
"""So many notes of the table and notes of the models are shown, each note in so many terminal cells."""


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
    parts: list[RenderableType] = [block] if (block := to_check(board.findings, width=width)) else []
    parts.append(leaderboard(board))
    if board.observations:
        parts.append(observations(board, width=width))
    parts += per_class_tables(board, width=width)
    parts += confusion_tables(board, choice=confusion, width=width)
    parts += [table for table in (timing_table(board), memory_table(board)) if table]
    if board.failures:
        parts.append(failures_table(board.failures))
    if noted := about_notes(board, NOTED, NOTE):
        parts.append(bullets("Notes", noted, width))
    spaced: list[RenderableType] = []
    for part in parts:
        spaced += [part, Text()]
    return spaced


def to_check(findings: Sequence[Finding], *, width: int = 80, most: int = CHECKED) -> Text | None:
    """Return what to check before the scores are believed, under a heading, or None if there is nothing."""
    sentences = [shortened(text, NOTE) for text in first_to_check(findings, most)]
    return bullets(CHECK_FIRST, sentences, width) if sentences else None


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
            Column(
                title="Family", cells=[plain(row.family) for row in board.rows], importance=20, numeric=False
            ),
            scores[0],
            Column(title="95 %\ninterval", cells=[plain(text) for text in intervals], importance=80),
            *scores[1:],
            Column(title="Cells\nok", cells=[plain(text) for text in cells], importance=85),
            _measured("Fit", [row.timing["fit_s"] for row in board.rows], seconds, 50),
            _measured("Predict", [row.timing["predict_s"] for row in board.rows], seconds, 30),
            _measured("Added\nmemory", [row.resources["added_mb"] for row in board.rows], megabytes, 40),
        ],
        notes=about_scores(board),
    )


def observations(board: Board, *, width: int = 80) -> Text:
    """Return the computed sentences under a heading."""
    return bullets("What stands out", [inert(found.text) for found in board.observations], width)


def timing_table(board: Board) -> Grid | None:
    """Return where the time went, by model, or None if nothing was timed."""
    rows = [row for row in board.rows if any(value is not None for value in row.timing.values())]
    if not rows:
        return None

    def column(title: str, key: str, show: Callable[[float | None], str], importance: int) -> Column:
        return _measured(title, [row.timing[key] for row in rows], show, importance)

    threads = [row.resources["threads"] for row in rows]
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
            _measured("Threads", threads, lambda value: number(value, ".0f"), 30),
            column("Load", "load", lambda value: number(value, ".1f"), 20),
        ],
        notes=[
            *(
                ["Compiling is part of the fit."]
                if any(r.timing["compile_s"] is not None for r in rows)
                else []
            ),
            "Imports and a warm-up stand before the clock.",
            *about_load(board),
        ],
    )


def memory_table(board: Board) -> Grid | None:
    """Return the memory that a cell's process needed, by model, or None if it was not measured."""
    rows = [row for row in board.rows if row.resources["peak_rss_mb"] is not None]
    if not rows:
        return None

    def column(title: str, key: str) -> Column:
        return _measured(title, [row.resources[key] for row in rows], megabytes, 50)

    return Grid(
        title="Memory",
        columns=[
            *_names(board, rows),
            column("Added", "added_mb"),
            column("Before\nthe fit", "rss_before_mb"),
            column("Peak", "peak_rss_mb"),
            column("Model", "model_mb"),
        ],
        notes=[
            "Before and peak: the whole process, libraries of earlier cells included; added: the difference."
        ],
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
            Column(
                title="Status",
                cells=[plain(s.replace("_", " ")) for _, s, _ in groups],
                numeric=False,
                importance=90,
            ),
            Column(
                title="Split and seed",
                cells=[plain(where(group)) for group in groups.values()],
                numeric=False,
                least=12,
                importance=50,
            ),
            Column(
                title="Reason",
                cells=[plain(r, limit=240) for _, _, r in groups],
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


def _measured(
    title: str, values: Sequence[float | None], show: Callable[[float | None], str], importance: int
) -> Column:
    """Return a column of figures; an empty one, which is not shown, if nothing was measured."""
    known = any(value is not None for value in values)
    return Column(
        title=title,
        cells=[plain(show(value)) if known else plain("") for value in values],
        importance=importance,
    )


def _figure(row: Row, text: str) -> Text:
    return plain(text, style="bold" if row.rank == 1 else "" if row.source == "run" else "italic")


def _score(row: Row, metric: str, *, alone: bool) -> Text:
    """Return a score, or where the first of a row is missing, why."""
    if alone and row.n_ok == 0:
        return plain(row.status.replace("_", " "))
    return _figure(row, number(row.scores[metric], METRICS[metric].fmt))


def _in_two_lines(label: str) -> str:
    return label.replace(" ", "\n", 1)
