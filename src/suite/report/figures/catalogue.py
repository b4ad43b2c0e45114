"""The figures that there are of a board, in the order in which a page shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from suite.analysis.board import Board
from suite.report.drawing import Drawing
from suite.report.figures.ranking import ranking


@dataclass(frozen=True)
class Figure:
    """A kind of figure: what it shows, and the function that draws it."""

    name: str
    summary: str
    draw: Callable[..., Drawing | None]
    """Takes a board, and a model where `of_models`; None where there is nothing to draw."""
    of_models: bool = False
    """Whether each model has one."""


FIGURES: Mapping[str, Figure] = {
    figure.name: figure
    for figure in (Figure("ranking", "the ranked models with their 95 % intervals", ranking),)
}


def drawings(board: Board) -> list[Drawing]:
    """Return all figures of a board that have something to show, in the order of the page."""
    found: list[Drawing | None] = []
    for figure in FIGURES.values():
        models = [(row.model,) for row in board.rows] if figure.of_models else [()]
        found += [figure.draw(board, *model) for model in models]
    return [drawing for drawing in found if drawing]
