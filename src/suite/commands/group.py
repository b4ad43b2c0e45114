"""What `suite` itself does: list the commands, import and run the one that is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from suite.commands.console import print_text
from suite.commands.limits import check_memory
from suite.errors import UnknownName, UsageError
from suite.version import __version__

SUMMARIES = {
    "run": "Compare MODELs on one data set or more, and write the boards.",
    "report": "Write the boards again from the records in a folder, and print them.",
    "show": "Print a part of the boards in a folder.",
    "compare": "Say which models in the folder NEW are worse than in OLD, and fail where they are.",
    "audit": "Say what in DATA would make scores mean something else, and by how much.",
    "inspect": "Show how every column of DATA is read, and what becomes of it.",
    "list": "Show what there is: models, datasets, metrics or protocols.",
    "verify": "Compute every record's figures again, and the comparisons; name what was edited.",
    "export": "Save MODEL, a name on a board, as a folder that holds no pickle.",
    "predict": "Predict the rows of FILE with a model that `suite export` wrote to FOLDER.",
    "fetch": "Download a data set that no package brings.",
    "doctor": "Show versions, cores, disk, and what would get in the way.",
    "completion": "Print the script that completes commands in a shell.",
}
"""What each command does; its help says more. They stand here so that a list of them imports none."""

LIGHT = ("list", "fetch", "doctor", "completion")
"""Commands that import no heavy library."""


class Commands(click.Group):
    """The group of commands; the module of one is imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names."""
        return list(SUMMARIES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command."""
        if cmd_name not in SUMMARIES:
            return None
        command: click.Command = import_module(f"suite.commands.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that arguments begin with."""
        if args[0] not in SUMMARIES and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise UnknownName("command", args[0], SUMMARIES)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that is asked for."""
        try:
            return super().invoke(ctx)
        except EOFError as error:
            # click would take it for an interruption.
            raise RuntimeError("a file ends too early") from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what each command does."""
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True)
@click.version_option(__version__, prog_name="suite")
@click.pass_context
def suite(ctx: click.Context) -> None:
    """Which model family wins on your table, and is the win real?"""
    if ctx.invoked_subcommand not in LIGHT:
        check_memory()


def run(args: list[str] | None) -> int:
    """Run a command and return its exit code; what click refuses is a `UsageError`."""
    try:
        code: Any = suite.main(args=args, prog_name="suite", standalone_mode=False)
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.exceptions.NoArgsIsHelpError as error:
        print_text(f"{error.format_message()}\n", stderr=True)
        return 2
    except click.NoSuchOption as error:
        params = error.ctx.command.get_params(error.ctx) if error.ctx else []
        known = [name for param in params if isinstance(param, click.Option) for name in param.opts]
        raise UnknownName("option", error.option_name, known) from error
    except click.ClickException as error:
        raise UsageError(error.format_message()) from error
    return code if isinstance(code, int) else 0
