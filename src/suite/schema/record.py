"""What a cell produced: a record and its parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from suite.schema.audits import Finding
from suite.schema.bounds import Amount, Cores, Count, Figure, Moment, Ordinal
from suite.schema.cells import Basis, CellId, Failure, Identified, Resources, Status, Timing
from suite.schema.models import Family
from suite.schema.tables import empty
from suite.schema.tuning import Tuning

FIGURES = ("precision", "recall", "f1", "average_precision")
"""What is known of a class, beside its test rows."""


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
    cores: Cores | None = None
    """Those that the process may use."""
    memory_mb: Amount | None = None
    os: str | None = None
    host: str | None = None
    git: Git | None = None
    suite: str | None = None
    started_at: Moment = ""
    """ISO 8601, UTC."""


@dataclass(frozen=True, kw_only=True)
class Record(Identified):
    """What a cell produced: one JSON object on disk. A figure that does not exist is None."""

    id: CellId
    key: str
    source: Literal["run", "reported"] = "run"
    """`reported`: a published figure, shown and never ranked."""
    dataset_version: Count = 1
    target: str = ""
    features: Features = Features()
    task: Literal["binary", "multiclass"] = "multiclass"
    split_fingerprint: str = ""
    model_version: str = ""
    family: Family = "custom"
    seeded: bool = True
    """Whether the seed can change the predictions; if not, this record stands for every seed."""
    attempt: Ordinal = 1
    """Counts the attempts at this key."""
    first_at: Moment = ""
    """When the first attempt began, if this is a later one."""
    status: Status = "ok"
    failure: Failure | None = None
    notes: tuple[str, ...] = ()
    n_train: Count = 0
    n_validation: Count | None = 0
    """Train rows that the model reports to have held out; None where that was not recorded."""
    n_test: Count = 0
    n_features: Count = 0
    classes: tuple[str, ...] = ()
    train_classes: tuple[Count, ...] = ()
    """Train rows of each class; empty where that was not recorded."""
    positive: str = ""
    """The class that precision, recall and F1 in `metrics` are about: the rarer of two; empty where there is none."""
    metrics: Mapping[str, Figure | None] = field(default_factory=empty)
    per_class: Mapping[str, Mapping[str, Figure | None]] = field(default_factory=empty)
    """Class to precision, recall, f1, average_precision and support."""
    confusion: tuple[tuple[Count, ...], ...] | None = None
    """Row: true class; column: predicted class."""
    timing: Timing = field(default_factory=Timing)
    resources: Resources = field(default_factory=Resources)
    tuning: Tuning | None = None
    """The search that chose the parameters, or how an ensemble was weighed."""
    found: Mapping[str, Any] = field(default_factory=empty)
    """Parameters that a fit on all rows should have instead, as the model reported."""
    predictions_sha256: str | None = None
    """Of the arrays, whatever their file; that carries the key."""
    curve_sha256: str | None = None
    """Of the learning curve beside the record; None where there is none, or it was not recorded."""
    basis: Basis | None = None
    """None where that was not recorded, and of published figures; the key cannot be computed again then."""
    provenance: Provenance = Provenance()

    @property
    def is_run(self) -> bool:
        """Whether the cell was run by suite, rather than published by others."""
        return self.source == "run"

    def contradictions(self) -> Iterator[str]:
        """Yield what cannot be of one cell, as a file may say anything; boards rely on all of it."""
        k, known = len(self.classes), set(self.classes)
        if not k:
            yield "it has no classes"
        if len(known) < k:
            yield "a class of it stands twice"
        if self.positive and self.positive not in known:
            yield f"its positive class {self.positive!r} is none of its classes"
        if self.confusion is not None:
            if [len(row) for row in self.confusion] != [k] * k:
                yield f"its confusion matrix is not one of {k} classes"
            elif (total := sum(map(sum, self.confusion))) != self.n_test:
                yield f"its confusion matrix counts {total} rows, and it has {self.n_test} test rows"
        if self.train_classes and len(self.train_classes) != k:
            yield f"its train rows are not those of {k} classes"
        elif self.train_classes and (total := sum(self.train_classes)) != self.n_train:
            yield f"its train_classes are of {total} rows, not {self.n_train}"
        for name, figures in self.per_class.items():
            if name not in known:
                yield f"it has figures of {name!r}, which is none of its classes"
            if strange := sorted(figures.keys() - {*FIGURES, "support"}):
                yield f"it has a figure of class {name!r} that there is not: {strange[0]!r}"
            if any(value is not None and not 0 <= value <= 1 for f, value in figures.items() if f in FIGURES):
                yield f"a figure of class {name!r} is not between 0 and 1"
        if self.is_run and (self.status == "ok") != (self.failure is None):
            yield f"its status is {self.status} {'without' if self.failure is None else 'with'} a failure"
        if self.is_run and self.status == "ok" and not (self.n_train and self.n_test):
            yield "it has no train rows or no test rows"
        if self.basis and len(self.basis.kinds) != len(self.features.used):
            yield "its basis is not of the columns that it used"
