"""`suite inspect`."""

from __future__ import annotations

from typing import Any

import click

from suite.commands.candidates import offers
from suite.commands.console import console, print_json
from suite.commands.options import Headed, taken_from
from suite.config import DataConfig


@click.command(
    "inspect",
    cls=Headed,
    examples=[
        ("How the columns of a table are read", "suite inspect sales.csv --target bought"),
        (
            "The same with a column as words and another left out",
            "suite inspect sales.csv --target bought --read zip=category --drop id",
        ),
        ("For a script", "suite inspect iris --json"),
    ],
)
@click.argument("source", metavar="DATA", shell_complete=offers("data"))
@taken_from(DataConfig)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="One JSON object a column, one a line; the last line is of the table: rows, classes, findings, notes.",
)
def command(source: str, as_json: bool, **columns: Any) -> None:
    """Show how every column of DATA is read, and what becomes of it.

    Nothing is fitted or written.
    """
    from suite.datasets import inspection
    from suite.datasets.catalogue import load

    dataset = load(DataConfig(source=source, **columns))
    rows = [row._asdict() for row in inspection.rows(dataset)]
    if as_json:
        print_json([*rows, inspection.about(dataset)])
        return
    from suite.report.listing import inspection_table
    from suite.report.text import plain

    out = console()
    for finding in dataset.findings:
        out.print(plain(f"! {finding.text}"))
    classes = f"{len(dataset.classes)} classes of {dataset.target}"
    title = f"{dataset.name}: {len(dataset.y):,} rows, {dataset.X.shape[1]} features, {classes}"
    out.print(inspection_table(title, rows, [*dataset.notes, inspection.HOW]))
