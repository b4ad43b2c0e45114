"""`suite completion`."""

from __future__ import annotations

import click

from suite.commands.console import print_text
from suite.commands.options import Words


@click.command("completion")
@click.argument("shell", type=Words(["bash", "zsh", "fish"], "shell"))
def command(shell: str) -> None:
    """Print the script that completes commands in a shell.

    Models are completed too.
    """
    from click.shell_completion import get_completion_class

    from suite.commands.group import suite

    kind = get_completion_class(shell)
    assert kind is not None
    print_text(kind(suite, {}, "suite", "_SUITE_COMPLETE").source() + "\n")
