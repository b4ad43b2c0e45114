"""What one run was asked to do, checked once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from suite.errors import UsageError
from suite.schema import ModelRef

MAX_COUNT, MAX_AMOUNT = 100_000, 1e9


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    """Which table, and which of its columns."""

    source: str
    """Catalogue name with options, or the path of a file."""
    target: str | None = None
    data_dir: Path | None = None
    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    encode: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """What one run was asked to do.

    Raises
    ------
    UsageError
        If no model is named, or a number is out of its range.
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

    def __post_init__(self) -> None:
        if not self.models:
            raise UsageError("no model named: name one or more (suite list models), or say --all")
        if not self.data:
            raise UsageError("no data set named")
        counts = {"--seeds": self.seeds, "--threads": self.threads, "--workers": self.workers}
        for flag, value in counts.items():
            if value is not None and not 1 <= value <= MAX_COUNT:
                raise UsageError(f"{flag} takes a whole number from 1 to {MAX_COUNT:,}, not {value}")
        amounts = {
            "--time-limit": ("seconds", self.time_limit_s),
            "--memory-limit": ("GB", self.memory_limit_gb),
        }
        for flag, (unit, amount) in amounts.items():
            if amount is not None and not 0 < amount < MAX_AMOUNT:
                raise UsageError(f"{flag} takes {unit} above 0 and below {MAX_AMOUNT:.0e}, not {amount:g}")
        kind, colon, _ = self.executor.partition(":")
        if kind not in ("local", "inline", "dask") or (colon and kind != "dask"):
            raise UsageError(f"--executor takes local, inline, dask or dask:ADDRESS, not {self.executor!r}")
