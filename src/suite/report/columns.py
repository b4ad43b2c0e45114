"""The columns of every table of a board. One more column, in the terminal and in the files, is one more `Field`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from operator import attrgetter
from typing import Any

from suite.analysis.amounts import bare
from suite.analysis.board import Board, Row, Unscored
from suite.analysis.comparison import Pair
from suite.analysis.intervals import Interval
from suite.errors import listed
from suite.metrics import METRICS
from suite.report.blocks import BRIEF, EVERYWHERE, FILE, SCREEN, Field
from suite.report.text import about_fit, megabytes, milliseconds, number, seconds, span
from suite.report.wording import NOTE, labels

TIED = 3
"""Models that the page of all boards names beside the best."""
NAME_LEAST = 16
"""Screens cut a model's name to this width before they leave a column out for it."""
SCORES: dict[str, tuple[Any, ...]] = {
    "accuracy": (90, SCREEN, FILE),
    "balanced_accuracy": (0, FILE),
    "macro_f1": (70, SCREEN, FILE),
    "log_loss": (60, SCREEN, FILE),
    "roc_auc": (0, FILE),
    "average_precision": (0, FILE),
    "brier": (0, FILE),
    "ece": (0, FILE),
}
"""Metrics beside the one that models are ranked by: importance, and where they are shown."""
OF_POSITIVE: dict[str, tuple[Any, ...]] = {
    "f1": (76, SCREEN, FILE),
    "average_precision": (48, SCREEN, FILE),
    "recall": (44, SCREEN, FILE),
    "precision": (43, SCREEN, FILE),
}
"""Those of one class."""
OF_TWO_CLASSES: dict[str, tuple[Any, ...]] = {
    "accuracy": (90, SCREEN, FILE),
    "roc_auc": (78, SCREEN, FILE),
    **OF_POSITIVE,
    "log_loss": (45, SCREEN, FILE),
    "balanced_accuracy": (0, FILE),
    "macro_f1": (0, FILE),
    "brier": (0, FILE),
    "ece": (0, FILE),
}

FIRST = 4
"""As many of them, the most important, stand in the first table of a file, which is as narrow as a page on GitHub."""

_words = partial(Field, text=True)


def standing(row: Row) -> str:
    """Return how a model's name and scores are marked."""
    return "first" if row.rank == 1 else "" if row.source == "run" else "published"


def names(board: Board, *, ties: bool = True) -> list[Field]:
    """Return the columns that say which model a line is about, and which may be the best."""
    label = labels(board)
    return [
        Field("#", lambda row: label[row.model], importance=99, on=EVERYWHERE, mark=standing),
        *(
            [Field("=", lambda row: "=" if row.tied else "", importance=98, on=EVERYWHERE)]
            if ties and len(board.tied) > 1
            else []
        ),
        _words("Model", attrgetter("model"), str, 100, on=EVERYWHERE, mark=standing, least=name_least(board)),
    ]


def name_least(board: Board) -> int:
    """Return the width to which screens may cut a model's name: where there are variants, the ends tell them apart."""
    return NAME_LEAST + (8 if board.gains else 0)


def scores_shown(board: Board) -> dict[str, tuple[Any, ...]]:
    """Return the metrics beside the one that models are ranked by, as in `SCORES`, without those that no model has.

    Of two classes the area under the ROC curve and the positive class's F1 stand before the log loss and the time.
    """
    shown = OF_TWO_CLASSES if len(board.classes) == 2 else SCORES
    shown = shown if board.positive is None else {**shown, **OF_POSITIVE}
    return {
        name: how
        for name, how in shown.items()
        if name != board.metric and any(row.scores[name] is not None for row in board.rows)
    }


def leaderboard(board: Board) -> list[Field]:
    """Return the columns of the ranking."""
    metric, first = board.metric, _first(board)
    unit = "Points from" if METRICS[metric].higher_is_better else "From"

    def difference(pair: Pair) -> str:
        low, high = (bare(end, METRICS[metric]) for end in (pair.low, pair.high))
        return f"{bare(pair.difference, METRICS[metric], signed=True)} ({low}, {high})"

    beside = has_differences(board)
    incomplete = board.n_cells > 1 and any(row.n_ok != row.n_cells for row in board.rows)
    return [
        *names(board),
        _words("Family", attrgetter("family"), importance=20, on=(SCREEN,)),
        # The reason why a model has no score stands in the place of the score.
        _score(metric, 95, *EVERYWHERE, value=lambda row: row.scores[metric] if row.n_ok else _status(row)),
        Field(
            f"{unit}\nthe best (95 %)",
            attrgetter("to_best"),
            difference,
            92,
            on=EVERYWHERE if beside else (SCREEN, BRIEF),
        ),
        # Beside the difference to the best, the interval of a single score says little.
        _interval_of_score(35, SCREEN, BRIEF) if beside else _interval_of_score(80, *EVERYWHERE),
        *(
            _score(name, importance, *on if name in first else {*on} - {FILE})
            for name, (importance, *on) in scores_shown(board).items()
        ),
        Field("Fits\nok", _fits, importance=85, on=EVERYWHERE if incomplete else ()),
        *([_measured("Search", "timing.search_s", seconds, 51, SCREEN, BRIEF)] if board.gains else []),
        _measured("Fit", "timing.fit_s", seconds, 50, SCREEN, BRIEF),
        _measured("Predict", "timing.predict_s", seconds, 30, SCREEN),
        _measured("Added\nmemory", "resources.added_mb", megabytes, 40, SCREEN),
    ]


