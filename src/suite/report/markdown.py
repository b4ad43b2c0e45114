"""Documents as Markdown files: quality byte for byte the same for the same cells, times and machine apart."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from suite.analysis.board import Board
from suite.analysis.confusion import shares
from suite.report.blocks import Block, Document, Field, Grid, Heat, Plot, Section, Sentences
from suite.report.document import document, index_document
from suite.report.faces import DATED, QUALITY, REST
from suite.report.text import inert, percent, wrapped
from suite.report.wording import HOW_TO_READ

PAGE = "LEADERBOARD.md"
NAMED = 6
"""Models that stand under their names in a wide table; if there are more, all stand under their labels."""
MISTAKES = 60
"""Kinds of mistakes that are listed where a matrix is too wide."""
SQUARE = 40
"""Classes that a confusion matrix may have."""
MARKED = "What is surely the best of its class is bold; = may be the best of its class."
_LINE, _INDENT = 100, "    "
"""Letters on a line of a command, and what stands before all but its first line."""
_WORD = r"""(?:[^\s'"\\]|'[^']*'|"(?:[^"\\]|\\.)*"|\\.)++"""
_COMMAND = re.compile(f"((?:(?!#){_WORD}(?: |$))*+)(#.*)?")
"""Words as a shell takes them, and a comment."""
_HEADINGS = {1: "# {}", 2: "## {}", 3: "**{}**"}


def board_markdown(board: Board) -> str:
    """Return a board as Markdown (GitHub's dialect), for people who browse the results.

    All below the title, which has a date, and above the heading "Failures" is a function of data, splits, predictions
    and what a time limit ended: it holds no time taken, no machine and no unrounded figure, so two runs of the same
    cells agree in it byte for byte.
    """
    return _rendered(document(board, DATED)) + "\n" + _rendered(document(board, REST))


def quality_markdown(board: Board) -> str:
    """Return the part of a board that does not depend on clock or machine."""
    return _rendered(document(board, QUALITY))


def index_markdown(boards: Sequence[Board]) -> str:
    """Return the page that links the boards: one line a data set and protocol, with the number of its findings."""
    return _rendered(index_document(boards))


def document_markdown(document: Document) -> str:
    """Return any document as Markdown."""
    return _rendered(document)


def escape(text: object) -> str:
    r"""Return data as Markdown that shows it as it is: one line, no markup, no HTML, no links.

    Besides the characters that have a meaning in Markdown, GitHub's bare links are broken up: a backslash
    stops ``www.`` and ``://``; mail addresses and mentions need an invisible character after the ``@``.
    """
    words = re.sub(r"([\\`*\[\]<>&#|~$])", r"\\\1", inert(text))
    # Between letters or digits an underscore means nothing, and names are full of them.
    words = re.sub(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", r"\\_", words)
    words = words.replace("@", "\\@&#8203;").replace("://", "\\://")
    words = re.sub(r"(?i)\b(www|mailto|xmpp)([.:])", r"\1\\\2", words)
    # What would open a list, a heading or a rule at the start of a line.
    return re.sub(r"^([-+=]|\d+(?=[.)]))", lambda m: m[1] + "\\" if m[1].isdigit() else "\\" + m[1], words)


def _rendered(document: Document) -> str:
    blocks = (text for section in document for text in _section(section))
    return "\n\n".join(blocks) + "\n"


def _section(section: Section) -> Iterator[str]:
    if section.heading:
        yield _HEADINGS[section.level].format(escape(section.heading))
    heats = [block for block in section.blocks if isinstance(block, Heat)]
    if heats and _wide(heats[0]):
        count = len(heats[0].classes)
        yield f"The {count} classes are too many for a matrix: these are the most frequent mistakes."
    elif heats:
        yield HOW_TO_READ
    for block in section.blocks:
        yield from _block(block)


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Sentences):
        forms = {"list": _bullets, "shell": _fenced}
        yield from [forms[block.form](block.texts)] if block.form in forms else map(escape, block.texts)
    elif isinstance(block, Grid):
        yield from _grid(block)
    elif isinstance(block, Plot):
        yield f"![{escape(f'{block.drawing.title}. {block.drawing.alt}')}]({block.drawing.name}.svg)"
    elif isinstance(block, Heat):
        table = next(_grid(block.mistakes(MISTAKES))) if _wide(block) else _matrix(block)
        if block.folded:
            summary = html.escape(inert(block.model))
            yield from (f"<details>\n<summary>{summary}</summary>", table, "</details>")
        else:
            yield from (f"{escape(block.model)}:", table)


def _wide(heat: Heat) -> bool:
    return len(heat.classes) > SQUARE


def _grid(grid: Grid) -> Iterator[str]:
    named = [field for field in grid.fields if field.name]
    by_name = len(named) <= NAMED
    said = [MARKED] if {"best", "tied"} & {f.mark(row) for f in named for row in grid.rows} else []
    said += [] if by_name else ["Models are numbered as in the table above."]
    if said:
        yield " ".join(said)
    header = [_head(field, by_name=by_name) for field in grid.fields]
    lines = [[_cell(field, row) for field in grid.fields] for row in grid.rows]
    yield _table(header, lines, [position for position, field in enumerate(grid.fields) if not field.text])
    if grid.notes:
        yield _bullets(grid.notes)


def _head(field: Field, *, by_name: bool) -> str:
    if field.name and by_name:
        return f"*{escape(field.name)}*" if field.published else escape(field.name)
    # A number stays with its percent sign.
    return field.title.replace("-\n", "").replace("\n", " ").replace(" %", "\u00a0%")


def _cell(field: Field, row: Any) -> str:
    words, mark = field.words(row), field.mark(row)
    if not field.text:
        # The word joiner keeps browsers from breaking the line after the dash of an interval.
        words = re.sub("(?<=.)–", "–\u2060", words)
        return f"**{words}**" if mark == "best" else f"{words}\u00a0=" if mark == "tied" else words
    words = f"*{escape(words)}*" if mark == "published" else escape(words)
    return f"[{words}]({field.link(row)}/{PAGE})" if field.link else words


def _matrix(heat: Heat) -> str:
    lines = []
    for true, (row, parts) in enumerate(zip(heat.counts, shares(heat.counts), strict=True)):
        cells = [f"{n} ({percent(part)})" if part else str(n) for n, part in zip(row, parts, strict=True)]
        cells[true] = f"**{cells[true]}**"
        lines.append([escape(heat.classes[true]), *cells])
    return _table(["", *map(escape, heat.classes)], lines, range(1, len(heat.classes) + 1))


def _bullets(sentences: Iterable[str]) -> str:
    return "\n".join(f"- {escape(sentence)}" for sentence in sentences)


def _fenced(lines: Sequence[str]) -> str:
    text = _broken(inert(" ".join(lines)))
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}sh\n{text}\n{fence}"


def _broken(line: str) -> str:
    """Return a command on lines that a shell takes for the same command; the comment at its end stands below."""
    found = _COMMAND.fullmatch(line)
    if found is None or len(line) <= _LINE:
        return line
    words, comment = re.findall(_WORD, found[1]), (found[2] or "").removeprefix("# ")
    command = wrapped(words, _LINE - len(_INDENT) - 2, " ")
    below = [f"# {part}" for part in wrapped(comment.split(" "), _LINE - 2, " ") if comment]
    return "\n".join([*([f" \\\n{_INDENT}".join(command)] if command else []), *below])


def _table(header: Sequence[str], lines: Sequence[Sequence[str]], numeric: Iterable[int]) -> str:
    """Return a table; `numeric` are positions of right-aligned columns."""
    right = set(numeric)
    ruler = ["---:" if position in right else "---" for position in range(len(header))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [header, ruler, *lines])
