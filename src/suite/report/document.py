"""A board as a document: its sections, of which each face shows its own. Faces only render it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from suite.analysis.board import Board, Unscored
from suite.metrics import METRICS
from suite.report import blocks, wording
from suite.report.across import across_section
from suite.report.blocks import FILE, SCREEN, Document, Grid, Heat, Plot, Section, Sentences, kept
from suite.report.columns import (
    FAILURES,
    FINDINGS,
    MEMORY,
    curves,
    has_differences,
    index,
    leaderboard,
    more_scores,
    names,
    per_class,
    times,
)
from suite.report.evidence_columns import RELIABILITY, calibration, comparisons, intervals
from suite.report.faces import FIGURES_OF, Face
from suite.report.figures.catalogue import ACROSS, FIGURES
from suite.report.figures.ranking import ranking
from suite.report.searches import about_choice, about_searches, searches
from suite.report.text import counted, inert

CLASSES = 60
"""Classes that a screen shows in the table of F1: of more, the hardest."""


def document(board: Board, face: Face) -> Document:
    """Return what a face shows of a board."""
    return kept((_part(board, face, name) for name in face.order), face.kind)


def _part(board: Board, face: Face, name: str) -> Section:
    section = SECTIONS[name](board, face)
    plots = (
        [Plot(d) for figure in FIGURES_OF.get(name, ()) if (d := FIGURES[figure].draw(board))]
        if face.kind == blocks.PAGE
        else []
    )
    return replace(section, name=name, blocks=[*plots, *section.blocks])


def index_document(boards: Sequence[Board], kind: str = FILE) -> Document:
    """Return the page that links the boards, one line a data set and protocol, and tells of models over data sets."""
    rows = sorted(boards, key=lambda board: (board.dataset, board.protocol))
    block = Grid(index(rows), rows) if rows else Sentences(["No records yet."], "paragraphs")
    across = across_section(rows)
    if kind == FILE:
        return kept([Section("Leaderboards", [block], level=1), across], kind)
    plots = [Plot(drawing) for draw in ACROSS.values() if (drawing := draw(rows))]
    told = [
        Section("Boards", [block], name="boards"),
        replace(across, blocks=[*plots, *across.blocks], name="across"),
    ]
    return kept([Section("Leaderboards", level=1), *told], kind)


def chosen(board: Board, choice: str) -> list[str]:
    """Return the models whose matrices `best`, `all` or a model's name asks for; none where the board lacks it."""
    if choice == "all":
        return list(board.confusion)
    if choice == "best":
        return [row.model for row in board.ranked if row.model in board.confusion][:1]
    return [choice] if choice in board.confusion else []


def _title(board: Board, face: Face) -> Section:
    if face.kind == FILE:
        return Section(wording.title(board), level=1)
    about = "" if face.kind == blocks.PAGE else f": {wording.about_data(board)}"
    return Section(f"{board.name}, {board.protocol}{about}", level=1)


def _dated(board: Board, face: Face) -> Section:
    return Section(", ".join(filter(None, [wording.title(board), board.date])), level=1)


def _state(board: Board, face: Face) -> Section:
    """Say what a reader must know first: which models are missing because the table has changed."""
    if board.outdated is None:
        return Section("")
    sentence = wording.about_outdated(board.outdated)
    return Section("", [Sentences([sentence], "paragraphs"), Sentences([board.outdated.command], "shell")])


def _check(board: Board, face: Face) -> Section:
    told = face.kind == FILE or face.whole
    width = None if told else face.note
    sentences = wording.first_to_check(board.findings, width=width, effects=told)
    return Section(wording.CHECK_FIRST, [Sentences(sentences)], level=3)


def _about(board: Board, face: Face) -> Section:
    sentence = f"{wording.about_data(board)}. Target: {inert(board.target)}. {wording.about_features(board)}"
    # A page has the command beside the machine.
    command = [Sentences([board.command], "shell")] if face.kind == FILE else []
    return Section("", [Sentences([sentence], "paragraphs"), *command])


def _heading(board: Board, face: Face) -> Section:
    """Name the board again where its title has scrolled away."""
    return Section(f"{board.name}, {board.protocol}", level=1)