def more_scores(board: Board) -> list[Field]:
    """Return the columns of the second table of a file: what is less asked for than the first has."""
    usual = all(row.status == "ok" for row in board.rows)
    others = [name for name in scores_shown(board) if name not in _first(board)]
    if board.calibration:
        # There it stands without what chance alone would cause, and with an interval.
        others = [name for name in others if name != "ece"]
    return [
        *names(board, ties=False),
        _words("Family", attrgetter("family")),
        *([_interval_of_score(80, FILE)] if has_differences(board) else []),
        *(_score(name, 0, FILE) for name in others),
        *([] if usual else [Field("Status", _status)]),
    ]


def _first(board: Board) -> list[str]:
    """Return the metrics that are asked for first, beside the one that models are ranked by."""
    seen = {name: how[0] for name, how in scores_shown(board).items() if SCREEN in how}
    return sorted(seen, key=lambda name: -seen[name])[:FIRST]


def has_differences(board: Board) -> bool:
    """Return whether a model is compared with the best: files then have the intervals of scores in a second table."""
    return any(row.to_best for row in board.rows)


def _fits(row: Row) -> str | None:
    return f"{row.n_ok}/{row.n_cells}" if row.source == "run" else None


def _status(row: Row) -> str:
    return "published" if row.source != "run" else row.status.replace("_", " ")


def _interval_of_score(importance: int, *on: str) -> Field:
    return Field("95 %\ninterval", attrgetter("interval"), _interval, importance, on=on)


def _score(metric: str, importance: int, *on: str, value: Callable[[Row], Any] | None = None) -> Field:
    def show(found: float | str) -> str:
        return found if isinstance(found, str) else number(found, METRICS[metric].fmt)

    title = METRICS[metric].label.replace(" ", "\n", 1)
    value = value or (lambda row: row.scores[metric])
    return Field(title, value, show, importance, on=on, mark=standing, metric=metric)


def _interval(found: Interval) -> str:
    return span(found.low, found.high)


def _measured(title: str, key: str, show: Callable[[Any], str], importance: int, *on: str) -> Field:
    part, name = key.split(".")
    return Field(title, lambda row: getattr(row, part)[name], show, importance, on=on or (SCREEN, FILE))


def times(board: Board) -> list[Field]:
    """Return the columns of times; that of searches where there are any."""
    return [*([_measured("Search", "timing.search_s", seconds, 95)] if board.gains else []), *_TIME]


_TIME = (
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
    """Return a column of F1 for each model; what is surely the best of a class is marked, or all that may be."""
    label = labels(board)
    may_be = (
        {name: board.comparisons.may_be_best(name) for name in board.classes} if board.comparisons else {}
    )

    def f1(row: Row) -> Field:
        def value(name: str) -> float | None:
            return board.per_class_f1[row.model][name]

        def mark(name: str) -> str:
            best = may_be.get(name, ())
            # Where nearly all may be the best, a mark tells nothing.
            if row.model not in best or 3 * len(best) > 2 * len(board.ranked):
                return ""
            return "best" if len(best) == 1 else "tied"

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


FINDINGS = (
    _words("Number", lambda finding: finding.id or finding.code),
    _words("Grade", attrgetter("grade")),
    _words("What was found", attrgetter("text")),
    _words("What it does to scores", lambda finding: finding.effect or None),
    _words("What to do", lambda finding: finding.to_do or None),
    _words("Rows", lambda finding: ", ".join(map(str, finding.rows)) or None),
)
"""A line is of a finding of the audit, or of the reading of the table."""


def curves(board: Board) -> list[Field]:
    """Return columns that say how the training of models went."""

    def of(title: str, name: str, show: Callable[[Any], str]) -> Field:
        return Field(title, lambda row: getattr(board.curves[row.model], name), show)

    share, loss = partial(number, fmt=".3f"), partial(number, fmt=".4f")

    def gap(row: Row) -> float | None:
        found = board.curves[row.model]
        return None if found.train is None or found.validation is None else found.train - found.validation

    return [
        of("Epochs", "epochs", str),
        of("Best\nepoch", "best_epoch", str),
        of("Train\naccuracy", "train", share),
        of("Validation\naccuracy", "validation", share),
        Field("Gap", gap, share),
        of("Lowest\nvalidation loss", "best_loss", loss),
        of("Last\nvalidation loss", "last_loss", loss),
    ]


def index(boards: Sequence[Board]) -> list[Field]:
    """Return the columns of the page that links the boards."""
    # A board that cannot have the metric is ranked by accuracy.
    metrics = {board.metric for board in boards}
    label = METRICS[boards[0].metric].label if len(metrics) == 1 else "Score"

    def score(board: Board) -> str | None:
        value = board.best.scores[board.metric] if board.best else None
        if value is None:
            return None
        metric = METRICS[board.metric]
        figure = number(value, metric.fmt)
        return figure if len(metrics) == 1 else f"{metric.within_sentence} {figure}"

    several_targets = len({(board.dataset, board.protocol) for board in boards}) < len(boards)

    def as_good(board: Board) -> str | None:
        if board.comparisons is None:
            return None
        others = sorted(row.model for row in board.tied if row is not board.best)
        return listed(others, TIED) if others else "none"

    return [
        _words("Data set", attrgetter("dataset"), link=attrgetter("folder")),
        *([_words("Target", attrgetter("target"))] if several_targets else []),
        _words("Protocol", attrgetter("protocol")),
        _words("Best model", lambda b: b.best.model if b.best else "no model has a score"),
        Field(label, score),
        Field("95 % interval", lambda b: b.best and b.best.interval, _interval),
        _words("May be as good", as_good),
        Field("Models", lambda b: len(b.ranked)),
        *([Field("To check", lambda b: len(b.findings) or None)] if any(b.findings for b in boards) else []),
    ]
