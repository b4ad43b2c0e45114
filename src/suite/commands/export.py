"""`suite export`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from suite.commands.boards import chooses
from suite.commands.candidates import offers
from suite.commands.console import print_text, say
from suite.commands.options import Command, taken_from
from suite.config import DataConfig, RunConfig, View
from suite.options import options_of


@click.command(
    "export",
    cls=Command,
    examples=[
        ("Save the best model of the boards in ./results", "suite export"),
        (
            "Save one by its name, to a folder that you name",
            "suite export logistic --data iris --out iris-model",
        ),
    ],
)
@click.argument("model", default="best", shell_complete=offers("board model"))
@click.option(
    "--variant",
    metavar="NAME",
    shell_complete=offers("variant"),
    help="Which of its rows: default, portfolio or tuned.",
)
@click.option(
    "--out",
    metavar="FOLDER",
    shell_complete=offers("folder"),
    help="Where the model goes; without it, a folder named after the data and the model.",
)
@click.option(
    "--results",
    default="results",
    show_default=True,
    metavar="FOLDER",
    shell_complete=offers("folder"),
    help="Output folder of the run.",
)
@click.option(
    "--table", metavar="FILE", shell_complete=offers("table"), help="Where the table is now, if it was moved."
)
@chooses
@taken_from(View, "metric")
@taken_from(DataConfig, "data_dir")
@taken_from(RunConfig, "time_limit_s", "memory_limit_gb")
def command(out: str | None, results: str, **asked: Any) -> None:
    """Save MODEL, a name on a board, as a folder that holds no pickle.

    Without a name, the best model. It is fitted again as its record says, saved, read again by a fresh process, and
    compared with the stored predictions; then it is fitted on all rows. The folder has what prepares new files for
    `suite predict`, and a model card. The parameters are printed as Python.
    """
    from suite import exporting
    from suite.exports.request import Request

    folder = options_of(RunConfig)["out"]
    request = Request(
        **asked,
        out=None if out is None else Path(folder.checked(out, "--out")),
        results=folder.checked(results, "--results"),
    )
    made = exporting.export(request, say)
    difference = "exactly" if made.difference == 0 else f"to within {made.difference:.1g}"
    say(f"Read again, it gives the stored probabilities of {made.n_compared:,} test rows {difference}")
    say(f"{made.model}, fitted on all {made.n_rows:,} rows: {made.folder}")
    print_text(made.python + "\n")
