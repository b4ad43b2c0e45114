"""`suite report`."""

from __future__ import annotations

from typing import Any

import click

from suite.commands.boards import chooses, chosen, folder, print_boards
from suite.commands.console import say
from suite.commands.options import taken_from
from suite.config import RunConfig


@click.command("report")
@chooses
@taken_from(RunConfig, "out", "metric", "confusion")
def command(out: str, metric: str, confusion: str, **asked: Any) -> None:
    """Write the boards again from the records in a folder, and print them.

    Nothing is fitted. All boards are written; --data, --protocol and --target choose which are printed.
    """
    from suite.results import write_boards

    store = folder(out)
    boards = write_boards(store, metric)
    for board in boards:
        say(str(store.root / board.folder / "LEADERBOARD.md"))
    say(str(store.root / "LEADERBOARD.md"))
    print_boards(chosen(boards, asked), confusion)
