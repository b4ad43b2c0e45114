"""`suite show`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from suite.commands.boards import chooses, chosen, print_boards, say_unreadable
from suite.commands.options import taken_from
from suite.config import RunConfig
from suite.errors import UnknownName, UsageError

PARTS = ("board", "check", "classes", "confusion", "time", "memory", "failures", "notes")


@click.command("show")
@click.argument("what", type=click.Choice(PARTS))
@chooses
@click.option(
    "--model",
    default="best",
    show_default=True,
    metavar="NAME",
    help="Whose confusion matrix: best, all, or a model's name.",
)
@taken_from(RunConfig, "out", "metric")
def command(what: str, out: str, metric: str, model: str, **asked: Any) -> None:
    """Print a part of the boards in a folder.

    Nothing is fitted, computed anew or written.
    """
    from suite.analysis.ranking import boards
    from suite.report.blocks import SCREEN
    from suite.report.document import Face
    from suite.store import Store

    store = Store(Path(out))
    found = boards(store.records(), metric, out=store.root)
    say_unreadable(store)
    if not found:
        raise UsageError(f"no record in {out}: nothing to show")
    found = chosen(found, asked)
    if what == "confusion" and model not in ("best", "all"):
        known = {row.model: row for board in found for row in board.rows}
        if model not in known:
            raise UnknownName("model on these boards", model, ["best", "all", *known])
        found = [board for board in found if any(row.model == model for row in board.rows)]
    # Alone, notes are shown as whole as in a file.
    parts = ("title", "state", "scores") if what == "board" else ("title", what)
    print_boards(found, Face(SCREEN, parts, confusion=model, whole=True))
