"""The sentences that terminal and Markdown share: what a board is, how its scores were made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from string import ascii_lowercase
from typing import TYPE_CHECKING

from suite.report.text import NONE, counted, inert, shortened

if TYPE_CHECKING:
    from suite.analysis.board import Board, Machine, Outdated, Row
    from suite.schema import Finding

CHECK_FIRST = "Check this before you believe the scores"
HOW_TO_READ = "Rows: true class. Columns: predicted class. Percentages of the row."
UNDEFINED = "the metric is not defined for it"
FEATURES = 20
"""If there are more features, none is named."""
CHECKED = 3
"""Findings that stand first; the others are among the notes."""
LISTED = 60
"""A page shows this many notes of a kind."""
NOTES, NOTE = 5, 240
"""A screen shows this many notes of a kind, each cut to this many terminal cells."""
LONG_NAME = 60
"""Terminal cells of a column's name in the list of those left out."""
METHODS = {
    "wilson": "Wilson's score interval on the test rows",
    "bootstrap": "percentile bootstrap of {unit}, 2,000 draws",
    "corrected_t": "the corrected resampled t interval (Nadeau and Bengio 2003) over the splits",
}
"""How the interval of a score is found."""
PAIRED = {
    "tango": "Tango's score interval and McNemar's mid-p on {unit}",
    "bootstrap": f"paired {METHODS['bootstrap']}",
    "corrected_t": METHODS["corrected_t"],
}
"""How two models are compared."""
DOUBTS = {
    "few_rows": "These are few test rows: intervals may be too narrow.",
    "single_rows": (
        "A model gives some classes a probability of 0: its log loss hangs on single rows, and neither intervals nor "
        "= can be trusted; --metric brier can."
    ),
    "few_of_a_class": "These are few test rows of the rarest class: intervals may be too narrow.",
    "few_groups": "These are few groups: intervals may be too narrow.",
}
"""Why intervals may hold the truth less often than they should: see docs/evidence.md."""


def title(board: Board) -> str:
    """Return which board this is, for people who have it in a mail: data set, protocol and target."""
    # The name has the target where a data set has several.
    target = f", target {board.target}" if board.name == board.dataset else ""
    return f"{board.name}, {board.protocol}{target}"


def about_data(board: Board) -> str:
    """Return how much there was to learn from, and how it was split."""
    text = f"{counted(len(board.classes), 'class', 'classes')}, {board.n_train:,} rows to train on"
    text += f", {board.n_test:,} to test on"
    if board.n_splits > 1:
        text += f", {board.n_splits} times"
    return text + (f", {board.n_seeds} seeds each" if board.n_seeds > 1 else "")


def about_comparisons(board: Board) -> list[str]:
    """Return how models were compared, and what is tied, in sentences."""
    found = board.comparisons
    if not found or board.metric not in found.standings or not found.standings[board.metric].pairs:
        return []
    method = found.standings[board.metric].method
    notes = [f"Differences: {PAIRED[method].format(unit=_unit(board))}."]
    notes += [DOUBTS[doubt] for doubt in found.doubts(board.metric, board.rarest)]
    tied = board.tied
    if len(tied) > 1:
        notes.append("= may be the best: the models so marked hold the truly best one with 95 % probability.")
    if any(row.to_best and not row.to_best.low <= 0 <= row.to_best.high for row in tied):
        notes.append(
            f"A model may be the best although the interval of its difference leaves zero out: the first of "
            f"{len(board.ranked)} was picked by the same rows."
        )
    return notes


def about_intervals(board: Board) -> list[str]:
    """Return by which methods intervals of scores were found."""
    methods = sorted({row.interval.method for row in board.rows if row.interval})
    return (
        [f"95 % interval: {' and '.join(_method(method, board) for method in methods)}."] if methods else []
    )


def about_all_intervals(board: Board) -> list[str]:
    """Return by which methods the intervals of all metrics were found, in one sentence."""
    from suite.metrics import METRICS

    found: dict[str, list[str]] = defaultdict(list)
    for name, standing in board.comparisons.standings.items() if board.comparisons else ():
        if standing.low:
            found[standing.interval].append(METRICS[name].label)
    if len(found) < 2:
        return [f"Intervals: {_method(method, board)}." for method in found]
    rare, usual = sorted(found, key=lambda method: len(found[method]))
    others = f"the others: {_method(usual, board)}"
    return [f"{', '.join(found[rare])}: {_method(rare, board)}; {others}."]


def _method(method: str, board: Board) -> str:
    return METHODS[method].format(unit=_unit(board))


def _unit(board: Board) -> str:
    """Return what is drawn again, or counted."""
    groups = board.comparisons.n_groups if board.comparisons else None
    return f"the {groups:,} groups" if groups else "the test rows"


def about_scores(board: Board) -> list[str]:
    """Return what a reader of the scores has to know, in sentences."""
    notes = [*about_intervals(board), *about_comparisons(board)]
    if board.positive is not None:
        whose = repr(shortened(inert(board.positive), LONG_NAME))
        notes.append(f"F1, precision, recall and average precision: of class {whose}.")
    notes += _about_means(board)
    label = labels(board)
    for row in board.aside:
        fits = f"scored in {row.n_ok} of {row.n_cells} fits"
        notes.append(f"{label[row.model]}: not ranked; {fits if row.n_ok < row.n_cells else UNDEFINED}.")
    still = [label[row.model] for row in board.rows if not row.seeded]
    if board.n_seeds > 1 and still:
        notes.append(f"{', '.join(still)}: the seed changes nothing, so each was fitted once a split.")
    if published := [label[row.model] for row in board.rows if row.source != "run"]:
        notes.append(f"{', '.join(published)}: published figures, not run here and not ranked.")
    return notes


