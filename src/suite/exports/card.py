"""The model card of an exported model: Markdown below Hugging Face's front matter. Names from data are inert."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from suite.exports.folder import Exported
from suite.metrics import METRICS
from suite.report.markdown import escape
from suite.report.text import counted, inert

if TYPE_CHECKING:
    from suite.analysis.board import Board, Row
    from suite.schema import Finding, Record

HUB_METRICS = {"accuracy": "accuracy", "macro_f1": "f1", "roc_auc": "roc_auc"}
"""What Hugging Face calls a metric, where it has a name for it."""
MOST_LISTED = 50
"""Columns and classes that are listed."""


def card(
    about: Exported, board: Board, row: Row, record: Record, findings: Sequence[Finding], python: str
) -> str:
    """Return the card of a model that stands in a row of a board; `python` makes its estimator anew."""
    parts = [
        f"# {escape(f'{about.model} for {about.target} of {about.dataset}')}",
        _what(about, board, record),
        "## Scores",
        _scores(board, row),
        *_bullets(observation.text for observation in board.verdict if not observation.timed),
        f"They are of fits on train rows, {_how_tested(board, record)}. The model in this folder was fitted again on "
        f"all {about.n_rows:,} rows, of which none is left to test it on.",
        "## Data",
        "\n".join(_bullets(_data(about, board))),
        "## What to check first",
        "\n".join(_bullets(_findings(findings))),
        "## Limits",
        "\n".join(_bullets(_limits(about, record))),
        "## How to use it",
        _fenced("suite predict THIS_FOLDER new_rows.csv --out predictions.csv", "sh"),
        _fenced(
            'import suite\n\nmodel = suite.load_model("THIS_FOLDER")\nmodel.predict_proba(data_frame)\n'
            "model.remarks(data_frame)  # what is new in it",
            "python",
        ),
        "Nothing in this folder is a pickle, and no code is read from it. Any file that is changed is refused: "
        "the digests of all, this page's too, stand in `suite_model.json`.",
        "## Parameters",
        "The estimator, without the preparation of the columns that suite puts before it:",
        _fenced(python or f"params = {dict(about.params)!r}", "python"),
        "## Versions",
        "\n".join(_bullets([f"suite {about.suite}, Python {about.python}", *_versions(about.packages)])),
    ]
    return f"---\n{_front(about, board, row)}---\n\n" + "\n\n".join(part for part in parts if part) + "\n"


def _what(about: Exported, board: Board, record: Record) -> str:
    seed = f", seed {about.seed}" if record.seeded else ""
    difference = "exactly" if about.difference == 0 else f"to within {about.difference:.1g}"
    text = (
        f"{about.model} ({record.family}), which tells {counted(len(about.classes), 'class', 'classes')} apart by "
        f"{counted(len(about.columns), 'column')}. Exported by suite after a check: fitted on the train rows of "
        f"{about.split}{seed}, saved and read again by a fresh process, it gave the stored probabilities of the "
        f"{about.n_compared:,} test rows {difference}."
    )
    return escape(text)


def _scores(board: Board, row: Row) -> str:
    lines = ["| Metric | Value | 95 % interval |", "| --- | ---: | ---: |"]
    for name, metric in METRICS.items():
        value = row.scores.get(name)
        if value is None:
            continue
        interval = ""
        if name == board.metric and row.interval:
            low, high = row.interval[:2]
            interval = f"{low:{metric.fmt}} to {high:{metric.fmt}}"
        lines.append(f"| {escape(metric.within_sentence)} | {value:{metric.fmt}} | {interval} |")
    return "\n".join(lines)


def _how_tested(board: Board, record: Record) -> str:
    many = f", the mean over {counted(board.n_common, 'fit')}" if board.n_common > 1 else ""
    return escape(
        f"protocol {record.protocol}: {record.n_train:,} rows to train on and {record.n_test:,} to test{many}"
    )


def _data(about: Exported, board: Board) -> Iterator[str]:
    yield f"table {about.dataset}, target {about.target}, {about.n_rows:,} rows, fingerprint {about.fingerprint}"
    names, more = about.classes[:MOST_LISTED], len(about.classes) - MOST_LISTED
    yield f"classes: {', '.join(names)}" + (f" and {more} more" if more > 0 else "")
    names, more = (
        tuple(f"{c.name} ({c.kind})" for c in about.columns[:MOST_LISTED]),
        len(about.columns) - MOST_LISTED,
    )
    yield f"columns: {', '.join(names)}" + (f" and {more} more" if more > 0 else "")
    if board.dropped:
        yield f"left out: {', '.join([*board.dropped][:MOST_LISTED])}"


def _findings(findings: Sequence[Finding]) -> Iterator[str]:
    if not findings:
        yield "The audit of the table found nothing, or there was none: suite audit makes one."
    for finding in findings:
        effect = f"; {finding.effect}" if finding.effect else ""
        yield f"{finding.id} {finding.grade}: {finding.text}{effect}"


def _limits(about: Exported, record: Record) -> Iterator[str]:
    yield (
        "Scores hold for rows like those of the table. suite predict says what is new in a file: levels, columns, "
        "numbers outside of where all were."
    )
    yield "A level that the model has not seen, and a cell that is not understood, count as missing."
    if len(about.present) < len(about.classes):
        yield "Some classes have no row to learn from: they get probability 0."
    if record.family == "neighbours":
        yield "The model keeps the rows that it was fitted on: whoever has the folder has them."
    elif any(column.kind in ("categorical", "text") for column in about.columns):
        yield "The folder holds the levels of the columns of categories, as they stand in the table."
    yield from (note for note in record.notes if note)


def _versions(packages: Mapping[str, str]) -> list[str]:
    return [f"{name} {version}" for name, version in packages.items()]


def _bullets(sentences: Iterable[str]) -> list[str]:
    return [f"- {escape(sentence)}" for sentence in sentences]


def _fenced(code: str, language: str) -> str:
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", code)), default=0))
    return f"{fence}{language}\n{code}\n{fence}"


def _front(about: Exported, board: Board, row: Row) -> str:
    """Return YAML: what comes from data is quoted as JSON has it, which YAML reads the same."""
    metrics = [
        {"type": HUB_METRICS.get(name, name), "name": METRICS[name].within_sentence, "value": round(value, 6)}
        for name, value in row.scores.items()
        if name in METRICS and value is not None and math.isfinite(value)
    ]
    entry = {
        "name": about.model,
        "results": [
            {
                "task": {"type": "tabular-classification", "name": "Tabular Classification"},
                "dataset": {
                    "type": re.sub(r"[^a-z0-9_-]+", "-", about.dataset.lower()).strip("-") or "table",
                    "name": about.dataset,
                    "split": about.protocol,
                    "revision": about.fingerprint,
                },
                "metrics": metrics,
            }
        ],
    }
    told = {
        "library_name": "tabular-suite",
        "pipeline_tag": "tabular-classification",
        "tags": ["tabular-classification", "suite", about.entry],
        "metrics": sorted({str(metric["type"]) for metric in metrics}),
        "model-index": [entry],
    }
    return "".join(f"{key}: {_quoted(value)}\n" for key, value in told.items())


def _quoted(value: Any) -> str:
    return json.dumps(_inert(value), ensure_ascii=False)


def _inert(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _inert(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_inert(item) for item in value]
    return inert(value) if isinstance(value, str) else value
