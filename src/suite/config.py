"""What one run is asked to do. Every option stands once: its flag, its help, its check."""

from __future__ import annotations

import math
import os
import re
import stat
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Literal

from suite.errors import UnknownName, UsageError, cut
from suite.schema import LiveTable, ModelRef

MAX_COUNT, MAX_AMOUNT = 100_000, 1e9
PRIOR = "prior"
"""A threshold: the positive class's share of the train rows."""
_IN_PYTHON = {
    "Path": "str or Path",
    "tuple[str, ...]": "str or list of str",
    "float | str": "float or str",
}


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


def _option(
    default: Any, help: str, metavar: str = "NAME", *, flag: str = "", choices: tuple[str, ...] = ()
) -> Any:
    return field(
        default=default, metadata={"flag": flag, "help": help, "metavar": metavar, "choices": choices}
    )


def options_of(kind: type[_Checked]) -> dict[str, Option]:
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
class _Checked:
    """A configuration whose options are checked, each by itself."""

    def __post_init__(self) -> None:
        for name, option in options_of(type(self)).items():
            object.__setattr__(self, name, option.checked(getattr(self, name)))


@dataclass(frozen=True, kw_only=True)
class DataConfig(_Checked):
    """Which table, and which of its columns.

    Raises
    ------
    UsageError
        If a value is of another type.
    """

    source: str | LiveTable
    """Catalogue name with options, the path of a file, or a table given in Python."""
    target: str | None = _option(None, "Column to predict, for files.", "COLUMN")
    data_dir: Path | None = _option(None, "Where music_genre is looked for first.", "FOLDER")
    drop: tuple[str, ...] = _option((), "Leave a column out.", "COLUMN")
    keep: tuple[str, ...] = _option((), "Keep a column that is left out by default.", "COLUMN")
    encode: tuple[str, ...] = _option((), "Target-encode a column.", "COLUMN")
    read: tuple[str, ...] = _option(
        (),
        "Read a column as number, number:, (decimal comma), date, date:%d/%m/%Y, time, category, text or drop, "
        "whatever it looks like.",
        "COLUMN=HOW",
    )
    missing: tuple[str, ...] = _option(
        (), "What stands for a missing value, besides the usual words.", "[COLUMN=]WORD"
    )
    decimal: str | None = _option(
        None, "Decimal mark of the whole table; without it, as each column has it.", choices=(".", ",")
    )
    no_header: bool = _option(False, "The first row is data; columns become column_1, column_2, ...")


@dataclass(frozen=True, kw_only=True)
class View(_Checked):
    """How boards are told: what ranks models, and what is asked of the answer. No record depends on it.

    Raises
    ------
    UsageError
        If a value is of another type or out of its range.
    """

    metric: str = _option("accuracy", "What models are ranked by (suite list metrics).")
    positive: str | None = _option(
        None,
        "The class that precision, recall and F1 are about; without it, the rarer of two.",
        "CLASS",
    )
    threshold: float | str | None = _option(
        None,
        "Of two classes, the probability from which on a row counts as positive, or prior: the share of positive train "
        "rows; without it, the more probable class counts.",
        "SHARE",
    )
    within: float | None = _option(
        None,
        "Name the simplest and the fastest model within so many points (hundredths) of the best.",
        "points",
    )
    max_latency_ms: float | None = _option(
        None, "Leave out models that take longer for a row.", "milliseconds", flag="--max-latency"
    )