def _about_means(board: Board) -> list[str]:
    """Return what scores are means over, in a sentence: folds, seeds, or both."""
    several = {"folds": board.n_splits, "seeds": board.n_seeds}
    named = [f"{n} {what}" for what, n in several.items() if n > 1]
    if board.n_common == board.n_cells:
        return (
            [f"Scores are means over {', '.join(named)}{' each' if len(named) > 1 else ''}."] if named else []
        )
    unit = named[0].split()[1] if len(named) == 1 else "fits"
    whose = "that all ranked models have"
    if board.n_common == 1:
        return [f"Scores are of the one {unit.removesuffix('s')}, of {board.n_cells}, {whose}."]
    n = f"{board.n_common} of {board.n_cells} {unit}"
    return [f"Scores are means over {n}: those {whose}."] if board.n_common else []


def about_outdated(outdated: Outdated) -> str:
    """Return which models are not on the board because the table has changed since they were run."""
    count, names = len(outdated.models), ", ".join(map(inert, outdated.models))
    verb, since, whom = ("is", "it was", "it") if count == 1 else ("are", "they were", "them")
    sentence = f"{counted(count, 'model')} {verb} not on this board: {names}. "
    sentence += f"The table or its features have changed since {since} run"
    return sentence + (f"; this runs {whom} again:" if outdated.command else ".")


def about_features(board: Board) -> str:
    """Return how many features there are, and their names if they are few."""
    count = counted(len(board.features), "feature")
    few = 0 < len(board.features) <= FEATURES
    return f"{count}: {', '.join(map(inert, board.features))}." if few else f"{count}."


def first_to_check(
    findings: Sequence[Finding], most: int = CHECKED, width: int | None = None, effects: bool = False
) -> list[str]:
    """Return the `most` gravest findings, with their effects if asked for, and how many more there are."""
    first, rest = findings[:most], len(findings) - most
    texts = [_with_effect(found) if effects and found.effect else found.text for found in first]
    return [_cut(text, width) for text in texts] + ([f"and {rest:,} more: see Notes"] if rest > 0 else [])


def _with_effect(found: Finding) -> str:
    return f"{found.text.rstrip('.')}. {found.effect[0].upper()}{found.effect[1:]}"


def about_left_out(dropped: Mapping[str, str]) -> list[str]:
    """Return the names of all columns that were left out by reason, in one sentence, or none."""
    names: dict[str, list[str]] = defaultdict(list)
    for name, reason in sorted(dropped.items()):
        names[inert(reason).removeprefix("left out ")].append(shortened(inert(name) or repr(name), LONG_NAME))
    parts = [f"{', '.join(group)} ({reason})" for reason, group in names.items()]
    hint = "" if all(reason.startswith("with --") for reason in names) else "; --keep COLUMN uses one"
    return [f"left out: {', '.join(parts)}{hint}"] if parts else []


def about_notes(board: Board, most: int, width: int | None = None) -> list[str]:
    """Return what is noted of the table, of columns left out and of models.

    There are up to `most` notes of the table and as many of the models, each cut to `width` terminal cells. All
    findings that do not stand first are among them, and all columns left out.
    """
    other = f"the table has {counted(board.n_other, 'record')} of other content or features, not shown here"
    cells = [f"{', '.join(note.models)}: {note.text}" if note.models else note.text for note in board.notes]
    return [
        *(_cut(found.text, width) for found in board.findings[CHECKED:]),
        *([other] if board.n_other else []),
        *_at_most(most, [_cut(text, width) for text in board.read]),
        *about_left_out(board.dropped),
        *_at_most(most, [_cut(text, width) for text in cells]),
    ]


def _cut(text: str, width: int | None) -> str:
    return shortened(inert(text), width) if width else inert(text)


def _at_most(most: int, sentences: list[str]) -> list[str]:
    if len(sentences) <= most + 1:  # the line that counts the rest would be as long
        return sentences
    return [*sentences[:most], f"and {len(sentences) - most:,} more like these"]


def about_load(board: Board) -> list[str]:
    """Return whose times were taken beside other cells at work, in a sentence, if any were."""
    busy = {row.model: row.timing["busy_workers"] or 0 for row in board.rows}
    shared = [inert(model) for model, workers in busy.items() if workers > 1]
    if not shared:
        return []
    is_all = len(shared) == sum(workers > 0 for workers in busy.values())
    whose = "All times" if is_all else f"Times of {', '.join(shared)}"
    return [f"{whose} were taken while other fits ran; --timing exclusive runs one at a time."]


def about_machine(machine: Machine) -> str:
    """Return a machine and its versions in one line."""
    cores = [counted(machine.cores, "core")] if machine.cores else []
    packages = [f"{name} {version}" for name, version in machine.packages.items()]
    versions = [f"Python {machine.python}", f"suite {machine.suite}", *packages]
    return inert(", ".join([machine.cpu, *cores, machine.os, *versions]))


def labels(board: Board) -> dict[str, str]:
    """Return a short label for each model: its rank, or a letter where it has none but has a score."""
    letters = iter([*ascii_lowercase, *(a + b for a in ascii_lowercase for b in ascii_lowercase)])

    def label(row: Row) -> str:
        if row.rank is not None:
            return str(row.rank)
        return next(letters, "") if row.scores[board.metric] is not None else NONE

    return {row.model: label(row) for row in board.rows}
