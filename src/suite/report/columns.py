"""The columns of every table of a board. One more column, in the terminal and in the files, is one more `Field`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from operator import attrgetter
from typing import Any

from suite.analysis.board import Board, Row, Unscored
from suite.analysis.intervals import Interval
from suite.metrics import METRICS
from suite.report.blocks import BRIEF, EVERYWHERE, FILE, SCREEN, Field
from suite.report.text import about_fit, megabytes, milliseconds, number, seconds, span
from suite.report.wording import NOTE, labels

NAME_LEAST = 16
"""Screens cut a model's name to this width before they leave a column out for it."""
SCORES: dict[str, tuple[Any, ...]] = {
    "accuracy": (90, SCREEN, FILE),
    "balanced_accuracy": (0, FILE),
    "macro_f1": (70, SCREEN, FILE),
    "log_loss": (60, SCREEN, FILE),
    "roc_auc": (0, FILE),
    "brier": (0, FILE),
    "ece": (0, FILE),
}
"""Metrics beside the one that models are ranked by: importance, and where they are shown."""

_words = partial(Field, text=True)


def standing(row: Row) -> str:
    """Return how a model's name and scores are marked."""
    return "first" if row.rank == 1 else "" if row.source == "run" else "published"


def names(board: Board) -> list[Field]:
    """Return the columns that say which model a line is about."""
    label = labels(board)
    return [
        Field("#", lambda row: label[row.model], importance=99, on=EVERYWHERE, mark=standing),
        _words("Model", attrgetter("model"), str, 100, on=EVERYWHERE, mark=standing, least=NAME_LEAST),
    ]


def leaderboard(board: Board) -> list[Field]:
    """Return the columns of the ranking."""
    metric, several = board.metric, board.n_cells > 1
    incomplete = several and any(row.n_ok != row.n_cells for row in board.rows)

    def cells(row: Row) -> str | None:
        return f"{row.n_ok}/{row.n_cells}" if row.source == "run" else None

    def status(row: Row) -> str:
        return "published" if row.source != "run" else row.status.replace("_", " ")

    return [
        *names(board),
        _words("Family", attrgetter("family"), importance=20),
        _score(metric, 0, FILE),
        # On a screen the reason why a model has no score stands in the place of the score.
        _score(metric, 95, SCREEN, BRIEF, value=lambda row: row.scores[metric] if row.n_ok else status(row)),
        Field("95 %\ninterval", attrgetter("interval"), _interval, 80, on=EVERYWHERE),
        *(_score(name, *shown) for name, shown in SCORES.items() if name != metric),
        Field("Fits\nok", cells, importance=85, on=(SCREEN, BRIEF) if incomplete else ()),
        Field("Fits\nok", lambda row: cells(row) or status(row), on=(FILE,) if several else ()),
        Field("Status", status, on=() if several else (FILE,)),
        _measured("Fit", "timing.fit_s", seconds, 50, SCREEN, BRIEF),
        _measured("Predict", "timing.predict_s", seconds, 30, SCREEN),
        _measured("Added\nmemory", "resources.added_mb", megabytes, 40, SCREEN),
    ]


def _score(metric: str, importance: int, *on: str, value: Callable[[Row], Any] | None = None) -> Field:
    def show(found: float | str) -> str:
        return found if isinstance(found, str) else number(found, METRICS[metric].fmt)

    title = METRICS[metric].label.replace(" ", "\n", 1)
    return Field(title, value or (lambda row: row.scores[metric]), show, importance, on=on, mark=standing)


def _interval(found: Interval) -> str:
    return span(found.low, found.high)


def _measured(title: str, key: str, show: Callable[[Any], str], importance: int, *on: str) -> Field:
    part, name = key.split(".")
    return Field(title, lambda row: getattr(row, part)[name], show, importance, on=on or (SCREEN, FILE))


TIME = (
    _measured("Fit", "timing.fit_s", seconds, 90),
    _measured("Compile", "timing.compile_s", seconds, 50),
    _measured("Predict", "timing.predict_s", seconds, 80),
    _measured("1 row,\nmedian", "timing.latency_ms_p50", milliseconds, 70),
    _measured("1 row,\np95", "timing.latency_ms_p95", milliseconds, 60),
    _measured("CPU", "timing.cpu_s", seconds, 65),
    _measured("Import", "timing.import_s", seconds, 40),
    _measured("Threads", "resources.threads", partial(number, fmt=".0f"), 30),
    _measured("Load", "timing.load", partial(number, fmt=".1f"), 20, SCREEN),
)
MEMORY = (
    _measured("Added\nmemory", "resources.added_mb", megabytes, 50),
    _measured("Before\nthe fit", "resources.rss_before_mb", megabytes, 50),
    _measured("Peak\nmemory", "resources.peak_rss_mb", megabytes, 50),
    _measured("Model\nsize", "resources.model_mb", megabytes, 50),
)


def per_class(board: Board, rows: Sequence[Row]) -> list[Field]:
    """Return a column of F1 for each model; the best of a class is marked, and what looks equal to it."""
    label, best = labels(board), board.best_f1

    def f1(row: Row) -> Field:
        def value(name: str) -> float | None:
            return board.per_class_f1[row.model][name]

        def mark(name: str) -> str:
            several = row.rank is not None and len(rows) > 1
            ranked = several and (first := best[name]) and show(value(name)) == show(first[0])
            return "best" if ranked else ""

        published = row.source != "run"
        return Field(label[row.model], value, show, 1, mark=mark, name=row.model, published=published)

    show = partial(number, fmt=".2f")
    return [_words("Class", str, importance=1, least=10, most=24), *map(f1, rows)]


def _where(failure: Unscored) -> str:
    return about_fit(failure.split, failure.seed)


def _shortly(group: Sequence[Unscored]) -> str:
    return _where(group[0]) + (f" and {len(group) - 1} more" if len(group) > 1 else "")


FAILURES = (
    _words("Model", lambda group: group[0].model, importance=100, on=EVERYWHERE, least=NAME_LEAST),
    _words("Status", lambda group: group[0].status.replace("_", " "), importance=90, on=EVERYWHERE),
    _words("Split and seed", _shortly, importance=50, on=(SCREEN,), least=12),
    _words("Split and seed", lambda group: "; ".join(map(_where, group)), on=(FILE,)),
    _words("Reason", lambda group: group[0].reason, str, 95, on=EVERYWHERE, least=24, most=NOTE, fold=True),
)
"""A line is of all failures of a model that share status and reason."""


def index(boards: Sequence[Board]) -> list[Field]:
    """Return the columns of the page that links the boards."""
    metric = boards[0].metric
    show = partial(number, fmt=METRICS[metric].fmt)
    several_targets = len({(board.dataset, board.protocol) for board in boards}) < len(boards)

    def runner_up(board: Board) -> str | None:
        row = board.ranked[1] if len(board.ranked) > 1 else None
        return f"{row.model} ({show(row.scores[metric])})" if row else None

    return [
        _words("Data set", attrgetter("dataset"), link=attrgetter("folder")),
        *([_words("Target", attrgetter("target"))] if several_targets else []),
        _words("Protocol", attrgetter("protocol")),
        _words("Best model", lambda b: b.best.model if b.best else "no model has a score"),
        Field(METRICS[metric].label, lambda b: b.best and b.best.scores[metric], show),
        Field("95 % interval", lambda b: b.best and b.best.interval, _interval),
        _words("Runner-up", runner_up),
        Field("Models", lambda b: len(b.ranked)),
        *([Field("To check", lambda b: len(b.findings) or None)] if any(b.findings for b in boards) else []),
    ]
