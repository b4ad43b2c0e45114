"""What there is, what was found in a table and what is planned: lists, columns, an audit, a plan, the doctor."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from suite.analysis import power
from suite.errors import listed
from suite.report.blocks import Field, Grid, Section, Sentences, kept
from suite.report.terminal import Shown, rendered
from suite.report.text import counted, inert, shortened
from suite.report.wording import CHECK_FIRST, LONG_NAME, NOTE, NOTES, about_left_out, first_to_check
from suite.schema import AuditReport, Cell, Dataset, Finding, Record, Split

if TYPE_CHECKING:
    from rich.console import RenderableType

_TITLES = {"models": "Models", "datasets": "Data sets", "metrics": "Metrics", "protocols": "Protocols"}
CLASSES = 10
"""Classes that are named with their rows: the largest."""
AUDIT_ROWS = "Row numbers count the rows that have a label, from 0. Leave a finding out: --ignore CODE."
COLUMNS = 20
"""Columns of a kind that are named."""
_word = partial(Field, text=True, least=10)
_long = partial(Field, text=True, least=30, fold=True)

PLAN = (
    _word("Data set", lambda group: group[0][0], importance=8),
    _word("Protocol", lambda group: group[0][1], importance=7),
    _word("Model", lambda group: group[0][2], importance=9),
    Field("Fits", lambda group: len(group[1]), importance=5),
    Field("Done", lambda group: sum(group[1]), importance=6),
    Field("To run", lambda group: len(group[1]) - sum(group[1]), importance=9),
)
"""A line is of a data set, a protocol and a model, with whether each of the cells is done."""
INSPECTION = (
    _word("Column", itemgetter("column"), importance=9, most=200),
    _word("Read as", itemgetter("read_as"), importance=8, most=200),
    _word("Examples", itemgetter("examples"), importance=5, most=200, least=12),
    Field("Missing", itemgetter("missing"), "{:,}".format, 4),
    Field("Different", itemgetter("different"), "{:,}".format, 3),
    _word("Changed", itemgetter("changed"), importance=6, most=200, least=16, fold=True),
    _word("Becomes", itemgetter("becomes"), importance=7, most=200, least=18, fold=True),
    _word("Overrule", itemgetter("overrule"), importance=2, most=200, fold=True),
)
DOCTOR = (
    Field(
        "",
        lambda row: "!" if row[2] else "–" if row[3] else "✓",
        importance=9,
        mark=lambda row: "bad" if row[2] else "" if row[3] else "good",
    ),
    _word("What", itemgetter(0), importance=9),
    _word("Found", itemgetter(1), importance=8),
    _word("What that means", lambda row: row[2] or row[3], importance=9, most=200, least=24, fold=True),
)


def data_parts(dataset: Dataset, *, width: int = 80) -> list[RenderableType]:
    """Return what a data set is, and then what to check about it, each with an empty line below."""
    heading = f"{dataset.name} ({dataset.file})" if dataset.file else dataset.name
    lines = [_rows(dataset), _classes(dataset), *_columns(dataset), *about_left_out(dataset.dropped)]
    lines += [shortened(inert(note), NOTE) for note in dataset.notes[:NOTES]]
    sections = [Section(shortened(inert(heading), width), [Sentences(lines)]), to_check(dataset.findings)]
    return rendered(kept(sections), width)


def audit_parts(report: AuditReport, *, width: int = 80) -> list[RenderableType]:
    """Return what an audit found, each grave finding in a paragraph of its own, each followed by an empty line."""
    about = f"{counted(report.n_rows, 'row')}, {counted(report.n_features, 'feature')}, "
    about += f"{counted(report.n_classes, 'class', 'classes')} of {_name(report.target)}; protocol {report.protocol}"
    notes = [finding for finding in report.findings if finding.grade == "note"]
    grave = report.grave
    count = counted(len(grave), "finding") if grave else "No error, no warning"
    sections = [
        Section(shortened(inert(report.dataset), width), [Sentences([about], "paragraphs")], level=1),
        *(_finding(finding) for finding in grave),
        Section("Notes", [Sentences([line for note in notes for line in _note(note)])]),
        Section("", [Sentences([f"{count}, {counted(len(notes), 'note')}. {AUDIT_ROWS}"], "paragraphs")]),
    ]
    return rendered(kept(sections), width)


def _finding(finding: Finding) -> Section:
    lines = [
        f"{finding.text}.",
        *([f"Effect: {finding.effect}."] if finding.effect else []),
        *([f"Rows: {_rows_of(finding)}"] if finding.rows else []),
        *([f"To do: {finding.to_do}."] if finding.to_do else []),
    ]
    return Section(f"{finding.grade} {finding.id} {finding.code}", [Sentences(lines)])


def _note(finding: Finding) -> list[str]:
    effect = f" ({finding.effect})" if finding.effect else ""
    rows = f"; rows {_rows_of(finding)}" if finding.rows else ""
    return [f"{finding.id} {finding.code}: {finding.text}{effect}{rows}"]


def _rows_of(finding: Finding) -> str:
    return ", ".join(f"{row:,}" for row in finding.rows)


def to_check(findings: Sequence[Finding]) -> Section:
    """Return all there is to check about a data set."""
    return Section(CHECK_FIRST, [Sentences(first_to_check(findings, len(findings), NOTE))])


def _rows(dataset: Dataset) -> str:
    used = counted(len(dataset.kinds), "column")
    return f"{counted(len(dataset.y), 'row')}, {used} used, target {_name(dataset.target)}"


def _classes(dataset: Dataset) -> str:
    import numpy as np

    sizes = np.bincount(dataset.y, minlength=len(dataset.classes))
    largest = np.argsort(-sizes, kind="stable")[:CLASSES]
    rest = len(sizes) - len(largest)
    named = [f"{_name(dataset.classes[i])} {sizes[i]:,}" for i in sorted(largest)]
    more = f" and {rest:,} smaller ones" if rest else ""
    return f"{counted(len(sizes), 'class', 'classes')}: {', '.join(named)}{more}"


def _columns(dataset: Dataset) -> list[str]:
    names: dict[str, list[str]] = defaultdict(list)
    for name, kind in zip(dataset.X.columns, dataset.kinds, strict=True):
        names[kind].append(_name(str(name)))
    return [f"{len(group):,} {kind}: {listed(group, COLUMNS)}" for kind, group in names.items()]


def _name(text: str) -> str:
    return shortened(inert(text) or repr(text), LONG_NAME)


def plan_table(planned: Sequence[tuple[Cell, Record | None, bool]]) -> Shown:
    """Return what a run would do: every cell of its plan, the record of those that are done, and if it was asked for.

    What was not asked for is the floor of the boards, which stands in the table and is not counted.
    """
    groups: dict[tuple[str, str, str], list[bool]] = defaultdict(list)
    for cell, record, asked in planned:
        model = cell.model if asked else f"{cell.model}, the floor"
        groups[cell.dataset, cell.protocol, model].append(record is not None)
    done = [record is not None for _, record, asked in planned if asked]
    title = f"Plan: {counted(len(done), 'fit')}, {sum(done)} done, {len(done) - sum(done)} to run"
    return _shown(title, PLAN, list(groups.items()), ["A fit is one model on one split with one seed."])


def decidable(dataset: Dataset, splits: Iterable[Split], records: Iterable[Record]) -> str:
    """Return what a data set can decide with these splits, in a sentence; records of it tell how good models are."""
    import numpy as np

    found = list({split.id: split for split in splits}.values())
    repeats = len({split.seed for split in found})
    accuracies = [
        accuracy
        for record in records
        if (record.dataset, record.target, record.status) == (dataset.name, dataset.target, "ok")
        and record.family != "baseline"
        and (accuracy := record.metrics.get("accuracy")) is not None
    ]
    largest = float(np.bincount(dataset.y).max() / len(dataset.y))
    discordant = power.disagreement(accuracies, largest)
    n_test = sum(len(split.test) for split in found) // repeats
    sentence = power.plans(n_test, len(dataset.y), len(dataset.kinds), discordant, found[0].protocol)
    warning = power.fold_warning(len(dataset.y), len(dataset.kinds), found[0].protocol, len(found))
    return f"{_name(dataset.name)}: {sentence}" + (f" {warning}" if warning else "")


def decides(sentences: Sequence[str]) -> Shown:
    """Return what planned protocols can decide."""
    return Shown(Section("What this can decide", [Sentences(sentences)], level=3))


def listing_table(what: str, rows: Sequence[Mapping[str, Any]]) -> Shown:
    """Return rows of strings, or of options with their defaults; the keys of the first row are the columns."""

    def field(position: int, key: str) -> Field:
        title, options = key.capitalize(), key in ("params", "options")
        kind = _long if options or key == "summary" else partial(_word, least=0)
        bold = "bold" if position == 0 else ""
        return kind(title, itemgetter(key), _written, 0 if options else 9 - position, mark=lambda _: bold)

    return _shown(
        _TITLES.get(what, what), [field(*pair) for pair in enumerate(rows[0] if rows else ())], rows
    )


def inspection_table(title: str, rows: Sequence[Mapping[str, Any]], notes: Sequence[str] = ()) -> Shown:
    """Return how the columns of a table were read, a row each: the fields of `suite.datasets.inspection.Row`."""
    return _shown(title, INSPECTION, rows, notes)


def doctor_table(rows: Sequence[tuple[str, str, str, str]]) -> Shown:
    """Return findings (label, value, problem, note) with a sign: there, a problem, or absent, which the note is on."""
    n_problems = sum(bool(problem) for _, _, problem, _ in rows)
    n_absent = sum(bool(note) and not problem for _, _, problem, note in rows)
    title = counted(n_problems, "problem") if n_problems else "All is well"
    title += f"; {counted(n_absent, 'optional thing')} absent" if n_absent else ""
    return _shown(title, DOCTOR, rows)


def _shown(title: str, fields: Sequence[Field], rows: Sequence[Any], notes: Sequence[str] = ()) -> Shown:
    return Shown(Section(title, [Grid(fields, rows, notes)], level=1))


def _written(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={item}" for key, item in value.items())
    return str(value)
