"""The tables of boards as text for other programs: CSV, JSON, LaTeX, Markdown."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from suite.analysis.board import Board
from suite.analysis.flat import flat
from suite.harmless import one_line
from suite.report.blocks import FILE
from suite.report.document import document
from suite.report.faces import Face
from suite.report.latex import board_latex
from suite.report.markdown import document_markdown

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""With these, also in their full width, a cell begins that a spreadsheet would compute (CWE-1236)."""
_JOINER = "\u2060"
"""Keeps an interval on one line in a file; a terminal would show it as an escape."""


def as_csv(boards: Sequence[Board]) -> str:
    """Return one row a model and board; figures in full precision, and no text that a spreadsheet would compute."""
    rows = [flat(board, row) for board in boards for row in board.rows]
    names = dict.fromkeys(name for row in rows for name in row)
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\n")
    lines.writerow(names)
    lines.writerows([_cell(row.get(name)) for name in names] for row in rows)
    return written.getvalue()


def as_json(boards: Sequence[Board]) -> str:
    """Return a list of boards, each with its verdict and one object a model; null where there is no figure."""
    found = [
        {
            "dataset": board.dataset,
            "target": board.target,
            "protocol": board.protocol,
            "metric": board.metric,
            "verdict": [sentence.text for sentence in board.verdict],
            "rows": [
                {name: None if _is_nothing(value) else value for name, value in flat(board, row).items()}
                for row in board.rows
            ],
        }
        for board in boards
    ]
    return json.dumps(found, indent=2, allow_nan=False) + "\n"


def as_latex(boards: Sequence[Board]) -> str:
    """Return a table a board, with its caption."""
    return "\n".join(map(board_latex, boards))


def as_markdown(boards: Sequence[Board]) -> str:
    """Return the first table of each board's page, under a heading."""
    return "\n".join(_table(board) for board in boards)


def _table(board: Board) -> str:
    (section,) = document(board, Face(FILE, ("scores",)))
    text = document_markdown([replace(section, heading=f"{board.name}, {board.protocol}")])
    return text.replace(_JOINER, "")


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if _is_nothing(value):
        return ""
    if not isinstance(value, str):
        return value
    # Shown before it is made one line: a tab or line end at its start may be what a spreadsheet looks for.
    text = one_line(value)
    return f"'{text}" if value.startswith(_FORMULA) or text.startswith(_FORMULA) else text


def _is_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and not math.isfinite(value))


FORMATS: Mapping[str, Callable[[Sequence[Board]], str]] = {
    "csv": as_csv,
    "json": as_json,
    "latex": as_latex,
    "markdown": as_markdown,
}
