"""What one run is asked to do. Every option stands once."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from suite.errors import UnknownName, UsageError
from suite.options import Checked, option, options_of
from suite.schema import LiveTable, ModelRef

_IN_PYTHON = {
    "Path": "str or Path",
    "tuple[str, ...]": "str or list of str",
    "float | str": "float or str",
}


@dataclass(frozen=True, kw_only=True)
class DataConfig(Checked):
    """Which table, and which of its columns.

    Raises
    ------
    UsageError
        If a value is of another type.
    """

    source: str | LiveTable
    """Catalogue name with options, the path of a file, or a table given in Python."""
    target: str | None = option(None, "Column to predict, for files.", "COLUMN")
    data_dir: Path | None = option(None, "Where music_genre is looked for first.", "FOLDER")
    drop: tuple[str, ...] = option((), "Leave a column out.", "COLUMN")
    keep: tuple[str, ...] = option((), "Keep a column that is left out by default.", "COLUMN")
    encode: tuple[str, ...] = option((), "Target-encode a column.", "COLUMN")
    read: tuple[str, ...] = option(
        (),
        "Read a column as number, number:, (decimal comma), date, date:%d/%m/%Y, time, category, text or drop, "
        "whatever it looks like.",
        "COLUMN=HOW",
    )
    missing: tuple[str, ...] = option(
        (), "What stands for a missing value, besides the usual words.", "[COLUMN=]WORD"
    )
    decimal: str | None = option(
        None, "Decimal mark of the whole table; without it, as each column has it.", choices=(".", ",")
    )
    no_header: bool = option(False, "The first row is data; columns become column_1, column_2, ...")


@dataclass(frozen=True, kw_only=True)
class View(Checked):
    """How boards are told: what ranks models, and what is asked of the answer. No record depends on it.

    Raises
    ------
    UsageError
        If a value is of another type or out of its range.
    """

    metric: str = option("accuracy", "What models are ranked by (suite list metrics).")
    positive: str | None = option(
        None,
        "The class that precision, recall and F1 are about; without it, the rarer of two.",
        "CLASS",
    )
    threshold: float | str | None = option(
        None,
        "Of two classes, the probability from which on a row counts as positive, or prior: the share of positive train "
        "rows; without it, the more probable class counts.",
        "SHARE",
    )
    within: float | None = option(
        None,
        "Name the simplest and the fastest model within so many points (hundredths) of the best.",
        "points",
    )
    max_latency_ms: float | None = option(
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
    protocol: str | None = option(
        None,
        "holdout, cv5, grouped:COLUMN, time:COLUMN ... (suite list protocols); without it, each data set's own.",
    )
    seeds: int = option(1, "Seeds per model and split.", "N")
    tune: str | None = option(
        None,
        "Search for better parameters too: 60s or 10m of fitting a model and split, or 20trials.",
        "BUDGET",
    )
    portfolio: int | None = option(
        None, "Try so many of each model's configurations that did well elsewhere.", "N"
    )
    ensemble: bool = option(False, "Add the ensemble of all models, weighed on train rows.")
    tune_for: str = option("log_loss", "The metric by which a search chooses.", "METRIC")
    strict: bool = option(False, "Stop before anything is fitted if there is something to check first.")
    time_limit_s: float | None = option(
        600.0, "Seconds that a fit may take; none is no limit.", "seconds", flag="--time-limit"
    )
    memory_limit_gb: float | None = option(
        None,
        "GB (10**9 bytes) that a fit may take; without it, 80 % of the machine's memory, divided by the workers.",
        "GB",
        flag="--memory-limit",
    )
    workers: int | None = option(None, "Fits at once; without it, as many as the cores have room for.", "N")
    threads: int | None = option(
        None, "Threads of every fit; without it, 1 if there are more fits than cores.", "N"
    )
    timing: Literal["shared", "exclusive"] = option(
        "shared",
        "exclusive: one fit at a time, so that nothing disturbs it.",
        choices=("shared", "exclusive"),
    )
    executor: str = option("local", "local, inline (no isolation), dask or dask:ADDRESS.")
    out: Path = option(Path("results"), "Output folder.", "FOLDER")
    fresh: bool = option(False, "Run fits again that are done.")
    confusion: str = option("best", "Whose confusion matrix is shown: best, all, or a model's name.")

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
    for one in (options_of(RunConfig) | options_of(DataConfig)).values():
        if one.name != "target":
            kind = "str, list of str or dict" if "=" in one.metavar else _IN_PYTHON.get(one.kind)
            kind = "str" if one.choices else kind or one.kind
            is_text = isinstance(one.default, str | Path)
            default = f'"{one.default}"' if is_text else repr(one.default)
            lines.append(f"{one.name} : {kind}, default={default}")
            lines += textwrap.wrap(one.help, 96, initial_indent="    ", subsequent_indent="    ")
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
    for name, one in options_of(DataConfig).items():
        # A data set of the catalogue has its own target.
        values = {getattr(table, name) for table in config.data} - ({None} if name == "target" else set())
        if len(values) > 1:
            raise UsageError(f"one command line has one {one.flag} for all tables, not {len(values)}")
        words += [word for value in values for word in one.arguments(value)]
    for name, one in options_of(RunConfig).items():
        words += one.arguments(getattr(config, name))
    models = [str(model) for model in config.models]
    return [*words, "--", *models] if any(name.startswith("-") for name in models) else [*models, *words]
