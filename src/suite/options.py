"""One option: its flag, its help, its check. A class of options checks each of them."""

from __future__ import annotations

import math
import os
import re
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from suite.errors import UsageError, cut

MAX_COUNT, MAX_AMOUNT = 100_000, 1e9
PRIOR = "prior"
"""A threshold: the positive class's share of the train rows."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """A field that a user sets, by its flag on the command line and by its name in Python."""

    name: str
    kind: str
    """The field's type, without None: `int`, `float`, `bool`, `str`, `Path`, `tuple[str, ...]` or `float | str`."""
    optional: bool
    """Whether None is a value."""
    default: Any
    flag: str
    help: str
    metavar: str
    choices: tuple[str, ...]

    def checked(self, value: Any, called: str = "") -> Any:
        """Return a value as the field holds it: a number of NumPy's as Python's, one name as a tuple of one.

        One of another type or out of range is a `UsageError`, which calls the option as the user did: by its name,
        unless told otherwise.
        """
        is_none = value is None or (
            self.kind in ("int", "float") and isinstance(value, str) and value == "none"
        )
        if is_none and self.optional:
            return None
        names = {"COLUMN": "the name of a column", "CLASS": "the name of a class", "NAME": "a name"}
        names |= {"BUDGET": "a text such as '60s', '10m' or '20trials'", "METRIC": "the name of a metric"}
        takes = names.get(self.metavar, self.metavar)
        if self.kind == "Path":
            takes = "a folder ('.' is the current one)"
            if isinstance(value, str | os.PathLike) and os.fspath(value):
                path = Path(value)
                why = _why_no_folder(path)
                if not why:
                    return path
                raise UsageError(f"{called or self.name} takes {takes}, not {cut(repr(str(path)))}: {why}")
        elif self.kind == "int":
            takes = f"a whole number from 1 to {MAX_COUNT:,}"
            if _is_number(value, Integral) and 1 <= value <= MAX_COUNT:
                return int(value)
        elif self.kind == "float":
            takes = f"{self.metavar} above 0 and below {MAX_AMOUNT:,.0f}"
            if isinstance(value, str) and self.name.endswith("_ms"):
                value = _milliseconds(value)
            if _is_number(value, Real) and 0 < value < MAX_AMOUNT:
                return float(value)
        elif self.kind == "bool":
            takes = "True or False"
            if isinstance(value, bool):
                return value
        elif self.kind == "tuple[str, ...]":
            several = _several(value)
            wrong = [name for name in several if not isinstance(name, str)]
            if not wrong:
                return several
            value = wrong[0]
        elif self.kind == "float | str":
            takes = f"{PRIOR}, or a number above 0 and below 1"
            share = _share(value)
            if share is not None:
                return share
        else:
            takes = " or ".join(map(repr, self.choices)) or takes
            if isinstance(value, str) and value in (self.choices or [value]):
                return value
        is_plain = value is None or isinstance(value, str | int | float)
        shown = repr(value) if is_plain else f"an object of type {type(value).__name__}"
        shown = _word(value) if isinstance(value, float) else shown
        raise UsageError(f"{called or self.name} takes {takes}, not {shown}")

    def arguments(self, value: Any) -> list[str]:
        """Return the words of a command line that set a value; none if it is the default."""
        if value == self.default:
            return []
        if self.kind == "bool":
            return [self.flag]
        values = value if isinstance(value, tuple) else (value,)
        return [word for item in values for word in (self.flag, _word(item))]


def option(
    default: Any, help: str, metavar: str = "NAME", *, flag: str = "", choices: tuple[str, ...] = ()
) -> Any:
    """Return the field of an option; its flag is its name, unless told otherwise."""
    return field(
        default=default, metadata={"flag": flag, "help": help, "metavar": metavar, "choices": choices}
    )


def options_of(kind: type[Checked]) -> dict[str, Option]:
    """Return the options of a configuration, by field, in order."""
    found = {}
    for one in fields(kind):
        if one.metadata:
            type_name, none, _ = str(one.type).partition(" | None")
            told = {**one.metadata, "flag": one.metadata["flag"] or f"--{one.name.replace('_', '-')}"}
            found[one.name] = Option(
                name=one.name, kind=type_name, optional=bool(none), default=one.default, **told
            )
    return found


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A configuration whose options are checked, each by itself."""

    def __post_init__(self) -> None:
        for name, one in options_of(type(self)).items():
            object.__setattr__(self, name, one.checked(getattr(self, name)))


def _word(value: Any) -> str:
    """Return a value as a command line has it."""
    if isinstance(value, float) and float(f"{value:g}") == value:
        return f"{value:g}"
    return "none" if value is None else str(value)


def _milliseconds(text: str) -> Any:
    """Return what `1ms`, `1.5 ms` or `2s` says, as a number; the text itself if it is none."""
    found = re.fullmatch(r"([0-9]*\.?[0-9]+) *(ms|s)", text.strip())
    return float(found[1]) * (1000 if found[2] == "s" else 1) if found else text


def _why_no_folder(path: Path) -> str:
    """Return why a path cannot be that of a folder; nothing if it can, for which it need not be there."""
    try:
        if not path.is_absolute():
            Path.cwd()
    except OSError:
        return "the current folder is gone"
    try:
        return "" if stat.S_ISDIR(path.stat().st_mode) else "it is a file"
    except FileNotFoundError:
        return ""
    except ValueError:
        return "it holds a NUL character"
    except OSError as error:
        return (error.strerror or str(error)).lower()


def _share(value: Any) -> float | str | None:
    """Return a number between 0 and 1 as Python's, written or not, and `prior` as it is; None for all else."""
    if value == PRIOR:
        return PRIOR
    try:
        number = float(value) if isinstance(value, str) or _is_number(value, Real) else math.nan
    except ValueError:
        return None
    return number if 0 < number < 1 else None


def _several(named: Any) -> tuple[Any, ...]:
    """Return one name or many as a tuple, of a mapping `KEY=VALUE`."""
    if isinstance(named, Mapping):
        pairs = ((column, [v] if isinstance(v, str | Real) else v) for column, v in named.items())
        return tuple(f"{column}={value}" for column, values in pairs for value in values)
    return tuple(named) if isinstance(named, Iterable) and not isinstance(named, str) else (named,)


def _is_number(value: Any, kind: type) -> bool:
    """Tell whether a value is a number of a kind in `numbers`, as Python's and NumPy's are; True and False are none."""
    return isinstance(value, kind) and not isinstance(value, bool)
