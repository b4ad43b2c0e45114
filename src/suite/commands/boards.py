"""The boards of a folder, and what is shown of them: the one place where commands meet `suite.report` on boards."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from suite.commands.candidates import offers
from suite.commands.console import console, say
from suite.commands.options import F
from suite.config import View
from suite.errors import UnknownName
from suite.options import options_of

if TYPE_CHECKING:
    from rich.console import Console

    from suite.analysis.board import Board
    from suite.report.blocks import Document
    from suite.report.faces import Face
    from suite.store import Store

SAID_AFTER = 2
"""Lines below the answer: where records are, and the next prompt."""
FEWEST_ROWS = 5
"""Rows of the board that stay before findings are shortened."""


def chooses(command: F) -> F:
    """Give a command the options that say which boards."""
    for flag, field in (("--target", "target"), ("--protocol", "protocol"), ("--data", "dataset")):
        told = f"Only boards of this {_words(field)}."
        completed = offers(f"board {field}")
        command = click.option(flag, field, metavar="NAME", help=told, shell_complete=completed)(command)
    return command


def view_of(asked: dict[str, Any]) -> View:
    """Take the options of a `View` out of those that were asked for."""
    return View(**{name: asked.pop(name) for name in options_of(View)})


def _words(field: str) -> str:
    return field.replace("dataset", "data set")


def say_unreadable(store: Store, tell: Callable[[str], None] = say) -> None:
    """Say, on standard error unless told otherwise, which files of an output folder could not be read as records."""
    for path, reason in store.unreadable.items():
        tell(f"left out {path}: {reason}")


def chosen(boards: list[Board], asked: Mapping[str, str | None]) -> list[Board]:
    """Return the boards of the data set, protocol and target that the options of `chooses` name."""
    for field, name in asked.items():
        names = [getattr(board, field) for board in boards]
        if name is not None and name not in names:
            raise UnknownName(f"board of a {_words(field)}", name, dict.fromkeys(names))
        boards = [board for board, its in zip(boards, names, strict=True) if name in (None, its)]
    return boards


def with_model(boards: list[Board], model: str) -> list[Board]:
    """Return the boards that have a model, or all if `best` or `all` is asked for; one has to have it."""
    if model in ("best", "all"):
        return boards
    known = {row.model: row for board in boards for row in board.rows}
    if model not in known:
        raise UnknownName("model on these boards", model, ["best", "all", *known])
    return [board for board in boards if any(row.model == model for row in board.rows)]


def print_boards(boards: Sequence[Board], face: Face) -> None:
    """Print what a face shows of boards; of one that has no more than a title, say so on standard error."""
    from suite.report.document import document
    from suite.report.faces import ANSWER
    from suite.report.terminal import rendered

    out = console()
    for board in boards:
        shown = document(board, face)
        if all(section.level == 1 for section in shown):
            say(f"{board.dataset}, {board.protocol}: no {face.order[-1]} to show")
            continue
        if face.order[-len(ANSWER) :] == ANSWER:
            shown = [
                *document(board, face._replace(order=face.order[: -len(ANSWER)])),
                *_on_screen(board, face, out),
            ]
        for part in rendered(shown, out.width):
            out.print(part)


def _on_screen(board: Board, face: Face, out: Console) -> Document:
    """Return the answer, as short as it takes to leave all of it on the screen, below what is said after it.

    The last rows of the board give way first, down to a few, then the ends of findings, then more rows.
    """
    from suite.report.document import document
    from suite.report.faces import ANSWER
    from suite.report.terminal import rendered

    def lines(answer: Document) -> int:
        return sum(len(out.render_lines(part)) for part in rendered(answer, out.width))

    face = face._replace(order=ANSWER)
    answer = document(board, face)
    if not out.is_terminal:
        return answer
    for fewest, note in ((FEWEST_ROWS, face.note), (FEWEST_ROWS, out.width - 2), (1, out.width - 2)):
        face = face._replace(note=note, rows=None)
        answer = document(board, face)
        excess = lines(answer) + SAID_AFTER - out.height
        if excess <= 0:
            break
        # The line that counts the others takes the place of a row.
        most = max(fewest, len(board.rows) - excess - 1)
        if most < len(board.rows) - 1:
            answer = document(board, face._replace(rows=most))
        if most > fewest or lines(answer) + SAID_AFTER <= out.height:
            break
    return answer


def print_across(boards: Sequence[Board]) -> None:
    """Print what is to be said of models over the data sets of boards, if there is something."""
    from suite.report.across import across_section
    from suite.report.blocks import kept
    from suite.report.terminal import rendered

    out = console()
    for part in rendered(kept([across_section(boards)]), out.width):
        out.print(part)
