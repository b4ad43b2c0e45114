"""`suite show`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from suite.commands.boards import chooses, chosen, print_boards, say_unreadable, view_of, with_model
from suite.commands.candidates import offers
from suite.commands.options import Command, Words, taken_from
from suite.config import RunConfig, View
from suite.errors import UsageError

PARTS = (
    "verdict",
    "board",
    "check",
    "comparisons",
    "intervals",
    "calibration",
    "classes",
    "confusion",
    "searches",
    "time",
    "memory",
    "failures",
    "notes",
)


@click.command(
    "show",
    cls=Command,
    examples=[
        ("Who wins, in a few sentences", "suite show verdict"),
        ("The confusion matrix of one model", "suite show confusion --model logistic"),
        (
            "Why fits failed, of one data set in another folder",
            "suite show failures --data iris --out results",
        ),
    ],
)
@click.argument("what", type=Words(PARTS, "part of a board"))
@chooses
@click.option(
    "--model",
    default="best",
    show_default=True,
    metavar="NAME",
    shell_complete=offers("board models"),
    help="Whose confusion matrix: best, all, or a model's name.",
)
@taken_from(View)
@taken_from(RunConfig, "out")
def command(what: str, out: str, model: str, **asked: Any) -> None:
    """Print a part of the boards in a folder.

    Nothing is fitted or written.
    """
    if what != "confusion" and model != "best":
        raise UsageError(f"--model says whose confusion matrix is shown, and {what} has none: leave it out")
    from suite.analysis.ranking import boards
    from suite.report.blocks import SCREEN
    from suite.report.faces import Face
    from suite.store import Store

    store = Store(Path(out))
    found = boards(store.records(), view_of(asked), store=store)
    say_unreadable(store)
    if not found:
        raise UsageError(f"no record in {out}: nothing to show")
    found = chosen(found, asked)
    if what == "confusion":
        found = with_model(found, model)
    # Alone, notes are shown as whole as in a file.
    parts = ("title", "state", "scores") if what == "board" else ("title", what)
    print_boards(found, Face(SCREEN, parts, confusion=model, whole=True))
