"""Reliability curves: how often it is so, by how sure a model says that it is."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from suite.analysis.board import Board
from suite.analysis.calibration import Bin, Calibration
from suite.report.drawing import WIDTH, Dot, Drawing, Group, Line, Mark
from suite.report.figures.axes import below, beside, exact
from suite.report.figures.legend import dot, line
from suite.report.figures.panels import Panel, panels
from suite.report.text import inert, number, shortened
from suite.report.wording import LONG_NAME

SHOWN, HEIGHT = 6, 182.0


def reliability(board: Board) -> Drawing | None:
    """Draw the reliability curves of the best models; None where nothing is known of probabilities."""
    models = [row.model for row in board.ranked if row.family != "baseline"]
    shown = [(model, found) for model in models if (found := board.calibration.get(model)) and found.curve]
    shown = shown[:SHOWN]
    if not shown:
        return None
    signs = [(dot(), "share of the rows, with its 95 % interval"), (line("faint", dashed=True), "ideal")]
    drawn = [(model, partial(_panel, model, found)) for model, found in shown]
    marks, height = panels(board, drawn, HEIGHT, signs, "across: probability, upright: share")
    said = _said(board, shown[0][1])
    first, known = shown[0]
    alt = f"Calibration error of {shortened(inert(first), LONG_NAME)}: {number(known.ece)} "
    return Drawing(
        name="reliability",
        title=f"How often it is so, by the probability of {said}",
        alt=f"{alt}({number(known.ece_low)} to {number(known.ece_high)}); 0 is ideal.",
        width=WIDTH,
        height=height,
        marks=marks,
    )


def _said(board: Board, found: Calibration) -> str:
    if found.event == "positive" and board.positive is not None:
        return f"class {shortened(inert(board.positive), LONG_NAME)}"
    return "the more probable class"


def _panel(model: str, found: Calibration, place: Panel) -> Iterator[Mark]:
    low = (
        min(0.5, *(min(part.probability, part.low) for part in found.curve))
        if found.event != "positive"
        else 0.0
    )
    low = int(low * 5) / 5
    x, y = exact(low, 1, place.left, place.right, n=5), exact(low, 1, place.bottom, place.top, n=5)
    yield from below(x, place.top, place.bottom)
    yield from beside(y, place.left, place.right)
    yield Line([(x.at(low), y.at(low)), (x.at(1), y.at(1))], "faint", dashed=True)
    line = [(x.at(part.probability), y.at(part.share)) for part in found.curve]
    if len(line) > 1:
        yield Line(line, "accent", width=1.25)
    for part in found.curve:
        at = x.at(part.probability)
        marks: list[Mark] = [
            Line([(at, y.at(part.low)), (at, y.at(part.high))], "accent", width=1.5),
            Dot(at, y.at(part.share), 3.5, "accent"),
        ]
        yield Group(marks, _tip(model, part))


def _tip(model: str, part: Bin) -> str:
    told = f"{inert(model)} says {number(part.probability, '.3f')}: so in {number(part.share, '.3f')} "
    return told + f"({number(part.low, '.3f')} to {number(part.high, '.3f')}) of {part.rows:,} rows"