@dataclass(frozen=True, kw_only=True)
class RunConfig(View):
    """What one run was asked to do.

    Raises
    ------
    UsageError
        If no model is named, or a value is of another type or out of its range.
    """

    models: tuple[ModelRef, ...]
    data: tuple[DataConfig, ...]
    protocol: str | None = _option(
        None,
        "holdout, cv5, grouped:COLUMN, time:COLUMN ... (suite list protocols); without it, each data set's own.",
    )
    seeds: int = _option(1, "Seeds per model and split.", "N")
    tune: str | None = _option(
        None,
        "Search for better parameters too: 60s or 10m of fitting a model and split, or 20trials.",
        "BUDGET",
    )
    portfolio: int | None = _option(
        None, "Try so many of each model's configurations that did well elsewhere.", "N"
    )
    ensemble: bool = _option(False, "Add the ensemble of all models, weighed on train rows.")
    tune_for: str = _option("log_loss", "The metric by which a search chooses.", "METRIC")
    strict: bool = _option(False, "Stop before anything is fitted if there is something to check first.")
    time_limit_s: float | None = _option(
        600.0, "Seconds that a fit may take; none is no limit.", "seconds", flag="--time-limit"
    )
    memory_limit_gb: float | None = _option(
        None,
        "GB (10**9 bytes) that a fit may take; without it, 80 % of the machine's memory, divided by the workers.",
        "GB",
        flag="--memory-limit",
    )
    workers: int | None = _option(None, "Fits at once; without it, as many as the cores have room for.", "N")
    threads: int | None = _option(
        None, "Threads of every fit; without it, 1 if there are more fits than cores.", "N"
    )
    timing: Literal["shared", "exclusive"] = _option(
        "shared",
        "exclusive: one fit at a time, so that nothing disturbs it.",
        choices=("shared", "exclusive"),
    )
    executor: str = _option("local", "local, inline (no isolation), dask or dask:ADDRESS.")
    out: Path = _option(Path("results"), "Output folder.", "FOLDER")
    fresh: bool = _option(False, "Run fits again that are done.")
    confusion: str = _option("best", "Whose confusion matrix is shown: best, all, or a model's name.")

    @property
    def searches(self) -> bool:
        """Whether parameters are searched for, or fits on inner splits are needed for an ensemble."""
        return self.tune is not None or self.portfolio is not None or self.ensemble

    def __post_init__(self) -> None:
        if not self.models:
            raise UsageError("no model named: name one or more (suite list models), or all")
        if not self.data:
            raise UsageError("no data set named")
        super().__post_init__()
        kind, colon, _ = self.executor.partition(":")
        if kind not in ("local", "inline", "dask") or (colon and kind != "dask"):
            raise UsageError(f"the executor is local, inline, dask or dask:ADDRESS, not {self.executor!r}")


def check_names(names: Iterable[str]) -> None:
    """Refuse what is no option of `suite.run`."""
    known = options_of(RunConfig).keys() | options_of(DataConfig).keys()
    for name in names:
        if name not in known:
            raise UnknownName("option", name, sorted(known | {"watch"}))


def described() -> str:
    """Return every option with its type, default and meaning, as the docstring of `suite.run` lists them."""
    lines = []
    for option in (options_of(RunConfig) | options_of(DataConfig)).values():
        if option.name != "target":
            kind = "str, list of str or dict" if "=" in option.metavar else _IN_PYTHON.get(option.kind)
            kind = "str" if option.choices else kind or option.kind
            is_text = isinstance(option.default, str | Path)
            default = f'"{option.default}"' if is_text else repr(option.default)
            lines.append(f"{option.name} : {kind}, default={default}")
            lines += textwrap.wrap(option.help, 96, initial_indent="    ", subsequent_indent="    ")
    return "\n".join(lines)


def to_arguments(config: RunConfig) -> list[str]:
    """Return the arguments of `suite run` that ask for a configuration; what is default is left out.

    Raises
    ------
    UsageError
        If no command line can ask for it: a model or a table was given in Python, or tables differ in their options.
    """
    live = [item for item in [*config.models, *(d.source for d in config.data)] if not isinstance(item, str)]
    if live:
        raise UsageError(f"no command line can name {live[0]}, which was given in Python")
    words = [word for table in config.data for word in ("--data", str(table.source))]
    for name, option in options_of(DataConfig).items():
        # A data set of the catalogue has its own target.
        values = {getattr(table, name) for table in config.data} - ({None} if name == "target" else set())
        if len(values) > 1:
            raise UsageError(f"one command line has one {option.flag} for all tables, not {len(values)}")
        words += [word for value in values for word in option.arguments(value)]
    for name, option in options_of(RunConfig).items():
        words += option.arguments(getattr(config, name))
    models = [str(model) for model in config.models]
    return [*words, "--", *models] if any(name.startswith("-") for name in models) else [*models, *words]


def _word(value: Any) -> str:
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
