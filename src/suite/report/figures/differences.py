"""Every ranked model less those that are ranked below it, and whether they differ."""

from __future__ import annotations

from statistics import quantiles

from suite.analysis.amounts import bare
from suite.analysis.board import Board
from suite.analysis.comparison import Pair
from suite.metrics import METRICS, Metric
from suite.report.drawing import WIDTH, Drawing, Group, Mark, Rect, Role, Words, fitted, text_width
from suite.report.figures.axes import SMALL
from suite.report.figures.legend import Sign, legend, swatch
from suite.report.text import counted, inert

NAMES, TOP = 190.0, 46.0
LARGEST = 36.0
"""The largest side of a cell, in px."""
MANY = 25
"""Of more models no numbers are shown."""
PALE, DARK = 0.12, 0.5
"""Of a difference near 0, and of one larger than most; words can be read on both."""


def differences(board: Board) -> Drawing | None:
    """Draw a matrix of the differences of ranked models; None where no two were compared."""
    pairs = board.pairs()
    if not pairs:
        return None
    metric, found = METRICS[board.metric], {(p.first, p.second): p for p in pairs}
    models = [row.model for row in board.ranked]
    n = len(models)
    side = min(LARGEST, (WIDTH - NAMES - 8) / n)
    side = float(int(side)) if side > 4 else side
    size = min(SMALL, side / 2.9)
    texts = [bare(p.difference, metric, signed=True) for p in pairs]
    numbers = n <= MANY and max(text_width(text, size) for text in texts) <= side
    names, most = min(12.0, side), _most(pairs)
    marks: list[Mark] = []
    for i, model in enumerate(models):
        y, x = TOP + i * side, NAMES + i * side
        rank = str(i + 1)
        marks.append(Words(NAMES - 30, y + side / 2 + 4, fitted(model, NAMES - 38), anchor="end", size=names))
        marks.append(Words(NAMES - 6, y + side / 2 + 4, rank, "faint", anchor="end", size=names))
        marks.append(Words(x + side / 2, TOP - 6, rank, "faint", anchor="middle", size=min(SMALL, side - 2)))
        marks.append(Rect(x + 0.5, y + 0.5, side - 1, side - 1, "grid", opacity=0.5))
        # Each pair once: the row is the one that is ranked better.
        for j, other in enumerate(models[i + 1 :], i + 1):
            pair = found.get((model, other))
            marks += _cell(pair, NAMES + j * side, y, side, size if numbers else 0.0, metric, most)
    unit = "points" if metric.higher_is_better else metric.within_sentence
    marks += legend(_signs(numbers), 8)
    marks.append(Words(WIDTH - 8, 16, f"row less column, {unit}", "faint", anchor="end", size=SMALL))
    real = sum(pair.is_real for pair in pairs)
    return Drawing(
        name="differences",
        title=f"Differences of models, row less column, in {unit}",
        alt=f"{real} of {counted(len(pairs), 'pair')} of models differ really; of the others the rows do not tell.",
        width=WIDTH,
        height=TOP + n * side + 8,
        marks=marks,
    )


def _cell(
    pair: Pair | None, x: float, y: float, side: float, size: float, metric: Metric, most: float
) -> list[Mark]:
    """Draw one difference; without a size, no number."""
    if pair is None:
        return [Words(x + side / 2, y + side / 2 + 3, "·", "faint", anchor="middle", size=SMALL)]
    role: Role = "good" if pair.is_real else "paper"
    opacity = PALE + (DARK - PALE) * min(abs(pair.difference) / most, 1.0) if pair.is_real else 0.0
    marks: list[Mark] = [Rect(x + 0.5, y + 0.5, side - 1, side - 1, role, opacity=opacity)]
    if size:
        ink: Role = "ink" if pair.is_real else "faint"
        text = bare(pair.difference, metric, signed=True)
        marks.append(Words(x + side / 2, y + side / 2 + size / 3, text, ink, anchor="middle", size=size))
    return [Group(marks, _tip(pair, metric))]


def _tip(pair: Pair, metric: Metric) -> str:
    low, high = (bare(end, metric, signed=True) for end in (pair.low, pair.high))
    p = "p < 0.001" if pair.p < 0.001 else f"p = {pair.p:.3f}"
    real = "they differ" if pair.is_real else "not shown to differ"
    names = f"{inert(pair.first)} less {inert(pair.second)}"
    return f"{names}: {bare(pair.difference, metric, signed=True)} ({low} to {high}), {p}: {real}"


def _most(pairs: list[Pair]) -> float:
    """Return from which difference on shades are the darkest: one that 3 of 4 do not reach."""
    sizes = [abs(pair.difference) for pair in pairs]
    return (quantiles(sizes, n=4)[2] if len(sizes) > 1 else sizes[0]) or max(sizes) or 1.0


def _signs(numbers: bool) -> list[tuple[Sign, str]]:
    blank = "pale number" if numbers else "blank"
    return [
        (swatch("good", DARK), "the row is better"),
        (swatch("paper", 0.0, "0.1" if numbers else "", "faint"), f"{blank}: not shown to differ"),
    ]
