"""Boards as Markdown files: quality byte for byte the same for the same cells, times and machine apart."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from suite.analysis.board import Board, Row
from suite.analysis.confusion import Matrix, mistakes, shares
from suite.metrics import METRICS
from suite.report.text import NONE, counted, inert, megabytes, milliseconds, number, percent, seconds, span
from suite.report.wording import (
    CHECK_FIRST,
    about_data,
    about_load,
    about_machine,
    about_notes,
    about_scores,
    first_to_check,
    labels,
)

SCORES = ("accuracy", "balanced_accuracy", "macro_f1", "log_loss", "roc_auc", "brier", "ece")
NAMED = 6
"""Up to so many models stand under their names in a wide table, and more under their labels."""
LISTED = 60
"""So many notes of the table, notes of the models, or kinds of mistakes are listed at most."""
SHORT = 20
"""So many features are named at most."""
SQUARE = 40
"""So many classes a confusion matrix may have."""


def board_path(board: Board) -> PurePosixPath:
    """Return where a board's Markdown stands, below the output folder."""
    return PurePosixPath(board.folder, "LEADERBOARD.md")


def board_markdown(board: Board) -> str:
    """Return a board as Markdown (GitHub's dialect), for people who browse the results.

    All up to the heading "Failures" is a function of data, splits, predictions and what a time limit ended: it holds
    no time taken, no machine and no unrounded figure, so two runs of the same cells agree in it byte for byte.
    """
    return quality_markdown(board) + "\n" + _rest(board)


def quality_markdown(board: Board) -> str:
    """Return the part of a board that does not depend on clock or machine."""
    blocks = [
        f"# {escape(board.dataset)}, {escape(board.protocol)}",
        *_to_check(board),
        f"{about_data(board)}. Target: {escape(board.target)}. {_features(board)}",
        *([_fenced(board.command)] if board.command else []),
        "## Quality",
        _scores(board),
        _bullets([escape(note) for note in about_scores(board)]),
        *_section("What stands out", _bullets(escape(o.text) for o in board.observations if not o.timed)),
        *_section("F1 by class", _per_class(board)),
        *_section("Confusion", *_confusions(board)),
    ]
    return _joined(blocks)


def index_markdown(boards: Sequence[Board]) -> str:
    """Return the page that links the boards: one line a data set and protocol, with the number of its findings."""
    lines = []
    for board in sorted(boards, key=lambda board: (board.dataset, board.protocol)):
        first, second = ([*board.ranked, None, None])[:2]
        metric = METRICS[board.metric]
        link = f"[{escape(board.dataset)}]({board_path(board)})"
        score = number(first.scores[board.metric], metric.fmt) if first else NONE
        interval = _interval(first) if first else NONE
        after = (
            f"{escape(second.model)} ({number(second.scores[board.metric], metric.fmt)})" if second else NONE
        )
        winner = escape(first.model) if first else "no model has a score"
        found = str(len(board.findings) or NONE)
        lines.append(
            [link, escape(board.protocol), winner, score, interval, after, str(len(board.ranked)), found]
        )
    label = METRICS[boards[0].metric].label if boards else "Score"
    header = ["Data set", "Protocol", "Best model", label, "95 % interval", "Runner-up", "Models", "To check"]
    if not any(board.findings for board in boards):
        header, lines = header[:-1], [line[:-1] for line in lines]
    table = _table(header, lines, numeric=(3, 4, *range(6, len(header)))) if lines else "No records yet."
    return _joined(["# Leaderboards", table])


