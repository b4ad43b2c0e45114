"""The F1 of every class and model."""

from __future__ import annotations

from suite.analysis.board import Board
from suite.analysis.words import class_name
from suite.report.drawing import WIDTH, Drawing, Group, Mark, Rect, Words, fitted, text_width
from suite.report.figures.axes import SMALL
from suite.report.figures.heat import shade
from suite.report.figures.legend import legend, swatch
from suite.report.text import NONE, inert, number, shortened
from suite.report.wording import LONG_NAME

NAMES, TOP, MOST = 150.0, 54.0, 60
"""Room for classes' names and for models', and how many classes are shown."""
ROW, COLUMN, SIZE = 22.0, 48.0, 10.0


def classes(board: Board) -> Drawing | None:
    """Draw the F1 of classes, the hardest first, by model; None if none is known."""
    models = [row for row in board.ranked if row.family != "baseline"] or list(board.ranked)
    figures = {row.model: board.per_class_f1.get(row.model, {}) for row in models}

    def hardness(name: str) -> float:
        return max((f1 for own in figures.values() if (f1 := own.get(name)) is not None), default=2.0)

    known = {name for own in figures.values() for name, f1 in own.items() if f1 is not None}
    order = sorted((name for name in board.classes if name in known), key=hardness)[:MOST]
    if not order:
        return None
    values = [f1 for own in figures.values() for name in order if (f1 := own.get(name)) is not None]
    low, high = min(values), max(values)
    width, height = min(COLUMN, (WIDTH - NAMES - 4) / len(models)), ROW if len(order) <= 30 else 15.0
    numbers = width >= text_width("0.00", SIZE) + 2
    turned = any(text_width(row.model, SMALL) > width - 4 for row in models)
    top = TOP + (min(110.0, max(text_width(row.model, SMALL) for row in models)) if turned else 0.0)
    marks: list[Mark] = []
    for j, row in enumerate(models):
        x = NAMES + (j + 0.5) * width
        words = fitted(row.model, 110.0 if turned else width, SMALL)
        if turned and width >= 8:
            marks.append(Words(x + 4, top - 6, words, "ink", turned=True, size=SMALL, bold=row.rank == 1))
        elif not turned:
            marks.append(Words(x, top - 6, words, anchor="middle", size=SMALL, bold=row.rank == 1))
    for i, name in enumerate(order):
        y = top + i * height
        marks.append(
            Words(NAMES - 8, y + height / 2 + 4, fitted(name, NAMES - 14), anchor="end", size=min(12, height))
        )
        for j, row in enumerate(models):
            f1 = figures[row.model].get(name)
            marks.append(
                _cell(f1, NAMES + j * width, y, width, height, numbers, (low, high), row.model, name)
            )
    ends = [(swatch("heat", shade(0.0)[0]), number(low, ".2f")), (swatch("heat", 1.0), number(high, ".2f"))]
    marks += legend([(ends[0][0], f"F1 {ends[0][1]}"), (ends[1][0], f"F1 {ends[1][1]}")], 8)
    hardest, named = order[0], class_name(shortened(inert(order[0]), LONG_NAME))
    most = max(f1 for own in figures.values() if (f1 := own.get(hardest)) is not None)
    left = len(known) - len(order)
    alt = f"The hardest is {named}: no model has an F1 above {number(most, '.2f')}."
    return Drawing(
        name="classes",
        title="F1 of every class and model, the hardest class first",
        alt=alt + (f" The {len(order)} hardest of {len(known)} classes are shown." if left else ""),
        width=WIDTH,
        height=top + len(order) * height + 8,
        marks=marks,
    )


def _cell(
    f1: float | None, x: float, y: float, width: float, height: float, numbers: bool,
    ends: tuple[float, float], model: str, name: str,
) -> Mark:  # fmt: skip
    low, high = ends
    middle, base = x + width / 2, y + height / 2 + SIZE / 3
    if f1 is None:
        return Words(middle, base, NONE, "faint", anchor="middle", size=SIZE)
    opacity, ink = shade((f1 - low) / (high - low) if high > low else 0.0)
    marks: list[Mark] = [Rect(x + 0.5, y + 0.5, width - 1, height - 1, "heat", opacity=opacity)]
    if numbers:
        marks.append(Words(middle, base, number(f1, ".2f"), ink, anchor="middle", size=SIZE))
    return Group(marks, f"{inert(name)}, {inert(model)}: F1 {number(f1, '.4f')}")