def _verdict(board: Board, face: Face) -> Section:
    # A page has what rests on the clock beside the times.
    texts = [found.text for found in board.verdict if face.kind != FILE or not found.timed]
    return Section("", [Sentences([" ".join(texts)], "paragraphs")])


def _scores(board: Board, face: Face) -> Section:
    rows, notes = board.rows[: face.rows], wording.about_scores(board) if _is_file(face) else []
    if face.kind == FILE and has_differences(board):
        # Its intervals stand in the second table.
        moved = wording.about_intervals(board)
        notes = [note for note in notes if note not in moved]
    if len(rows) < len(board.rows):
        notes = [f"and {len(board.rows) - len(rows)} more: suite show board"]
    grid = Grid(leaderboard(board), rows, notes, whole=face.rows is None and "verdict" not in face.order)
    return Section("Quality" if _is_file(face) else "", [grid])


def _chart(board: Board, face: Face) -> Section:
    """Return the ranking as a drawing, which stands beside the page."""
    drawing = ranking(board)
    return Section("", [Plot(drawing)] if drawing else [])


def _more(board: Board, face: Face) -> Section:
    """Return what is less asked for than the columns of the ranking."""
    notes = wording.about_intervals(board) if has_differences(board) else []
    return Section("More scores", [Grid(more_scores(board), board.rows, notes)])


def _intervals(board: Board, face: Face) -> Section:
    """Return scores by several metrics, each with its interval."""
    rows = [row for row in board.ranked if board.comparisons and row.model in board.comparisons.models]
    notes = wording.about_all_intervals(board)
    # A file has no room for what its first table says.
    fields = [*names(board, ties=face.kind != FILE), *intervals(board)]
    return Section("Scores with their 95 % intervals", [Grid(fields, rows, notes)])


def _calibration(board: Board, face: Face) -> Section:
    """Return what probabilities are worth, and of the best model how often what it says is so."""
    rows = [row for row in board.ranked if row.model in board.calibration]
    notes = [
        "The calibration error is that of the more probable class, without what chance alone would cause."
    ]
    best = next((row.model for row in rows if row is board.best), None)
    whose = Sentences([f"What {inert(best)} says, and what is so:"] if best else [], "paragraphs")
    curve = board.calibration[best].curve if best else ()
    return Section(
        "Calibration",
        [
            Grid([*names(board, ties=False), *calibration(board)], rows, notes),
            whose,
            Grid(RELIABILITY, curve),
        ],
    )


def _comparisons(board: Board, face: Face) -> Section:
    """Return every pair of ranked models beside each other."""
    pairs = board.pairs()
    notes = wording.about_comparisons(board)
    return Section(f"Every pair by {METRICS[board.metric].label}", [Grid(comparisons(board), pairs, notes)])


def _remarks(board: Board, face: Face) -> Section:
    # A page has those that rest on the clock beside the times.
    texts = [found.text for found in board.observations if face.kind != FILE or not found.timed]
    return Section("What stands out", [Sentences(texts)])


def _classes(board: Board, face: Face) -> Section:
    f1 = board.per_class_f1
    rows = [row for row in board.rows if any(value is not None for value in f1.get(row.model, {}).values())]
    classes, cut = board.classes, []
    if not _is_file(face) and len(classes) > CLASSES:
        known = {name: pair[0] for name, pair in board.best_f1.items() if pair}
        cut = [f"The {CLASSES} hardest of {len(classes)} classes."]
        classes = tuple(sorted(known, key=lambda name: (known[name], name))[:CLASSES])
    return Section("F1 by class", [Grid(per_class(board, rows), classes if rows else (), cut)])


def _confusion(board: Board, face: Face) -> Section:
    best = chosen(board, "best")
    models = sorted(chosen(board, face.confusion), key=lambda model: _is_file(face) and model not in best)
    heats = [Heat(name, board.confusion[name], board.classes, name not in best) for name in models]
    several = Sentences(
        ["The counts are those of the first seed."] if board.n_seeds > 1 else [], "paragraphs"
    )
    return Section("Confusion" if _is_file(face) else "", [*heats, several] if heats else [])


