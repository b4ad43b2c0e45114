"""Documents as one HTML page that opens from disk: no network, no style or script but its own, all records inside."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from suite.analysis.board import Board
from suite.analysis.confusion import shares
from suite.records import to_dict
from suite.report import blocks, svg
from suite.report.blocks import Block, Document, Field, Grid, Heat, Plot, Section, Sentences
from suite.report.document import document, index_document
from suite.report.drawing import COLOURS
from suite.report.faces import PAGE
from suite.report.text import counted, inert, percent
from suite.report.wording import HOW_TO_READ
from suite.schema import Record
from suite.version import __version__

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

NAME = "report.html"
SQUARE = 40
"""Classes that a matrix may have which is shown without a script; of more, the most frequent mistakes."""
MISTAKES = 30
FOLDED = {
    "comparisons": "Every pair in numbers",
    "intervals": "Scores by every metric, with their intervals",
    "classes": "F1 in numbers",
}
"""Tables that are shown only when asked for, by section."""
SHORT = {
    "scores": "Board",
    "comparisons": "Pairs",
    "intervals": "Intervals",
    "classes": "Classes",
    "remarks": "Stands out",
    "curves": "Curves",
    "audit": "To check",
    "made": "Made how",
}
"""What stands in the list of sections for a heading that is long."""
LOOKS = {"verdict": "answer", "check": "check"}
_SIGNS = {"best": " *", "tied": " ="}


def board_page(board: Board, records: Sequence[Record], warning: str = "") -> str:
    """Return a board as an HTML page.

    `records` are those that the board is computed from; a `warning` is what a reader must know before all else.
    """
    days = sorted(day for record in records if (day := record.provenance.started_at[:10]))
    when = f", run on {days[0]}" if days and days[0] == days[-1] else ""
    when = when or (f", run from {days[0]} to {days[-1]}" if days else "")
    stand = "stands" if len(records) == 1 else "stand"
    words = f"{counted(len(records), 'record')}, from which all figures here are computed, {stand} in this page{when}."
    packed = {
        "board": {
            "classes": [inert(name) for name in board.classes],
            "confusion": {inert(name): _sparse(counts) for name, counts in board.confusion.items()},
        },
        "records": [_without_zeros(record) for record in records],
    }
    shown = document(board, PAGE)
    more = {"records_words": words, "records_file": "records.jsonl", "payload": _packed(packed)}
    return _rendered(shown, warning=warning, **more)


def index_page(boards: Sequence[Board], warning: str = "") -> str:
    """Return the page that links the boards' pages, and tells of models over data sets."""
    more = {"records_words": "", "records_file": "", "payload": None}
    return _rendered(index_document(boards, blocks.PAGE), warning=warning, **more)


def _rendered(shown: Document, **more: Any) -> str:
    title = next(section for section in shown if section.level == 1)
    about = next((section for section in shown if section.name == "about"), None)
    told = [section for section in shown if section not in (title, about)]
    style, script = _style(), _read("page.js")
    texts = (
        [text for block in about.blocks if isinstance(block, Sentences) for text in block.texts]
        if about
        else []
    )
    return (
        _environment()
        .get_template("page.html")
        .render(
            title=title.heading,
            about=texts,
            sections=[_section(section) for section in told],
            style=_markup(style),
            style_hash=_hash(style),
            script=_markup(script),
            script_hash=_hash(script),
            looks=_markup(_json(f"text{{font-family:{svg.FONT}}}{svg.stylesheet()}")),
            version=__version__,
            **more,
        )
    )


def _section(section: Section) -> dict[str, Any]:
    blocks = [_block(block, section) for block in section.blocks]
    told: dict[str, Any] = {
        "name": section.name or "list",
        "heading": section.heading,
        "short": SHORT.get(section.name, section.heading),
        "linked": section.level == 2,
        "look": LOOKS.get(section.name, ""),
        "filters": None,
        "blocks": blocks,
    }
    if section.name == "scores":
        board = next(block for block in blocks if block["kind"] == "grid")
        board["id"] = "board"
        families = sorted({row["family"] for row in board["rows"] if row["family"]})
        told["filters"] = {"table": "board", "families": families}
    told["matrices"] = [block["model"] for block in blocks if block["kind"] == "matrix"]
    if told["matrices"]:
        blocks.insert(0, {"kind": "sentences", "form": "paragraphs", "texts": [HOW_TO_READ]})
    return told


def _block(block: Block, section: Section) -> dict[str, Any]:
    if isinstance(block, Sentences):
        return {"kind": "sentences", "form": block.form, "texts": block.texts}
    if isinstance(block, Plot):
        drawing = block.drawing
        return {
            "kind": "plot",
            "name": drawing.name,
            "title": drawing.title,
            "svg": _markup(svg.inline(drawing)),
        }
    if isinstance(block, Heat):
        return _matrix(block)
    return _grid(block, section.heading or "Table") | {"summary": FOLDED.get(section.name, "")}


