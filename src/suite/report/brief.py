"""A board in short: the ranking and what failed, as plain text, and the failures in a sentence."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterable, Sequence
from typing import IO

from rich.console import RenderableType

from suite.analysis.board import Board, Unscored
from suite.report.document import document
from suite.report.faces import SUMMARY
from suite.report.screen import Screen
from suite.report.terminal import Shown
from suite.report.text import counted, inert, shortened

MOST_COLUMNS = 100
NAMED, REASON = 5, 200
"""Models that a sentence names, and terminal cells of the reason of each."""


def brief_text(boards: Iterable[Board]) -> str:
    """Return every board as lines of text: rank, model, score, interval and fit, and what failed with its reason."""
    width = min(MOST_COLUMNS, shutil.get_terminal_size().columns)
    return as_text(Shown(*(section for board in boards for section in document(board, SUMMARY))), width)


def as_text(shown: RenderableType, width: int, height: int | None = None) -> str:
    """Return a renderable as lines of letters; `height` is what it is told of the screen."""
    written = io.StringIO()
    letters_only(written, width, height).print(shown)
    return "\n".join(line.rstrip() for line in written.getvalue().splitlines())


def failures_sentence(failures: Sequence[Unscored]) -> str:
    """Return which models have no score, or not in all cells, and why; empty if all have."""
    found: dict[str, list[str]] = {}
    for one in failures:
        found.setdefault(one.model, []).append(f"{one.status.replace('_', ' ')}: {one.reason}")
    if not found:
        return ""
    named = []
    for model, (first, *others) in list(found.items())[:NAMED]:
        more = f"; and {len(others):,} more" if others else ""
        named.append(f"{inert(model)} ({shortened(inert(first), REASON)}{more})")
    rest = f", and {counted(len(found) - NAMED, 'more model')}" if len(found) > NAMED else ""
    fits = counted(len(failures), "fit")
    return f"{fits} without a score: {', '.join(named)}{rest}"


def letters_only(file: IO[str], width: int, height: int | None = None) -> Screen:
    """Return a console that writes letters to a file; in a notebook, one of rich's would fill the page."""
    return Screen(
        file, width=width, height=height, color_system=None, force_terminal=False, force_jupyter=False
    )
