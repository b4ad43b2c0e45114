"""The boards of a folder, and what is shown of them: the one place where commands meet `suite.report` on boards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from suite.commands.console import console, say
from suite.commands.options import F
from suite.errors import UnknownName

if TYPE_CHECKING:
    from suite.analysis.board import Board
    from suite.report.document import Face
    from suite.store import Store


def chooses(command: F) -> F:
    """Give a command the options that say which boards."""
    for flag, field in (("--target", "target"), ("--protocol", "protocol"), ("--data", "dataset")):
        told = f"Only boards of this {_words(field)}."
        command = click.option(flag, field, metavar="NAME", help=told)(command)
    return command


def _words(field: str) -> str:
    return field.replace("dataset", "data set")


def say_unreadable(store: Store) -> None:
    """Say on standard error which files of an output folder could not be read as records."""
    for path, reason in store.unreadable.items():
        say(f"left out {path}: {reason}")


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
    from suite.report.terminal import rendered

    out = console()
    for board in boards:
        shown = document(board, face)
        if all(section.level == 1 for section in shown):
            say(f"{board.dataset}, {board.protocol}: no {face.order[-1]} to show")
            continue
        for part in rendered(shown, out.width):
            out.print(part)


def print_across(boards: Sequence[Board]) -> None:
    """Print what is to be said of models over the data sets of boards, if there is something."""
    from suite.report.across import across_section
    from suite.report.blocks import kept
    from suite.report.terminal import rendered

    out = console()
    for part in rendered(kept([across_section(boards)]), out.width):
        out.print(part)
