"""What is seen in a notebook: a bar while a run goes on, and boards as HTML in the page's own colours."""

from __future__ import annotations

import html
import io
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any

from rich.text import Text

from suite.analysis.board import Board
from suite.events import Event, Planned
from suite.report.brief import as_text, letters_only
from suite.report.display import Display
from suite.report.grid import Column, Grid
from suite.report.tables import NOTE, NOTED, failures_table, leaderboard
from suite.report.text import inert, shortened
from suite.report.wording import about_notes

APART_S = 0.25
"""Seconds between two updates of the bar, at least."""
CHECK = "Check this before you believe the scores"
_WIDTH = 100


def is_here() -> bool:
    """Tell whether this is a notebook; IPython is not imported to find out."""
    shell = _shell()
    return getattr(shell, "kernel", None) is not None


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None and hasattr(ipython, "get_ipython") else None


class Bar:
    """Shows the events of a run below a notebook's cell, in one place that is updated; a context manager."""

    def __init__(self) -> None:
        # What it prints a finished cell goes nowhere: only the bar is shown.
        self._display = Display(letters_only(io.StringIO(), _WIDTH))
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._shown, self._at = "", -APART_S
        self._handle: Any = None
        self._clock = threading.Thread(target=self._tick, name="suite-bar", daemon=True)

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._clock.is_alive():
            self._ended.set()
            self._clock.join()
            self._show()

    def handle(self, event: Event) -> None:
        """Take one event and show what it changes, unless the last update was a moment ago."""
        with self._lock:
            self._display.handle(event)
        if isinstance(event, Planned):
            self._clock.start()
        if time.monotonic() - self._at >= APART_S:
            self._show()

    def _tick(self) -> None:
        while not self._ended.wait(2 * APART_S):
            if time.monotonic() - self._at >= APART_S:
                self._show()

    def _show(self) -> None:
        from IPython.display import display

        with self._lock:
            text = as_text([self._display], _WIDTH)
            if text == self._shown:
                return
            self._shown, self._at = text, time.monotonic()
            # Text alone: nothing in it can be taken for HTML.
            bundle = {"text/plain": text}
            if self._handle is None:
                self._handle = display(bundle, raw=True, display_id=True)
            else:
                self._handle.update(bundle, raw=True)


def boards_html(boards: Sequence[Board], where: object) -> str:
    """Return boards as HTML that holds no script, no link and no colour: it is read on light and on dark pages.

    Parameters
    ----------
    boards : sequence of Board
        In the order they are shown in.
    where : object
        The folder they are kept in.
    """
    parts = [part for board in boards for part in _board(board)]
    parts.append(_p(f"Boards and records: {inert(where)}", "opacity:.7"))
    return f'<div style="color:inherit;background:transparent">{"".join(parts)}</div>'


def _board(board: Board) -> Iterable[str]:
    grid = leaderboard(board)
    yield _p(grid.title, "font-weight:bold")
    yield _list(CHECK, [inert(found.text) for found in board.findings])
    yield _table(grid)
    if board.failures:
        failures = failures_table(board.failures)
        yield _p(failures.title, "font-weight:bold")
        yield _table(failures)
    yield _list("Notes", [shortened(text, NOTE) for text in about_notes(board, NOTED)])


def _table(grid: Grid) -> str:
    columns = [column for column in grid.columns if not column.empty]
    head = "".join(_cell("th", column, column.title) for column in columns)
    rows = "".join(
        "<tr>" + "".join(map(_value, columns, row)) + "</tr>"
        for row in zip(*(column.cells for column in columns), strict=True)
    )
    table = f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
    notes = "".join(_p(note, "opacity:.7") for note in grid.notes)
    return f'<table style="border-collapse:collapse;color:inherit;margin:.3em 0">{table}</table>{notes}'


def _value(column: Column, value: Text) -> str:
    weight = "bold" if "bold" in str(value.style) else "normal"
    slant = "italic" if "italic" in str(value.style) else "normal"
    return _cell("td", column, value.plain, f"font-weight:{weight};font-style:{slant}")


def _cell(tag: str, column: Column, text: str, style: str = "font-weight:normal;opacity:.7") -> str:
    line = "1px solid" if tag == "th" else "0"
    side, space = ("right", "nowrap") if column.numeric else ("left", "normal")
    fixed = f"text-align:{side};white-space:{space};vertical-align:top;padding:.2em .7em .2em 0"
    lined = f"border:0;border-bottom:{line};background:transparent;color:inherit"
    return f'<{tag} style="{fixed};{lined};{style}">{html.escape(text)}</{tag}>'


def _list(title: str, sentences: Sequence[str]) -> str:
    if not sentences:
        return ""
    items = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in sentences)
    return _p(title, "font-weight:bold") + f'<ul style="margin:.2em 0">{items}</ul>'


def _p(text: str, style: str) -> str:
    return f'<p style="margin:.4em 0 .1em;{style}">{html.escape(text)}</p>'
