"""`suite predict`."""

from __future__ import annotations

from pathlib import Path

import click

from suite.commands.candidates import offers
from suite.commands.console import say
from suite.commands.options import Command


@click.command(
    "predict",
    cls=Command,
    examples=[
        ("Predict new rows with an exported model", "suite predict iris-model new.csv"),
        (
            "Only the class, beside a column of the file",
            "suite predict iris-model new.csv --no-proba --id plant --out classes.csv",
        ),
    ],
)
@click.argument("folder", metavar="FOLDER", shell_complete=offers("folder"))
@click.argument("file", metavar="FILE", shell_complete=offers("table"))
@click.option(
    "--out",
    default="predictions.csv",
    show_default=True,
    metavar="CSV",
    shell_complete=offers("file"),
    help="Where predictions go.",
)
@click.option(
    "--proba/--no-proba", default=True, show_default=True, help="A column a class: its probability."
)
@click.option(
    "--id",
    "keep",
    multiple=True,
    metavar="COLUMN",
    shell_complete=offers("column"),
    help="Repeat a column of FILE before the predictions.",
)
def command(folder: str, file: str, out: str, proba: bool, keep: tuple[str, ...]) -> None:
    """Predict the rows of FILE with a model that `suite export` wrote to FOLDER.

    Columns are found by their names, in any order. What is new in the file is said: levels and numbers that the model
    has not seen, columns that are not there (their cells count as missing) or not known. A file without more than half
    of the columns is refused.
    """
    from suite import predicting
    from suite.datasets.files.sources import path_of
    from suite.exports.model import ExportedModel
    from suite.provenance import usable_cores
    from suite.threads import pinned

    with pinned(n_threads := usable_cores()):
        model = ExportedModel(folder, n_threads)
        for warning in model.warnings:
            say(warning)
        done = predicting.predict(model, path_of(file), Path(out), proba=proba, keep=keep)
    for sentence in (*done.notes, *done.news):
        say(sentence)
    say(f"{done.n_rows:,} rows: {out}" if done.n_rows != 1 else f"1 row: {out}")
