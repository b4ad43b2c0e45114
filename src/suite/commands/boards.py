"""The boards of a folder, and what is shown of them: the one place where commands meet `suite.report` on boards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from suite.commands.console import console, say
from suite.commands.options import F
from suite.errors import UnknownName, UsageError

if TYPE_CHECKING:
    from suite.analysis.board import Board
    from suite.store import Store

PARTS = ("board", "check", "classes", "confusion", "time", "memory", "failures", "notes")


def chooses(command: F) -> F:
    """Give a command the options that say which boards."""
    for flag, field in (("--target", "target"), ("--protocol", "protocol"), ("--data", "dataset")):
        told = f"Only boards of this {_words(field)}."
        command = click.option(flag, field, metavar="NAME", help=told)(command)
    return command


def _words(field: str) -> str:
    return field.replace("dataset", "data set")


def folder(out: str) -> Store:
    """Return the records of an output folder; what cannot be read there is said on standard error."""
    from suite.store import Store

    store = Store(Path(out))
    if not store.records():
        raise UsageError(f"no record in {out}: nothing to show")
    for path, reason in store.unreadable.items():
        say(f"left out {path}: {reason}")
    return store


def chosen(boards: list[Board], asked: Mapping[str, str | None]) -> list[Board]:
    """Return the boards of the data set, protocol and target that the options of `chooses` name.

    Raises
    ------
    UnknownName
        If there is none.
    """
    for field, name in asked.items():
        names = [getattr(board, field) for board in boards]
        if name is not None and name not in names:
            raise UnknownName(f"board of a {_words(field)}", name, dict.fromkeys(names))
        boards = [board for board, its in zip(boards, names, strict=True) if name in (None, its)]
    return boards


def print_boards(boards: Sequence[Board], confusion: str = "best") -> None:
    """Print all that is shown of boards after a run."""
    from suite.report.terminal import board_parts

    out = console()
    for board in boards:
        for part in board_parts(board, confusion=confusion, width=out.width):
            out.print(part)


def print_part(boards: Sequence[Board], what: str, model: str) -> None:
    """Print one of `PARTS` of each board, under its headline; where there is none, say so on standard error."""
    from suite.report.terminal import parts

    if what == "confusion" and model not in ("best", "all"):
        known = {row.model: row for board in boards for row in board.rows}
        if model not in known:
            raise UnknownName("model on these boards", model, ["best", "all", *known])
        boards = [board for board in boards if any(row.model == model for row in board.rows)]
    out = console()
    for board in boards:
        found = parts(board, {"board": "scores"}.get(what, what), confusion=model, width=out.width)
        if len(found) < 2:
            say(f"{board.dataset}, {board.protocol}: no {what} to show")
            continue
        for part in found:
            out.print(part)
