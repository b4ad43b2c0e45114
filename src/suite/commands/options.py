"""The options of commands: made from the fields of configurations, and listed under headings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from suite.commands.candidates import OF_OPTIONS, offers
from suite.config import DataConfig, View
from suite.errors import UnknownName
from suite.options import Option, options_of

F = TypeVar("F", bound=Callable[..., Any] | click.Command)


SECTIONS = {
    "Models and data": ["all_models", "data", *list(options_of(DataConfig))[:2]],
    "Columns": list(options_of(DataConfig))[2:],
    "Protocol": ["protocol", "seeds", "strict"],
    "Search": ["tune", "portfolio", "ensemble", "tune_for"],
    "Audit": ["deep", "near_duplicates", "ignore"],
    "Limits": ["time_limit_s", "memory_limit_gb", "workers", "threads", "timing", "executor"],
}
"""Under which heading the help lists an option; the others stand under Output."""


class Command(click.Command):
    """A command whose help ends with examples: of each what it is for, and the line to type."""

    def __init__(self, *args: Any, examples: Sequence[tuple[str, str]] = (), **told: Any) -> None:
        super().__init__(*args, **told)
        self.examples = tuple(examples)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read a line; one that is not whole yet may end with an option whose value is being completed."""
        options = [param for param in self.params if isinstance(param, click.Option) and not param.is_flag]
        if ctx.resilient_parsing and args and any(args[-1] in option.opts for option in options):
            # click would leave out what stands before it, too.
            args = args[:-1]
        return super().parse_args(ctx, args)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        if self.examples:
            with formatter.section("Examples"):
                for what, line in self.examples:
                    formatter.write(f"  # {what}\n  {line}\n")


class Headed(Command):
    """A command whose help lists its options under headings."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, those of a heading together."""
        heading = {name: title for title, names in SECTIONS.items() for name in names}
        found: dict[str, list[tuple[str, str]]] = {title: [] for title in (*SECTIONS, "Output")}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record and isinstance(param, click.Option):
                found[heading.get(param.name or "", "Output")].append(record)
        for title, records in found.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)


class Words(click.Choice[str]):
    """Words that help lists; another one is an `UnknownName` of a kind, or else the configuration's to refuse."""

    def __init__(self, choices: Sequence[str], kind: str = "") -> None:
        super().__init__(choices)
        self.kind = kind

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return a word as it is."""
        if self.kind and value not in self.choices:
            raise UnknownName(self.kind, value, self.choices)
        return value

    def get_missing_message(self, param: click.Parameter, ctx: click.Context | None) -> str:
        """Return nothing: the parameter's name lists the words."""
        return ""


def taken_from(kind: type[View] | type[DataConfig], *names: str) -> Callable[[F], F]:
    """Return a decorator that gives a command the options of a configuration: all, or those named."""
    chosen = [one for one in options_of(kind).values() if not names or one.name in names]

    def decorate(command: F) -> F:
        for one in reversed(chosen):
            command = _made(one)(command)
        return command

    return decorate


def _made(one: Option) -> Callable[[Any], Any]:
    if one.kind == "bool":
        return click.option(one.flag, one.name, is_flag=True, help=one.help)
    told: dict[str, Any] = {"help": one.help, "metavar": one.metavar.upper()}
    if kind := OF_OPTIONS.get(one.name):
        told["shell_complete"] = offers(kind)
    told["callback"] = lambda ctx, param, value: one.checked(_read(one.kind, value), one.flag)
    if one.kind == "tuple[str, ...]":
        return click.option(one.flag, one.name, multiple=True, **told)
    if one.choices:
        told |= {"type": Words(one.choices), "metavar": None}
    elif one.kind in ("int", "float"):
        told |= {"type": click.STRING}
    default = f"{one.default:g}" if isinstance(one.default, float) else one.default
    return click.option(one.flag, one.name, default=default, show_default=True, **told)


def _read(kind: str, value: Any) -> Any:
    """Return a number that is written right; anything else is the configuration's to refuse."""
    try:
        return {"int": int, "float": float}[kind](value)
    except (KeyError, TypeError, ValueError):
        return value
