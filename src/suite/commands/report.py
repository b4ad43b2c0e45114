"""`suite report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from suite.commands.console import print_text, say
from suite.commands.options import Command, Words, taken_from
from suite.config import RunConfig, View
from suite.errors import listed

if TYPE_CHECKING:
    from suite.report.plots import Kind


@click.command(
    "report",
    cls=Command,
    examples=[
        (
            "Write the boards of a folder again, ranked by another metric",
            "suite report --out results --metric log_loss",
        ),
        ("Write figures too, of one data set", "suite report --data iris --plots svg"),
        ("The tables of the boards for a spreadsheet", "suite report --format csv > boards.csv"),
    ],
)
@chooses
@taken_from(View)
@taken_from(RunConfig, "out", "confusion")
@click.option(
    "--plots",
    type=Words(("svg", "png", "pdf"), "kind of figure"),
    help="Write the figures of the boards too.",
)
@click.option(
    "--format",
    "form",
    type=Words(("csv", "json", "latex", "markdown"), "format"),
    help="Print the boards' tables in this format, and nothing else.",
)
def command(out: str, confusion: str, plots: Kind | None, form: str | None, **asked: Any) -> None:
    """Write the boards again from the records in a folder, and print them.

    Nothing is fitted. All boards are written; --data, --protocol and --target choose which are printed, and drawn.
    """
    from suite.report.faces import TERMINAL
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
    if plots:
        from suite.plotting import write_plots

        for where, names in write_plots(store.root, boards, plots):
            say(f"{where}: {listed(names, 10) or 'nothing to draw'}")
    if form:
        from suite.report.formats import FORMATS

        print_text(FORMATS[form](boards))
        return
    print_boards(boards, TERMINAL._replace(confusion=confusion))
    print_across(boards)
