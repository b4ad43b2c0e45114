"""The sentences that terminal and Markdown share: what a board is, how its scores were made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from string import ascii_lowercase

from suite.analysis.board import Board, Machine
from suite.report.text import counted, inert, shortened
from suite.schema import Finding

CHECK_FIRST = "Check this before you believe the scores"
CHECKED = 3
"""So many findings stand first; the others are among the notes."""
LONG_NAME = 60
"""Terminal cells of a column's name in the list of those left out."""
METHODS = {
    "wilson": "Wilson's score interval on the test rows",
    "corrected_t": "the corrected resampled t interval (Nadeau and Bengio 2003) over the splits",
}


def about_board(board: Board) -> str:
    """Return the headline: data set, protocol, classes and rows."""
    return f"{inert(board.dataset)}, {inert(board.protocol)}: {about_data(board)}"


def about_data(board: Board) -> str:
    """Return how much there was to learn from, and how it was split."""
    text = f"{counted(len(board.classes), 'class', 'classes')}, {board.n_train:,} rows to train on"
    text += f", {board.n_test:,} to test on"
    if board.n_splits > 1:
        text += f", {board.n_splits} times"
    return text + (f", {board.n_seeds} seeds each" if board.n_seeds > 1 else "")


def about_scores(board: Board) -> list[str]:
    """Return what a reader of the scores has to know, in sentences."""
    notes = []
    if methods := sorted({row.interval.method for row in board.rows if row.interval}):
        notes.append(f"95 % interval: {' and '.join(METHODS[method] for method in methods)}.")
    if board.n_common > 1:
        notes.append(
            f"Scores are means over {board.n_common} cells."
            if board.n_common == board.n_cells
            else f"Scores are means over {board.n_common} of {board.n_cells} cells: those that all ranked models have."
        )
    elif board.n_common == 1 < board.n_cells:
        notes.append(f"Scores are of the one cell, of {board.n_cells}, that all ranked models have.")
    published = [label for row in board.rows if row.source != "run" for label in [labels(board)[row.model]]]
    if published:
        notes.append(f"{', '.join(published)}: published figures, not run here and not ranked.")
    return notes


def first_to_check(findings: Sequence[Finding], most: int = CHECKED) -> list[str]:
    """Return what to check first in at most so many sentences, and how many more there are."""
    sentences = [inert(found.text) for found in findings]
    rest = len(sentences) - most
    return sentences[:most] + ([f"and {rest:,} more: see Notes"] if rest > 0 else [])


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

    Parameters
    ----------
    board : Board
        Whose findings that stand not first, and whose columns left out, are all among the notes.
    most : int
        So many sentences of the table, and so many of models, are told at most.
    width : int, optional
        Terminal cells that a sentence may have, but for the one that names what was left out.
    """

    def cut(text: str) -> str:
        return shortened(text, width) if width else text

    other = f"the table has {counted(board.n_other, 'record')} of other content, target or features, not shown here"
    cells = [
        f"{', '.join(map(inert, note.models))}: {inert(note.text)}" if note.models else inert(note.text)
        for note in board.notes
    ]
    return [
        *(cut(inert(found.text)) for found in board.findings[CHECKED:]),
        *([other] if board.n_other else []),
        *_at_most(most, [cut(inert(text)) for text in board.read]),
        *about_left_out(board.dropped),
        *_at_most(most, list(map(cut, cells))),
    ]


def _at_most(most: int, sentences: list[str]) -> list[str]:
    rest = len(sentences) - most
    return sentences[:most] + ([f"and {rest:,} more like these"] if rest > 0 else [])


def about_load(board: Board) -> list[str]:
    """Return whose times were taken beside other cells at work, in a sentence, if any were."""
    busy = {row.model: row.timing["busy_workers"] or 0 for row in board.rows}
    shared = [inert(model) for model, workers in busy.items() if workers > 1]
    if not shared:
        return []
    whose = "All times" if len(shared) == sum(workers > 0 for workers in busy.values()) else "Times of "
    whose += "" if whose == "All times" else ", ".join(shared)
    return [f"{whose} were taken while other cells ran; --timing exclusive runs one at a time."]


def about_machine(machine: Machine) -> str:
    """Return a machine in one line."""
    cores = f", {counted(machine.cores, 'core')}" if machine.cores else ""
    return inert(f"{machine.cpu}{cores}, {machine.os}, Python {machine.python}, suite {machine.suite}")


def labels(board: Board) -> dict[str, str]:
    """Return a short label for each model: its rank, or a letter where it has none but has a score."""
    found = {}
    letters = iter([*ascii_lowercase, *(a + b for a in ascii_lowercase for b in ascii_lowercase)])
    for row in board.rows:
        if row.rank is not None:
            found[row.model] = str(row.rank)
        else:
            found[row.model] = next(letters, "") if row.scores[board.metric] is not None else "–"
    return found