def _grid(grid: Grid, label: str) -> dict[str, Any]:
    fields = grid.filled
    named = next((place for place, field in enumerate(fields) if field.text), None)
    heads = [{"title": field.name or field.title, "look": "" if field.text else "r"} for field in fields]
    rows = [
        {
            "family": getattr(row, "family", ""),
            "cells": [_cell(field, row, is_name=place == named) for place, field in enumerate(fields)],
        }
        for row in grid.rows
    ]
    marks = {field.mark(row) for row in grid.rows for field in fields if field.name}
    said = {"best": "* the best of its class", "tied": "= may be the best of its class"}
    notes = [*(text for mark, text in said.items() if mark in marks), *grid.notes]
    return {"kind": "grid", "label": label, "heads": heads, "rows": rows, "notes": notes, "id": ""}


def _cell(field: Field, row: Any, *, is_name: bool) -> dict[str, Any]:
    value, mark, words = field.value(row), field.mark(row), field.words(row)
    # Colour is never the only sign.
    sign = _SIGNS.get(mark, "") if field.name else ""
    looks = [mark, "" if field.text else "r", "long" if field.text and len(words) > 60 else ""]
    return {
        "tag": "th" if is_name else "td",
        "look": " ".join(filter(None, looks)),
        "value": "" if (behind := _behind(value)) == words.replace(",", "") else behind,
        "text": words + sign,
        "link": f"{field.link(row)}/{NAME}" if field.link else None,
    }


def _behind(value: Any) -> str:
    """Return the number that a cell is sorted by, more exact than its words; empty where there is none."""
    for name in ("difference", "low"):
        value = getattr(value, name, value)
    if isinstance(value, tuple) and len(value) == 3:
        value = value[0]  # A score with its ends.
    return f"{value:.6g}" if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _matrix(heat: Heat) -> dict[str, Any]:
    told: dict[str, Any] = {
        "kind": "matrix",
        "model": heat.model,
        "classes": heat.classes,
        "open": not heat.folded,
    }
    if len(heat.classes) > SQUARE:
        return {**told, "rows": [], "mistakes": _grid(heat.mistakes(MISTAKES), f"Confusion of {heat.model}")}
    rows = [
        [_count(n, part, is_right=i == true) for i, (n, part) in enumerate(zip(counts, parts, strict=True))]
        for true, (counts, parts) in enumerate(zip(heat.counts, shares(heat.counts), strict=True))
    ]
    return {**told, "rows": rows}


def _count(n: int, share: float | None, *, is_right: bool) -> dict[str, str]:
    # The palest is not worth its bytes: there are thousands of counts.
    shade = f"h{level}" if share and (level := min(9, math.ceil(9 * share))) > 1 else ""
    text = f"{n} ({percent(share)})" if share else str(n or "·")
    return {"text": text, "look": " ".join(filter(None, (shade, "d" if is_right else "")))}


def _without_zeros(record: Record) -> dict[str, Any]:
    """Return a record as its file has it, but for the matrix: of many classes it is zeros, mostly."""
    matrix = record.confusion
    told = to_dict(record)
    return told if matrix is None else {**told, "confusion": {"size": len(matrix), "counts": _sparse(matrix)}}


def _sparse(counts: Sequence[Sequence[int]]) -> list[tuple[int, int, int]]:
    return [(i, j, n) for i, row in enumerate(counts) for j, n in enumerate(row) if n]


def _packed(data: Any) -> Markup:
    """Return data as JSON, gzip and base64: the same text for the same data."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return _markup(base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode())


def _json(data: Any) -> str:
    """Return JSON that no element can be closed in."""
    return json.dumps(data).replace("<", "\\u003c")


@cache
def _style() -> str:
    """Return the style of every page, with the colours of figures and the shades of matrices."""
    return "".join(_rules()) + " ".join(_read("page.css").split("\n"))


def _rules() -> Iterator[str]:
    light, dark = (
        "".join(f"--{role}:{getattr(colour, side)};" for role, colour in COLOURS.items())
        for side in ("light", "dark")
    )
    yield f":root{{{light}}}:root[data-theme=dark]{{{dark}}}"
    yield f"@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}"
    yield svg.stylesheet({role: f"var(--{role})" for role in COLOURS})
    # So strong at most that words on them can be read.
    for shade, role, most in (("h", "heat", 60), ("g", "good", 48), ("b", "bad", 48)):
        for level in range(1, 10):
            yield f".{shade}{level}{{background:color-mix(in srgb,var(--{role}) {most * level // 9}%,var(--paper))}}"


@cache
def _read(name: str) -> str:
    return files("suite.report").joinpath("templates", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _markup(text: str) -> Markup:
    from markupsafe import Markup

    return Markup(text)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    def shown(value: Any) -> Any:
        return inert_lines(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    return Environment(
        loader=FunctionLoader(_read),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def inert_lines(text: str) -> str:
    """Return text without characters that steer what shows it; our own line ends stay."""
    return "\n".join(map(inert, text.split("\n")))
