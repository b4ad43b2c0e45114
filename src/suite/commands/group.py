"""What `suite` itself does: list the commands, import the one that is asked for, end with its exit code."""

from __future__ import annotations

import contextlib
import errno
import io
import sys
from importlib import import_module
from typing import Any

import click

from suite.errors import SuiteError, UnknownName
from suite.report.lossy import Lenient, degrade, give_up
from suite.version import __version__

SUMMARIES = {
    "run": "Compare MODELs on one data set or more, and write the boards.",
    "report": "Write the boards again from the records in a folder, and print them.",
    "show": "Print a part of the boards in a folder.",
    "audit": "Say what in DATA would make scores mean something else, and by how much.",
    "inspect": "Show how every column of DATA is read, and what becomes of it.",
    "list": "Show what there is: models, datasets, metrics or protocols.",
    "verify": "Compute every record's figures again, and the comparisons; name what was edited.",
    "fetch": "Download a data set that no package brings.",
    "doctor": "Show versions, cores, disk, and what would get in the way.",
    "completion": "Print the script that completes commands in a shell.",
}
"""What each command does; its help says more. They stand here so that a list of them imports none."""
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS)


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

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what each command does."""
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True)
@click.version_option(__version__, prog_name="suite")
def suite() -> None:
    """Which model family wins on your table, and is the win real?"""


def main(args: list[str] | None = None) -> int:
    """Run a command; return its exit code (0 ok, 1 a cell failed, 2 usage, 3 nothing ran, 130 interrupted)."""
    # Python has None for a stream that was closed before it started.
    for name in ("stdout", "stderr"):
        setattr(sys, name, getattr(sys, name) or io.StringIO())
    degrade(sys.stdout, sys.stderr)
    err: Any = Lenient(sys.stderr)
    with contextlib.redirect_stderr(err):
        return _ended(args)


def _ended(args: list[str] | None) -> int:
    """Run a command, say in one line what ended it early, and return its exit code."""
    try:
        code: Any = suite.main(args=args, prog_name="suite", standalone_mode=False)
        sys.stdout.flush()
    except SuiteError as error:
        return _complain(str(error), error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        return _complain("interrupted; what was finished is kept", 130)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return 2
    except click.NoSuchOption as error:
        params = error.ctx.command.get_params(error.ctx) if error.ctx else []
        known = [name for param in params if isinstance(param, click.Option) for name in param.opts]
        return _complain(str(UnknownName("option", error.option_name, known)), 2)
    except click.ClickException as error:
        return _complain(error.format_message(), 2)
    except OSError as error:
        if error.errno not in (*NO_ROOM, errno.EPIPE):
            raise
        give_up(sys.stdout)
        if error.errno == errno.EPIPE:
            return 1
        return _complain(f"cannot write {error.filename or 'the output'}: {error.strerror}", 2)
    return code if isinstance(code, int) else 0


def _complain(message: str, code: int) -> int:
    sys.stderr.write(f"suite: {' '.join(message.split())}\n")
    return code
