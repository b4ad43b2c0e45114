"""What a cell produced: a record and its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from suite.schema.audits import Finding
from suite.schema.cells import CellId, Failure, Identified, Resources, Status, Timing
from suite.schema.models import Family
from suite.schema.tables import empty


@dataclass(frozen=True, kw_only=True)
class Features:
    """Which columns of the table a model was given, and how they were read; the rest is as in `Dataset`."""

    used: tuple[str, ...] = ()
    dropped: Mapping[str, str] = field(default_factory=empty)
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=empty)
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    file: str | None = None
    live: bool = False


@dataclass(frozen=True, kw_only=True)
class Tuning:
    """What a search for parameters cost and gave."""

    method: str
    trials: int = 0
    seconds: float | None = None
    inner_score: float | None = None
    """The best trial's, on inner test rows."""


@dataclass(frozen=True, kw_only=True)
class Git:
    """The state of the working folder."""

    commit: str
    dirty: bool | None = None
    """Whether tracked files were changed."""


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Which machine, which versions and which commit a record comes from."""

    python: str | None = None
    packages: Mapping[str, str] = field(default_factory=empty)
    """Distribution to version; a slim build under its own name."""
    cpu: str | None = None
    cores: int | None = None
    """Those that the process may use."""
    memory_mb: float | None = None
    os: str | None = None
    host: str | None = None
    git: Git | None = None
    suite: str | None = None
    started_at: str = ""
    """ISO 8601, UTC."""


@dataclass(frozen=True, kw_only=True)
class Record(Identified):
    """What a cell produced: one JSON object on disk. A figure that does not exist is None."""

    id: CellId
    key: str
    source: Literal["run", "reported"] = "run"
    """`reported`: a published figure, shown and never ranked."""
    dataset_version: int = 1
    target: str = ""
    features: Features = Features()
    task: Literal["binary", "multiclass"] = "multiclass"
    split_fingerprint: str = ""
    model_version: str = ""
    family: Family = "custom"
    seeded: bool = True
    """Whether the seed can change the predictions; if not, this record stands for every seed."""
    attempt: int = 1
    """Counts the attempts at this key."""
    first_at: str = ""
    """When the first attempt began, if this is a later one."""
    status: Status = "ok"
    failure: Failure | None = None
    notes: tuple[str, ...] = ()
    n_train: int = 0
    n_validation: int | None = 0
    """Train rows that the model reports to have held out; None where that was not recorded."""
    n_test: int = 0
    n_features: int = 0
    classes: tuple[str, ...] = ()
    train_classes: tuple[int, ...] = ()
    """Train rows of each class; empty where that was not recorded."""
    positive: str = ""
    """The class that precision, recall and F1 in `metrics` are about: the rarer of two; empty where there is none."""
    metrics: Mapping[str, float | None] = field(default_factory=empty)
    per_class: Mapping[str, Mapping[str, float | None]] = field(default_factory=empty)
    """Class to precision, recall, f1, average_precision and support."""
    confusion: tuple[tuple[int, ...], ...] | None = None
    """Row: true class; column: predicted class."""
    timing: Timing = field(default_factory=Timing)
    resources: Resources = field(default_factory=Resources)
    tuning: Tuning | None = None
    predictions_sha256: str | None = None
    provenance: Provenance = Provenance()

    @property
    def is_run(self) -> bool:
        """Whether the cell was run by suite, rather than published by others."""
        return self.source == "run"
