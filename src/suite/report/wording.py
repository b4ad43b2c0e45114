"""The sentences that terminal and Markdown share: what a board is, how its scores were made."""

from __future__ import annotations

from string import ascii_lowercase

from suite.analysis.board import Board, Machine
from suite.report.text import counted, inert

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


def about_notes(board: Board, most: int) -> list[str]:
    """Return what is noted of the table, of columns left out and of models, at most so many sentences of each."""
    other = f"the table has {counted(board.n_other, 'record')} of other content, target or features, not shown here"
    dropped = [f"{inert(name)} is no feature: {inert(why)}" for name, why in sorted(board.dropped.items())]
    cells = [
        f"{', '.join(map(inert, note.models))}: {inert(note.text)}" if note.models else inert(note.text)
        for note in board.notes
    ]
    found = [other] if board.n_other else []
    for sentences in ([inert(text) for text in board.read], dropped, cells):
        found += sentences[:most]
        if (rest := len(sentences) - most) > 0:
            found.append(f"and {rest:,} more like these")
    return found


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
