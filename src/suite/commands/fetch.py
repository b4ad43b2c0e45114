"""`suite fetch`."""

from __future__ import annotations

import click

from suite.commands.candidates import offers
from suite.commands.console import echo
from suite.commands.options import Command
from suite.errors import UsageError


@click.command(
    "fetch",
    cls=Command,
    examples=[
        ("The largest table of the catalogue", "suite fetch music_genre"),
        ("A data set of OpenML, by its number", "suite fetch openml:31"),
    ],
)
@click.argument("name", metavar="music_genre|openml:ID", shell_complete=offers("fetched"))
def command(name: str) -> None:
    """Download a data set that no package brings.

    This is the only command that uses the network.
    """
    if name.startswith("openml:"):
        from suite.datasets.files import openml

        path = openml.fetch_openml_table(openml.parse_id(name))
    elif name == "music_genre":
        from suite.datasets.entries import music_genre

        path = music_genre.fetch()
    else:
        raise UsageError(f"nothing to fetch under the name {name!r}; did you mean music_genre or openml:ID?")
    echo(f"kept as {path}")
