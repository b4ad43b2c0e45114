"""Writes the figures of boards beside the boards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from suite.analysis.board import Board
from suite.disk import write_all
from suite.report.drawing import Drawing
from suite.report.figures.catalogue import drawings, drawings_across
from suite.report.plots import Kind, content

PLOTS = "plots"
"""The folder of figures, in a board's folder, and in the output folder where they are of several boards."""


def write_plots(root: Path, boards: Sequence[Board], kind: Kind) -> Iterator[tuple[Path, list[str]]]:
    """Write every figure of boards, and yield each folder with the names of the files in it.

    Raises
    ------
    UsageError
        If a file cannot be written, or png or pdf is asked for without matplotlib.
    """
    for board in boards:
        yield _write(root / board.folder / PLOTS, drawings(board), kind)
    if together := drawings_across(boards):
        yield _write(root / PLOTS, together, kind)


def _write(folder: Path, found: Sequence[Drawing], kind: Kind) -> tuple[Path, list[str]]:
    files = {f"{drawing.name}.{kind}": content(drawing, kind) for drawing in found}
    if files:
        write_all({folder / name: made for name, made in files.items()})
    return folder, list(files)