def _time(board: Board, face: Face) -> Section:
    rows = [row for row in board.rows if any(value is not None for value in row.timing.values())]
    compiled = any(row.timing["compile_s"] is not None for row in rows)
    notes = [
        *(["Compiling is part of the fit."] if compiled else []),
        "Imports and a warm-up stand before the clock.",
        *wording.about_load(board),
    ]
    return Section("Time", [Grid([*names(board, ties=False), *times(board)], rows, notes)])


def _memory(board: Board, face: Face) -> Section:
    rows = [row for row in board.rows if row.resources["peak_rss_mb"] is not None]
    note = "Before and peak: the whole process, libraries of earlier fits included; added: the difference."
    return Section("Memory", [Grid([*names(board, ties=False), *MEMORY], rows, [note])])


def _costs(board: Board, face: Face) -> Section:
    """Return times and memory under one heading, with the machines."""
    rows = [row for row in board.rows if {*row.timing.values(), *row.resources.values()} - {None}]
    several = "These fits ran on different machines or versions: times are not comparable throughout."
    blocks = (
        Sentences([" ".join(found.text for found in board.verdict if found.timed)], "paragraphs"),
        Grid([*names(board, ties=False), *times(board)], rows),
        Grid([*names(board, ties=False), *MEMORY], rows),
        Sentences(wording.about_load(board), "paragraphs"),
        Sentences([found.text for found in board.observations if found.timed]),
        Sentences([several] if len(board.machines) > 1 else [], "paragraphs"),
        Sentences([wording.about_machine(machine) for machine in board.machines]),
    )
    return Section("Time and memory", blocks)


def _searches(board: Board, face: Face) -> Section:
    """Return what searches cost and gave, and what they chose."""
    chosen = [f"{inert(gain.model)}: {about_choice(gain)}" for gain in board.gains]
    grid = Grid(searches(board), board.gains, about_searches(board))
    return Section("Searches", [grid, Sentences(chosen)])


def _failures(board: Board, face: Face) -> Section:
    groups: Mapping[tuple[str, str, str], list[Unscored]] = defaultdict(list)
    for failure in board.failures:
        groups[failure.model, failure.status, failure.reason].append(failure)
    heading = f"Without a score: {counted(len(board.failures), 'fit')}"
    return Section("Failures" if _is_file(face) else heading, [Grid(FAILURES, list(groups.values()))])


def _notes(board: Board, face: Face) -> Section:
    limits = (wording.LISTED, None) if face.whole else (wording.NOTES, wording.NOTE)
    # A file has these below the scores.
    about = wording.about_scores(board) if face.kind == SCREEN else []
    return Section("Notes", [Sentences([*wording.about_notes(board, *limits), *about])])


def _audit(board: Board, face: Face) -> Section:
    """Return every finding, with what it does to scores and what to do."""
    return Section("What to check in the table", [Grid(FINDINGS, board.findings)])


def _curves(board: Board, face: Face) -> Section:
    """Return how models learned, that train in epochs."""
    rows = [row for row in board.rows if row.model in board.curves]
    grid = Grid([*names(board, ties=False), *curves(board)], rows)
    return Section("Learning curves", [grid])


def _made(board: Board, face: Face) -> Section:
    """Return what makes the board again, and where it was made."""
    machines = Sentences([wording.about_machine(machine) for machine in board.machines])
    return Section("How it was made", [Sentences([board.command], "shell"), machines])


def _is_file(face: Face) -> bool:
    return face.kind in (FILE, blocks.PAGE)


SECTIONS = {
    "title": _title,
    "dated": _dated,
    "heading": _heading,
    "verdict": _verdict,
    "chart": _chart,
    "state": _state,
    "check": _check,
    "about": _about,
    "scores": _scores,
    "more": _more,
    "intervals": _intervals,
    "comparisons": _comparisons,
    "calibration": _calibration,
    "remarks": _remarks,
    "classes": _classes,
    "confusion": _confusion,
    "time": _time,
    "memory": _memory,
    "costs": _costs,
    "searches": _searches,
    "failures": _failures,
    "notes": _notes,
    "audit": _audit,
    "curves": _curves,
    "made": _made,
}
"""What a board is made of, by the names that faces and `suite show` use."""
