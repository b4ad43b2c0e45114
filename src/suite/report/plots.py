"""Figures as a notebook shows them and as files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from suite.analysis.asking import board_at, of_model
from suite.analysis.board import Board
from suite.disk import encoded, write_all
from suite.errors import UnknownName, UsageError
from suite.report.drawing import Drawing
from suite.report.figures.catalogue import ACROSS, FIGURES
from suite.report.raster import raster
from suite.report.svg import standalone

Kind: TypeAlias = Literal["svg", "png", "pdf"]
KINDS: tuple[Kind, ...] = get_args(Kind)


def content(drawing: Drawing, kind: Kind) -> bytes:
    """Return a drawing as the content of a file."""
    return encoded(standalone(drawing)) if kind == "svg" else raster(drawing, kind)


@dataclass(frozen=True)
class Plot:
    """A figure: shown by a notebook as it is, or saved.

    Attributes
    ----------
    drawing : Drawing
        Its marks, its title, and what it shows in words.
    """

    drawing: Drawing

    def __repr__(self) -> str:
        return f"<{self.drawing.title}: {self.drawing.alt}>"

    def _repr_svg_(self) -> str:
        return standalone(self.drawing)

    def save(self, path: str | Path) -> Path:
        """Write the figure to a file whose name ends in .svg, .png or .pdf, and return its path.

        Raises
        ------
        UsageError
            If the name ends otherwise, the file cannot be written, or png or pdf is asked for without matplotlib.
        """
        target = Path(path)
        kind = target.suffix.removeprefix(".").lower()
        if kind not in KINDS:
            raise UsageError(
                f"a figure is saved as {', '.join(KINDS[:-1])} or {KINDS[-1]}, not {target.name!r}"
            )
        write_all({target: content(self.drawing, kind)})
        return target


class Plots:
    """The figures of boards; `board` is a position in `boards`, and has to be given where there are several.

    Every method returns a `Plot`. UsageError if there is nothing to draw, or it is open which board is meant.
    """

    def __init__(self, boards: Sequence[Board]) -> None:
        self._boards = boards

    def ranking(self, board: int | None = None) -> Plot:
        """Draw the ranked models with their 95 % intervals."""
        return self._of("ranking", board)

    def differences(self, board: int | None = None) -> Plot:
        """Draw every ranked model less every other, and whether they differ."""
        return self._of("differences", board)

    def fit_time(self, board: int | None = None) -> Plot:
        """Draw scores against the time to fit, and to search where there was a search."""
        return self._of("fit-time", board)

    def latency(self, board: int | None = None) -> Plot:
        """Draw scores against the time for one row."""
        return self._of("latency", board)

    def classes(self, board: int | None = None) -> Plot:
        """Draw the F1 of every class and model, the hardest class first."""
        return self._of("classes", board)

    def confusion(self, model: str, board: int | None = None) -> Plot:
        """Draw a model's confusion matrix; UnknownName if the board has no such model."""
        chosen = board_at(self._boards, board)
        of_model(model, chosen, chosen.confusion, "confusion matrix", "its predictions are not here")
        return self._of("confusion", board, model)

    def curves(self, board: int | None = None) -> Plot:
        """Draw the learning curves of the models that have some."""
        return self._of("curves", board)

    def reliability(self, board: int | None = None) -> Plot:
        """Draw the reliability curves of the best models."""
        return self._of("reliability", board)

    def searches(self, board: int | None = None) -> Plot:
        """Draw the trials of searches."""
        return self._of("searches", board)

    def critical_differences(self) -> Plot:
        """Draw the average ranks of models over data sets, and which cannot be told apart."""
        return self._across("critical-differences")

    def elo(self) -> Plot:
        """Draw the Elo of models over data sets, with its intervals."""
        return self._across("elo")

    def __getattr__(self, name: str) -> Plot:
        if name.startswith("_"):
            raise AttributeError(name)
        known = [figure.replace("-", "_") for figure in (*FIGURES, *ACROSS)]
        raise AttributeError(str(UnknownName("figure", name, known)))

    def _of(self, name: str, position: int | None, *model: str) -> Plot:
        board, figure = board_at(self._boards, position), FIGURES[name]
        drawing = figure.draw(board, *model)
        if drawing is None:
            raise UsageError(f"no figure {name} of {board.name}, {board.protocol}: {figure.otherwise}")
        return Plot(drawing)

    def _across(self, name: str) -> Plot:
        drawing = ACROSS[name](self._boards)
        if drawing is None:
            raise UsageError(f"no figure {name}: fewer data sets than could tell two models apart")
        return Plot(drawing)
