"""`suite report`."""

from __future__ import annotations

from typing import Any

import click

from suite.commands.boards import DATA, PROTOCOL, folder, found, print_boards
from suite.commands.console import say
from suite.commands.options import Command, taken_from
from suite.config import RunConfig


@click.command("report", cls=Command)
@DATA
@PROTOCOL
@taken_from(RunConfig, "out", "metric", "confusion")
def command(out: str, metric: str, confusion: str, **chosen: Any) -> None:
    """Write the boards again from the records in a folder, and print them.

    Nothing is fitted. All boards are written; --data and --protocol choose which are printed.
    """
    from suite.results import write_boards

    store = folder(out)
    boards = found(store, metric, **chosen)
    for path in write_boards(store, metric):
        say(str(path))
    print_boards(boards, confusion)
