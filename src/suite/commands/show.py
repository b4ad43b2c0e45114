"""`suite show`."""

from __future__ import annotations

from typing import Any

import click

from suite.commands.boards import PARTS, chooses, chosen, folder, print_part
from suite.commands.options import taken_from
from suite.config import RunConfig


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

    print_part(chosen(boards(folder(out).records(), metric), asked), what, model)
