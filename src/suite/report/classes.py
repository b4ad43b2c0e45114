"""F1 by class and model, side by side: where a model is good, and where none is."""

from __future__ import annotations

import math
from collections.abc import Mapping

from rich.cells import cell_len
from rich.text import Text

from suite.analysis.board import Board, Row
from suite.report.grid import Column, Grid
from suite.report.text import inert, number, plain, shortened, wrapped
from suite.report.wording import labels

LISTED = 60
"""So many classes are shown at most: beyond, the hardest ones."""
_CELL, _GAP = 5, 1


def per_class_tables(board: Board, *, width: int = 80) -> list[Grid]:
    """Return F1 of every class by model, the best ranked one of each class marked; several if too wide.

    Models stand under their names where these fit, and else under their rank, with a legend below.
    """
    rows = [
        row
        for row in board.rows
        if any(f1 is not None for f1 in board.per_class_f1.get(row.model, {}).values())
    ]
    if not rows:
        return []
    best = board.best_f1
    names = _hardest(best) if len(board.classes) > LISTED else board.classes
    classes = Column(
        title="Class", cells=[plain(name, limit=24) for name in names], numeric=False, least=10, importance=1
    )
    by_name = classes.width + sum(max(cell_len(inert(r.model)) + 1, _CELL) + _GAP for r in rows) <= width
    label = {row.model: inert(row.model) for row in rows} if by_name else labels(board)
    n_tables = 1 if by_name else math.ceil(len(rows) / max(1, (width - classes.width) // (_CELL + _GAP)))
    size = math.ceil(len(rows) / n_tables)
    legend = (
        [] if by_name else wrapped((f"{label[r.model]} {shortened(inert(r.model), 40)}" for r in rows), width)
    )
    cut = (
        [f"The {LISTED} hardest of {len(board.classes)} classes."] if len(names) < len(board.classes) else []
    )
    grids = []
    for start in range(0, len(rows), size):
        columns = [
            Column(
                title=f"{label[row.model]} ", cells=[_f1(board, row, n, best[n]) for n in names], importance=1
            )
            for row in rows[start : start + size]
        ]
        last = start + size >= len(rows)
        grids.append(
            Grid(
                title="F1 by class" if not start else "",
                columns=[classes, *columns],
                notes=[*legend, "* the best of its class", *cut] if last else [],
                gap=_GAP,
            )
        )
    return grids


def _hardest(best: Mapping[str, tuple[float, str] | None]) -> list[str]:
    known = {name: pair[0] for name, pair in best.items() if pair}
    return sorted(known, key=lambda name: (known[name], name))[:LISTED]


def _f1(board: Board, row: Row, name: str, best: tuple[float, str] | None) -> Text:
    text = number(board.per_class_f1[row.model][name], ".2f")
    # What looks equal is marked alike: a reader cannot see the third digit.
    marked = row.rank is not None and best is not None and text == number(best[0], ".2f")
    return Text(f"{text}*", style="bold") if marked else Text(f"{text} ")
