"""`suite report`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from suite.commands.boards import (
    chooses,
    chosen,
    print_across,
    print_boards,
    say_unreadable,
    view_of,
    with_model,
)
from suite.commands.console import say
from suite.commands.options import taken_from
from suite.config import RunConfig, View


@click.command("report")
@chooses
@taken_from(View)
@taken_from(RunConfig, "out", "confusion")
def command(out: str, confusion: str, **asked: Any) -> None:
    """Write the boards again from the records in a folder, and print them.

    Nothing is fitted. All boards are written; --data, --protocol and --target choose which are printed.
    """
    from suite.report.document import TERMINAL
    from suite.report.markdown import PAGE
    from suite.store import Store
    from suite.writing import write_boards

    store = Store(Path(out))
    boards = write_boards(store, view_of(asked))
    say_unreadable(store)
    for folder in (*(board.folder for board in boards), ""):
        say(str(store.root / folder / PAGE))
    boards = chosen(boards, asked)
    with_model(boards, confusion)
    print_boards(boards, TERMINAL._replace(confusion=confusion))
    print_across(boards)
