"""A model's confusion matrix: how many rows of each class were called what."""

from __future__ import annotations

from suite.analysis.board import Board
from suite.analysis.confusion import mistakes, shares
from suite.analysis.words import class_name
from suite.names import slug
from suite.report.drawing import WIDTH, Drawing, Group, Mark, Rect, Words, fitted, text_width
from suite.report.figures.axes import SMALL
from suite.report.figures.heat import shade
from suite.report.figures.legend import legend, swatch
from suite.report.text import inert, percent, shortened
from suite.report.wording import LONG_NAME

NAMES, TOP, MANY = 150.0, 44.0, 40
"""Room for classes' names, and of how many classes names and numbers are shown."""
LARGEST, SIZE = 44.0, 11.0


def confusion(board: Board, model: str) -> Drawing | None:
    """Draw a model's confusion matrix, a row a true class; None where there is none."""
    matrix = board.confusion.get(model)
    if not matrix:
        return None
    k, few = len(matrix), len(matrix) <= MANY
    left = NAMES if few else 40.0
    side = min(LARGEST, (WIDTH - left - 8) / k)
    side = float(int(side)) if side > 8 else side
    longest = max(text_width(name, SMALL) for name in board.classes)
    turned = longest > side - 4
    top = TOP + (min(longest, 110.0) if turned and few else 14.0 if few else 0.0)
    most = max(max(row) for row in matrix)
    size = min(SIZE, side / 2.4)
    numbers = few and text_width(f"{most:,}", size) <= side - 1
    marks: list[Mark] = []
    for i, name in enumerate(board.classes):
        if few:
            y, x = top + (i + 0.5) * side, left + (i + 0.5) * side
            words = fitted(name, 110.0 if turned else side, SMALL)
            high = min(12.0, side)
            marks.append(Words(left - 8, y + 4, fitted(name, left - 14, high), anchor="end", size=high))
            marks.append(
                Words(x + 4, top - 6, words, turned=True, size=min(SMALL, side))
                if turned
                else Words(x, top - 6, words, anchor="middle", size=SMALL)
            )
    for i, (counts, parts) in enumerate(zip(matrix, shares(matrix), strict=True)):
        for j, (count, share) in enumerate(zip(counts, parts, strict=True)):
            if not count or share is None:
                continue
            x, y = left + j * side, top + i * side
            opacity, ink = shade(share)
            cell: list[Mark] = [
                Rect(x, y, side - min(1, side / 8), side - min(1, side / 8), "heat", opacity=opacity)
            ]
            if numbers:
                text = f"{count:,}"
                cell.append(
                    Words(x + side / 2, y + side / 2 + size / 3, text, ink, anchor="middle", size=size)
                )
            true, called = inert(board.classes[i]), inert(board.classes[j])
            marks.append(Group(cell, f"{true} called {called}: {count:,} ({percent(share)})"))
    marks += legend(
        [(swatch("heat", shade(0.05)[0]), "few of the class's rows"), (swatch("heat", 1.0), "all of them")], 8
    )
    note = "rows: true class; columns: what it was called"
    marks.append(Words(WIDTH - 8, 16, note, "faint", anchor="end", size=SMALL))
    right = sum(matrix[i][i] for i in range(k))
    total = sum(map(sum, matrix))
    alt = f"{right:,} of {total:,} rows are right."
    made = mistakes(matrix)
    if made:
        worst = made[0]
        names = [
            class_name(shortened(inert(board.classes[c]), LONG_NAME)) for c in (worst.true, worst.predicted)
        ]
        alt += f" The most frequent mistake: {worst.rows:,} rows of {names[0]} are called {names[1]}."
    return Drawing(
        name=f"confusion-{slug(model)}",
        title=f"Confusions of {shortened(inert(model), LONG_NAME)}",
        alt=alt,
        width=WIDTH,
        height=top + k * side + 8,
        marks=[Rect(left, top, k * side, k * side, "grid", opacity=0.25), *marks],
    )
