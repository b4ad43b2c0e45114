"""The options of commands: made from the fields of configurations, and listed under headings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from suite.config import DataConfig, Option, RunConfig, options_of

F = TypeVar("F", bound=Callable[..., Any] | click.Command)


SECTIONS = {
    "Models and data": ["all_models", "data", *list(options_of(DataConfig))[:2]],
    "Columns": list(options_of(DataConfig))[2:],
    "Protocol": ["protocol", "seeds", "strict"],
    "Limits": ["time_limit_s", "memory_limit_gb", "workers", "threads", "timing", "executor"],
}
"""Under which heading the help lists an option; the others stand under Output."""


class Command(click.Command):
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


class _Amount(click.ParamType[Any]):
    """A number, or `none`."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return None if value == "none" else click.FLOAT.convert(value, param, ctx)


def taken_from(kind: type[RunConfig] | type[DataConfig], *names: str) -> Callable[[F], F]:
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
    if one.kind == "tuple[str, ...]":
        return click.option(one.flag, one.name, multiple=True, **told)
    if one.choices:
        told |= {"type": click.Choice(one.choices), "metavar": None}
    elif one.kind in ("int", "float"):
        told |= {"type": click.INT if one.kind == "int" else _Amount()}
    default = f"{one.default:g}" if isinstance(one.default, float) else one.default
    return click.option(one.flag, one.name, default=default, show_default=True, **told)
