"""Boards as LaTeX tables (booktabs), to be pasted into a paper; no word in one can be a command."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from suite.analysis.board import Board
from suite.metrics import METRICS
from suite.report import wording
from suite.report.blocks import FILE, Field, Grid
from suite.report.document import document
from suite.report.faces import Face
from suite.report.text import NONE, inert

SIGNS = "Bold: the best of a column."
TIES = "= may be the best by that column: the models so marked hold the truly best one with 95 % probability."
_ESCAPES = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    # Where a language makes it active, it would take what follows.
    '"': r"\symbol{34}",
    "`": r"\textasciigrave{}",
    "\N{EN DASH}": "--",
    **{character: f"\\{character}" for character in "{}$&#_%"},
}


def escape(text: object) -> str:
    """Return data as LaTeX that shows it as it is, on one line: no command, no group, no ligature.

    What is not ASCII stays as it is.
    """
    words = re.sub(r"(?<=[-'`,!?])(?=[-'`])", "\0", inert(text))
    return "".join("{}" if c == "\0" else _ESCAPES.get(c, c) for c in words)


def board_latex(board: Board) -> str:
    """Return the first table of a board's page, with all that a reader has to know in its caption."""
    (section,) = document(board, Face(FILE, ("scores",)))
    (grid,) = (block for block in section.blocks if isinstance(block, Grid))
    # In a paper a sign beside the score takes the place of the column of signs.
    fields = [field for field in grid.fields if field.title != "="]
    best = {field.metric: _best(board, field.metric) for field in fields if field.metric}
    tied = {metric: _tied(board, metric) for metric in best}
    lines = [_row([_cell(field, row, best, tied) for field in fields]) for row in grid.rows]
    about = f"{board.name}, {board.protocol}: {wording.about_data(board)}. "
    about += f"Models are ranked by {METRICS[board.metric].within_sentence}."
    notes = [
        note for note in [*wording.about_intervals(board), *grid.notes] if not note.startswith("= may be")
    ]
    signs = [SIGNS] if any(best.values()) else []
    caption = [about, *signs, *([TIES] if any(tied.values()) else []), *notes]
    inner = [r"\toprule", _row(_head(field) for field in fields), r"\midrule", *lines, r"\bottomrule"]
    return "\n".join(
        [
            r"% needs \usepackage{booktabs}",
            r"\begin{table}",
            r"  \centering",
            rf"  \caption{{{escape(' '.join(caption))}}}",
            rf"  \label{{tab:{board.folder.replace('/', ':')}}}",
            rf"  \begin{{tabular}}{{{''.join('l' if field.text else 'r' for field in fields)}}}",
            *(f"    {line}" for line in inner),
            r"  \end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def _row(cells: Iterable[str]) -> str:
    return " & ".join(cells) + r" \\"


def _head(field: Field) -> str:
    return escape(field.title.replace("-\n", "").replace("\n", " "))


def _cell(field: Field, row: Any, best: dict[str, float | None], tied: dict[str, tuple[str, ...]]) -> str:
    words = field.words(row)
    if field.text:
        text = escape(words)
        return rf"\textit{{{text}}}" if field.mark(row) == "published" else text
    value = field.value(row)
    text = re.sub(r"-(?=\d)", "$-$", escape(words)) if words != NONE else "--"
    if not field.metric or isinstance(value, str) or row.rank is None:
        return text
    text = rf"\textbf{{{text}}}" if value is not None and value == best[field.metric] else text
    return f"{text}$^{{=}}$" if row.model in tied[field.metric] else text


def _best(board: Board, metric: str) -> float | None:
    """Return the best score of the ranked models; None where there is only one, or none."""
    scores = [score for row in board.ranked if (score := row.scores[metric]) is not None]
    if len(scores) < 2:
        return None
    return max(scores) if METRICS[metric].higher_is_better else min(scores)


def _tied(board: Board, metric: str) -> tuple[str, ...]:
    """Return the models that may be the best by a metric, if there are several."""
    found = board.comparisons.tied(metric) if board.comparisons else ()
    return found if len(found) > 1 else ()
