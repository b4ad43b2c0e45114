"""The figures that there are of a board, in the order in which a page shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from suite.analysis.board import Board
from suite.report.drawing import Drawing
from suite.report.figures.across import critical_differences, elo
from suite.report.figures.classes import classes
from suite.report.figures.confusion import confusion
from suite.report.figures.cost import fit_time, latency
from suite.report.figures.curves import curves
from suite.report.figures.differences import differences
from suite.report.figures.ranking import ranking
from suite.report.figures.reliability import reliability
from suite.report.figures.searches import searches


@dataclass(frozen=True)
class Figure:
    """A kind of figure: what it shows, and the function that draws it."""

    name: str
    summary: str
    draw: Callable[..., Drawing | None]
    """Takes a board, and a model where `of_models`; None where there is nothing to draw."""
    otherwise: str
    """Why there may be nothing to draw."""
    of_models: bool = False
    """Whether each model has one."""


FIGURES: Mapping[str, Figure] = {
    figure.name: figure
    for figure in (
        Figure("ranking", "the ranked models with their 95 % intervals", ranking, "no model has a score"),
        Figure(
            "differences",
            "every ranked model less those below it, and whether they differ",
            differences,
            "no two models were compared",
        ),
        Figure("fit-time", "scores against the time to fit", fit_time, "fewer than two models have times"),
        Figure("latency", "scores against the time for one row", latency, "fewer than two models have times"),
        Figure("classes", "the F1 of every class and model", classes, "no model has an F1 by class"),
        Figure(
            "confusion",
            "how many rows of each class a model called what",
            confusion,
            "it has no confusion matrix",
            of_models=True,
        ),
        Figure(
            "curves", "learning curves on train and validation rows", curves, "no model has a learning curve"
        ),
        Figure(
            "reliability",
            "how often it is so, by how sure a model is",
            reliability,
            "nothing is known of any model's probabilities",
        ),
        Figure("searches", "the trials of searches", searches, "there was no search"),
    )
}
ACROSS: Mapping[str, Callable[[Sequence[Board]], Drawing | None]] = {
    "critical-differences": critical_differences,
    "elo": elo,
}
"""The figures of several boards together."""


def drawings(board: Board) -> list[Drawing]:
    """Return all figures of a board that have something to show, in the order of the page."""
    found: list[Drawing | None] = []
    for figure in FIGURES.values():
        models = [(row.model,) for row in board.rows] if figure.of_models else [()]
        found += [figure.draw(board, *model) for model in models]
    return [drawing for drawing in found if drawing]


def drawings_across(boards: Sequence[Board]) -> list[Drawing]:
    """Return the figures of several boards together that have something to show."""
    return [drawing for draw in ACROSS.values() if (drawing := draw(boards))]
