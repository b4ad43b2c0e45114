"""`suite completion`."""

from __future__ import annotations

import click

from suite.commands.console import print_text
from suite.commands.options import Command, Words


@click.command(
    "completion",
    cls=Command,
    examples=[
        ("In bash, for this session; put the line into ~/.bashrc for all", 'eval "$(suite completion bash)"'),
        ("In zsh, or in ~/.zshrc", 'eval "$(suite completion zsh)"'),
        ("In fish, or in ~/.config/fish/config.fish", "suite completion fish | source"),
    ],
)
@click.argument("shell", type=Words(["bash", "zsh", "fish"], "shell"))
def command(shell: str) -> None:
    """Print the script that completes commands in a shell.

    Options, models, data sets, files, columns, metrics and what is on the boards of a folder are completed too.
    """
    from suite.commands.group import suite
    from suite.commands.shells import source

    print_text(source(shell, suite))
