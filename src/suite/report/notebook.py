"""What is seen in a notebook: a bar while a run goes on, and boards as HTML in the page's own colours."""

from __future__ import annotations

import html
import io
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

from suite.analysis.board import Board
from suite.events import Event, Planned
from suite.report.blocks import Block, Document, Field, Grid, Section, Sentences
from suite.report.brief import as_text, letters_only
from suite.report.display import Display
from suite.report.document import document
from suite.report.faces import NOTEBOOK
from suite.report.text import inert, shortened

APART_S = 0.25
"""Seconds between two updates of the bar, at least."""
FAILURES = 10
_WIDTH, _HEIGHT = 100, 40
_FAINT, _PLAIN = "font-weight:normal;opacity:.7", "font-weight:normal;font-style:normal"
_LOOKS = {"first": "font-weight:bold;font-style:normal", "published": "font-weight:normal;font-style:italic"}


def is_here() -> bool:
    """Tell whether this is a notebook; IPython is not imported to find out."""
    ipython: Any = sys.modules.get("IPython")
    shell = ipython.get_ipython() if hasattr(ipython, "get_ipython") else None
    return getattr(shell, "kernel", None) is not None


class Bar:
    """Shows the events of a run below a notebook's cell, in one place that is updated; a context manager.

    What failed stands above the bar, the last of it.
    """

    def __init__(self) -> None:
        self._failures: deque[str] = deque(maxlen=FAILURES)
        self._written = io.StringIO()
        self._display = Display(letters_only(self._written, _WIDTH), is_logged=False)
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._shown, self._at = "", -APART_S
        self._handle: Any = None
        self._clock = threading.Thread(target=self._tick, name="suite-bar", daemon=True)

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._clock.is_alive():
            self._ended.set()
            self._clock.join()
            self._show()

    def handle(self, event: Event) -> None:
        """Take one event and show what it changes, unless the last update was a moment ago."""
        with self._lock:
            self._display.handle(event)
            self._failures.extend(shortened(line, _WIDTH) for line in self._written.getvalue().splitlines())
            self._written.seek(0)
            self._written.truncate()
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
            text = "\n".join([*self._failures, as_text(self._display.underway, _WIDTH, _HEIGHT)])
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
    """Return boards and the folder they are kept in as HTML.

    It holds no script, no link and no colour: it is read on light and on dark pages.
    """
    sections = [section for board in boards for section in document(board, NOTEBOOK)]
    return document_html(sections, _p(f"Boards and records: {inert(where)}", "opacity:.7"))


def document_html(sections: Document, below: str = "") -> str:
    """Return any document of sentences and grids as HTML, without script, link and colour; `below` is HTML."""
    parts = "".join(map(_section, sections)) + below
    return f'<div style="color:inherit;background:transparent">{parts}</div>'


def _section(section: Section) -> str:
    heading = _p(section.heading, "font-weight:bold") if section.heading else ""
    return heading + "".join(map(_block, section.blocks))


def _block(block: Block) -> str:
    if isinstance(block, Sentences):
        if block.form != "list":
            return "".join(_p(text, "") for text in block.texts)
        items = "".join(f"<li>{html.escape(inert(text))}</li>" for text in block.texts)
        return f'<ul style="margin:.2em 0">{items}</ul>'
    assert isinstance(block, Grid)
    fields = block.filled

    def line(row: Any) -> str:
        looks = [_LOOKS.get(field.mark(row), _PLAIN) for field in fields]
        return "".join(
            _cell("td", f, f.words(row, cut=True), look) for f, look in zip(fields, looks, strict=True)
        )

    head = "".join(_cell("th", field, field.title, _FAINT) for field in fields)
    body = "".join(f"<tr>{line(row)}</tr>" for row in block.rows)
    table = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    notes = "".join(_p(note, "opacity:.7") for note in block.notes)
    return f'<table style="border-collapse:collapse;color:inherit;margin:.3em 0">{table}</table>{notes}'


def _cell(tag: str, field: Field, text: str, look: str) -> str:
    line = "1px solid" if tag == "th" else "0"
    side, space = ("left", "normal") if field.text else ("right", "nowrap")
    fixed = f"text-align:{side};white-space:{space};vertical-align:top;padding:.2em .7em .2em 0"
    lined = f"border:0;border-bottom:{line};background:transparent;color:inherit"
    return f'<{tag} style="{fixed};{lined};{look}">{html.escape(text)}</{tag}>'


def _p(text: str, style: str) -> str:
    return f'<p style="margin:.4em 0 .1em;{style}">{html.escape(inert(text))}</p>'
