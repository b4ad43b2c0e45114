"""The options of commands: made from the fields of configurations, and listed under headings in the help."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

import click

from suite.config import DataConfig, Option, RunConfig, options_of

F = TypeVar("F", bound=Callable[..., Any] | click.Command)


class Command(click.Command):
    """A command whose help lists options under headings."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, those of a heading together."""
        sections: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record and isinstance(param, click.Option):
                sections[getattr(param, "section", "Other")].append(record)
        for title, records in sections.items():
            with formatter.section(title):
                formatter.write_dl(records)


class _Listed(click.Option):
    """An option that stands under a heading."""

    def __init__(self, *args: Any, section: str, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.section = section


class _Amount(click.ParamType[Any]):
    """A number, or `none`."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return None if value == "none" else click.FLOAT.convert(value, param, ctx)


def option(flag: str, *names: str, section: str = "Other", **attributes: Any) -> Callable[[F], F]:
    """Return click's decorator for an option under a heading."""
    return click.option(flag, *names, cls=_Listed, section=section, **attributes)


def taken_from(kind: type[RunConfig] | type[DataConfig], *names: str) -> Callable[[F], F]:
    """Return a decorator that gives a command the options of a configuration: all, or those named."""
    chosen = [one for one in options_of(kind).values() if not names or one.name in names]

    def decorate(command: F) -> F:
        for one in reversed(chosen):
            command = _made(one)(command)
        return command

    return decorate


def _made(one: Option) -> Callable[[Any], Any]:
    told: dict[str, Any] = {"help": one.help, "section": one.section, "metavar": one.metavar}
    if one.kind == "bool":
        return option(one.flag, one.name, is_flag=True, help=one.help, section=one.section)
    if one.kind == "tuple[str, ...]":
        return option(one.flag, one.name, multiple=True, **told)
    default = f"{one.default:g}" if isinstance(one.default, float) else one.default
    told |= {"default": default, "show_default": True}
    if one.choices:
        told |= {"type": click.Choice(one.choices), "metavar": None}
    elif one.kind in ("int", "float"):
        told |= {"type": click.INT if one.kind == "int" else _Amount()}
    elif one.kind == "Path":
        told |= {"type": click.Path()}
    return option(one.flag, one.name, **told)