def escape(text: object) -> str:
    r"""Return data as Markdown that shows it as it is: one line, no markup, no HTML, no links.

    Besides the characters that have a meaning in Markdown, GitHub's bare links are broken up: a backslash
    stops ``www.`` and ``://``; mail addresses and mentions need an invisible character after the ``@``.
    """
    words = re.sub(r"([\\`*\[\]<>&#|~$])", r"\\\1", inert(text))
    # Between letters or digits an underscore means nothing, and names are full of them.
    words = re.sub(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", r"\\_", words)
    words = words.replace("@", "\\@&#8203;").replace("://", "\\://")
    words = re.sub(r"(?i)\b(www|mailto|xmpp)([.:])", r"\1\\\2", words)
    # What would open a list, a heading or a rule at the start of a line.
    return re.sub(r"^([-+=]|\d+(?=[.)]))", lambda m: m[1] + "\\" if m[1].isdigit() else "\\" + m[1], words)


def _to_check(board: Board) -> list[str]:
    sentences = first_to_check(board.findings)
    return [f"**{CHECK_FIRST}**", _bullets(map(escape, sentences))] if sentences else []


def _scores(board: Board) -> str:
    label = labels(board)
    metrics = list(dict.fromkeys([board.metric, *SCORES]))
    header = ["#", "Model", "Family", METRICS[metrics[0]].label, "95 % interval"]
    header += [*(METRICS[name].label for name in metrics[1:]), "Status" if board.n_cells == 1 else "Cells ok"]
    lines = []
    for row in board.rows:
        shown = [number(row.scores[name], METRICS[name].fmt) for name in metrics]
        cells = row.status.replace("_", " ") if board.n_cells == 1 else f"{row.n_ok}/{row.n_cells}"
        cells = cells if row.source == "run" else "published"
        lines.append(
            [label[row.model], _model(row), escape(row.family), shown[0], _interval(row), *shown[1:], cells]
        )
    return _table(header, lines, numeric=(0, *range(3, len(header))))


def _features(board: Board) -> str:
    count = counted(len(board.features), "feature")
    short = 0 < len(board.features) <= SHORT
    return f"{count}: {escape(', '.join(map(inert, board.features)))}." if short else f"{count}."


def _per_class(board: Board) -> str:
    rows = [
        row
        for row in board.rows
        if any(f1 is not None for f1 in board.per_class_f1.get(row.model, {}).values())
    ]
    if not rows:
        return ""
    label, named, best = labels(board), len(rows) <= NAMED, board.best_f1
    lines = []
    for name in board.classes:
        pair = best[name]
        top = number(pair[0], ".2f") if pair else None
        figures = [(row, number(board.per_class_f1[row.model][name], ".2f")) for row in rows]
        marked = (f"**{text}**" if row.rank is not None and text == top else text for row, text in figures)
        lines.append([escape(name), *marked])
    header = ["Class", *(_model(row) if named else label[row.model] for row in rows)]
    hint = "The best of each class is bold." + (
        "" if named else " Models are numbered as in the table above."
    )
    return f"{hint}\n\n{_table(header, lines, numeric=range(1, len(rows) + 1))}"


def _confusions(board: Board) -> list[str]:
    first = board.best.model if board.best else None
    wide = len(board.classes) > SQUARE
    blocks = [
        f"The {len(board.classes)} classes are too many for a matrix: these are the most frequent mistakes."
        if wide
        else "Rows: true class. Columns: predicted class. Percentages of the row."
    ]
    for model in sorted(board.confusion, key=lambda model: model != first):
        table = (_mistakes if wide else _matrix)(board.confusion[model], board.classes)
        if model == first:
            blocks += [f"{escape(model)}:", table]
        else:
            blocks += [f"<details>\n<summary>{html.escape(inert(model))}</summary>", table, "</details>"]
    return blocks if len(blocks) > 1 else []


def _matrix(matrix: Matrix, classes: Sequence[str]) -> str:
    lines = []
    for true, (row, parts) in enumerate(zip(matrix, shares(matrix), strict=True)):
        cells = [f"{n} ({percent(part)})" if part else str(n) for n, part in zip(row, parts, strict=True)]
        cells[true] = f"**{cells[true]}**"
        lines.append([escape(classes[true]), *cells])
    return _table(["", *(escape(name) for name in classes)], lines, numeric=range(1, len(classes) + 1))


def _mistakes(matrix: Matrix, classes: Sequence[str]) -> str:
    lines = [
        [escape(classes[m.true]), escape(classes[m.predicted]), str(m.rows), percent(m.share)]
        for m in mistakes(matrix)[:LISTED]
    ]
    return _table(["True class", "Taken for", "Rows", "Of the class"], lines, numeric=(2, 3))


def _rest(board: Board) -> str:
    failures = [
        [escape(f.model), escape(f.split), str(f.seed), f.status.replace("_", " "), escape(f.reason)]
        for f in board.failures
    ]
    table = _table(["Model", "Split", "Seed", "Status", "Reason"], failures, numeric=(2,)) if failures else ""
    timed = _bullets(escape(o.text) for o in board.observations if o.timed)
    return _joined(
        [
            *_section("Failures", table),
            *_section("Notes", _bullets(map(escape, about_notes(board, LISTED)))),
            *_section(
                "Time and memory", _timing(board), *map(escape, about_load(board)), timed, *_machines(board)
            ),
        ]
    )


def _timing(board: Board) -> str:
    header = [
        "#",
        "Model",
        "Fit",
        "Compile",
        "Predict",
        "1 row, median",
        "1 row, p95",
        "CPU",
        "Import",
        "Threads",
    ]
    header += ["Added memory", "Before the fit", "Peak memory", "Model size"]
    label = labels(board)
    lines = []
    for row in board.rows:
        if all(value is None for value in [*row.timing.values(), *row.resources.values()]):
            continue
        latency = [row.timing[key] for key in ("latency_ms_p50", "latency_ms_p95")]
        lines.append(
            [label[row.model], _model(row)]
            + [seconds(row.timing[key]) for key in ("fit_s", "compile_s", "predict_s")]
            + [milliseconds(value) for value in latency]
            + [seconds(row.timing[key]) for key in ("cpu_s", "import_s")]
            + [number(row.resources["threads"], ".0f")]
            + [
                megabytes(row.resources[key])
                for key in ("added_mb", "rss_before_mb", "peak_rss_mb", "model_mb")
            ]
        )
    return _table(header, lines, numeric=(0, *range(2, len(header)))) if lines else ""


def _machines(board: Board) -> list[str]:
    several = (
        ["These cells ran on different machines or versions: times are not comparable throughout."]
        if len(board.machines) > 1
        else []
    )
    about = [
        escape(", ".join([about_machine(m), *(f"{name} {version}" for name, version in m.packages.items())]))
        for m in board.machines
    ]
    return [*several, _bullets(about)]


def _model(row: Row) -> str:
    return f"*{escape(row.model)}*" if row.source != "run" else escape(row.model)


def _interval(row: Row) -> str:
    # The word joiner keeps browsers from breaking the line after the dash.
    return span(row.interval.low, row.interval.high).replace("–", "–\u2060") if row.interval else NONE


def _section(title: str, *blocks: str) -> list[str]:
    kept = [block for block in blocks if block]
    return [f"## {title}", *kept] if kept else []


def _joined(blocks: Iterable[str]) -> str:
    return "\n\n".join(block for block in blocks if block) + "\n"


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _fenced(text: str) -> str:
    line = inert(text)
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", line)), default=0))
    return f"{fence}sh\n{line}\n{fence}"


def _table(header: Sequence[str], lines: Sequence[Sequence[str]], numeric: Iterable[int]) -> str:
    """Return a table; `numeric` are positions of right-aligned columns."""
    right = set(numeric)
    ruler = ["---:" if position in right else "---" for position in range(len(header))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [header, ruler, *lines])
