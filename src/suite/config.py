"""What one run was asked to do, checked once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Literal

from suite.errors import UnknownName, UsageError
from suite.schema import LiveTable, ModelRef

MAX_COUNT, MAX_AMOUNT = 100_000, 1e9
COLUMN_OPTIONS = ("data_dir", "drop", "keep", "encode", "read", "missing", "decimal", "no_header")
"""What a run may say of how a table is read: fields of `DataConfig`."""


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    """Which table, and which of its columns.

    Raises
    ------
    UsageError
        If what names a column is no text.
    """

    source: str | LiveTable
    """Catalogue name with options, the path of a file, or a table given in Python."""
    target: str | None = None
    data_dir: Path | None = None
    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    encode: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    """COLUMN=HOW: how to read a column, whatever it looks like."""
    missing: tuple[str, ...] = ()
    """TOKEN or COLUMN=TOKEN: what stands for a missing value, besides the usual words."""
    decimal: str | None = None
    """The decimal mark of the whole file, `.` or `,`; None: as each column has it."""
    no_header: bool = False
    """The file's first row is data: columns are named column_1, column_2, ..."""

    def __post_init__(self) -> None:
        named = {"--target": [] if self.target is None else [self.target]}
        named |= {"--drop": [*self.drop], "--keep": [*self.keep], "--encode": [*self.encode]}
        named |= {"--read": [*self.read], "--missing": [*self.missing]}
        for flag, columns in named.items():
            for column in columns:
                if not isinstance(column, str):
                    raise UsageError(f"{flag} takes {_takes(flag)}, not {_shown(column)}")
        if self.decimal not in (None, ".", ","):
            raise UsageError(f"--decimal takes . or , not {_shown(self.decimal)}")
        if not isinstance(self.no_header, bool):
            raise UsageError(f"--no-header is True or False, not {_shown(self.no_header)}")


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """What one run was asked to do.

    Raises
    ------
    UsageError
        If no model is named, or a value is of another type or out of its range.
    """

    models: tuple[ModelRef, ...]
    data: tuple[DataConfig, ...]
    protocol: str | None = None
    """None means each data set's own."""
    seeds: int = 1
    threads: int | None = None
    time_limit_s: float | None = 600.0
    metric: str = "accuracy"
    out: Path = Path("results")
    fresh: bool = False
    confusion: str = "best"
    timing: Literal["shared", "exclusive"] = "shared"
    """exclusive: one cell at a time, so that nothing disturbs its times."""
    workers: int | None = None
    """Cells at once; None means as many as the cores have room for."""
    memory_limit_gb: float | None = None
    """GB (10**9 bytes) that a cell may take; None means four fifths of the machine's, divided by the workers."""
    executor: str = "local"
    """local, inline, dask, or dask:ADDRESS."""
    strict: bool = False
    """Stop before anything is fitted if there is something to check about a table first."""

    def __post_init__(self) -> None:
        if not self.models:
            raise UsageError("no model named: name one or more (suite list models), or say --all")
        if not self.data:
            raise UsageError("no data set named")
        for name in ("seeds", "threads", "workers"):
            value = getattr(self, name)
            if value is None and name != "seeds":
                continue
            if not (_is_number(value, Integral) and 1 <= value <= MAX_COUNT):
                raise UsageError(
                    f"--{name} takes a whole number from 1 to {MAX_COUNT:,}, not {_shown(value)}"
                )
            object.__setattr__(self, name, int(value))
        for flag, name, unit in (
            ("--time-limit", "time_limit_s", "seconds"),
            ("--memory-limit", "memory_limit_gb", "GB"),
        ):
            amount = getattr(self, name)
            if amount is None:
                continue
            if not (_is_number(amount, Real) and 0 < amount < MAX_AMOUNT):
                raise UsageError(
                    f"{flag} takes {unit} above 0 and below {MAX_AMOUNT:.0e}, not {_shown(amount)}"
                )
            object.__setattr__(self, name, float(amount))
        self._check_words()

    def _check_words(self) -> None:
        words = {"--metric": self.metric, "--confusion": self.confusion, "--executor": self.executor}
        words |= {} if self.protocol is None else {"--protocol": self.protocol}
        for flag, word in words.items():
            if not isinstance(word, str):
                raise UsageError(f"{flag} takes a name, not {_shown(word)}")
        if self.timing not in ("shared", "exclusive"):
            raise UsageError(f"--timing takes shared or exclusive, not {_shown(self.timing)}")
        for flag, switch in {"--fresh": self.fresh, "--strict": self.strict}.items():
            if not isinstance(switch, bool):
                raise UsageError(f"{flag} is True or False, not {_shown(switch)}")
        kind, colon, _ = self.executor.partition(":")
        if kind not in ("local", "inline", "dask") or (colon and kind != "dask"):
            raise UsageError(f"--executor takes local, inline, dask or dask:ADDRESS, not {self.executor!r}")


def check_names(options: Iterable[str]) -> None:
    """Refuse an option of `suite.run` that there is none of."""
    known = {field.name for kind in (RunConfig, DataConfig) for field in fields(kind)} - {"models", "source"}
    for name in options:
        if name not in known:
            raise UnknownName("option", name, sorted(known))


def tables(sources: Iterable[tuple[str | LiveTable, Any]], **options: Any) -> tuple[DataConfig, ...]:
    """Return which tables a caller of `suite.run` means, and which of their columns.

    Parameters
    ----------
    sources : iterable of (str or LiveTable, str or None)
        Each table with the column to predict, see `suite.datasets.live.gather.gather`.
    **options
        Those of `COLUMN_OPTIONS`. ``drop``, ``keep``, ``encode``, ``read`` and ``missing`` take one text or several;
        ``read`` and ``missing`` also a mapping of column to how it is read, or to what is missing there.

    Raises
    ------
    UsageError
        If these are something else.
    """
    folder = options.pop("data_dir", None)
    columns: dict[str, Any] = {
        flag: value if flag in ("decimal", "no_header") else _columns(flag, value)
        for flag, value in options.items()
    }
    data_dir = None if folder is None else folder_of("data_dir", folder)
    return tuple(
        DataConfig(source=source, target=target, data_dir=data_dir, **columns) for source, target in sources
    )


def _columns(flag: str, named: Any) -> tuple[str, ...]:
    if isinstance(named, str):
        return (named,)
    if isinstance(named, Mapping):
        several = ((column, [v] if isinstance(v, str | Real) else v) for column, v in named.items())
        return tuple(f"{column}={value}" for column, values in several for value in values)
    if not isinstance(named, Iterable):
        raise UsageError(f"--{flag} takes {_takes(flag)}, or a list of them, not {_shown(named)}")
    return tuple(named)


def _takes(flag: str) -> str:
    words = {"read": "COLUMN=HOW", "missing": "a word, or COLUMN=WORD"}
    return words.get(flag.strip("-"), "the name of a column")


def folder_of(option: str, folder: Any) -> Path:
    """Return a folder as a path; nothing and what is none are refused."""
    if not isinstance(folder, str | os.PathLike) or not os.fspath(folder):
        raise UsageError(f"{option} takes a folder ('.' is the current one), not {_shown(folder)}")
    return Path(folder)


def _shown(value: Any) -> str:
    plain = value is None or isinstance(value, str | int | float)
    return repr(value) if plain else f"an object of type {type(value).__name__}"


def _is_number(value: Any, kind: type) -> bool:
    """Tell whether a value is a number of a kind in `numbers`, as Python's and NumPy's are; True and False are none."""
    return isinstance(value, kind) and not isinstance(value, bool)
