"""What a cell is, what fitting it takes and gives."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal, get_args

from suite.schema.bounds import Amount, Cores, Count, Seed
from suite.schema.models import Family, LiveModel, ModelRef, Task
from suite.schema.tables import Dataset, Split, empty
from suite.schema.tuning import Tuning

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Variant = Literal["default", "portfolio", "tuned", "ensemble"]
Role = Literal["outer", "inner", "derived"]
Status = Literal["ok", "timeout", "out_of_memory", "crash", "error", "invalid_output", "skipped"]
STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True, kw_only=True)
class Job:
    """All that the fitting side sees of a cell. There is no test label in it, and no path."""

    model: ModelRef
    params: Mapping[str, Any]
    task: Task
    X_train: pd.DataFrame
    y_train: np.ndarray
    """Codes 0..task.n_classes-1."""
    X_test: pd.DataFrame
    """Shuffled, with a fresh index."""
    seed: int
    threads: int
    time_limit_s: float | None = None
    inner: bool = False
    """Whether its predictions serve a choice: then nothing beside them is measured."""


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Where the time of a cell went; None where it was not measured."""

    fit_s: Amount | None = None
    compile_s: Amount | None = None
    """A part of `fit_s`."""
    predict_s: Amount | None = None
    latency_ms_p50: Amount | None = None
    """Of one-row predictions, in ms: the median and the 95th percentile."""
    latency_ms_p95: Amount | None = None
    cpu_s: Amount | None = None
    wall_s: Amount | None = None
    """From the beginning of the cell's clock to its answer, whatever became of it."""
    import_s: Amount | None = None
    """Imports and a warm-up, which stand before the clock."""
    busy_workers: Amount | None = None
    """The most workers that were busy while the cell ran."""
    load: Amount | None = None
    """The machine's one-minute load average."""


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What a cell was given and took; memory in MB (10**6 bytes)."""

    threads: Cores | None = None
    rss_before_mb: Amount | None = None
    peak_rss_mb: Amount | None = None
    model_mb: Amount | None = None
    """The fitted model, pickled."""
    cut_short_at_s: Amount | None = None
    """The time limit, where it ended training."""
    stopped_at_step: Count | None = None
    """The step at which whoever watched the run asked the fit to stop."""

    @property
    def added_mb(self) -> float | None:
        """What the cell added to its process; what was there before depends on the libraries of earlier cells."""
        if self.peak_rss_mb is None or self.rss_before_mb is None:
            return None
        return max(0.0, self.peak_rss_mb - self.rss_before_mb)


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a cell has no score."""

    kind: str
    """The type of the exception, or what ended the cell."""
    message: str = ""
    log: str = ""
    """The end of the traceback and of what the cell's process wrote."""
    limit: Amount | None = None
    """The limit that was met: seconds, or MB (10**6 bytes)."""
    peak_mb: Amount | None = None


@dataclass(frozen=True, kw_only=True)
class FitOutput:
    """What fitting hands back: probabilities as the model gave them, figures, and a reason if it failed."""

    status: Status = "ok"
    failure: Failure | None = None
    proba: np.ndarray | None = None
    """Rows in the order of `Job.X_test`; columns in the order of `labels`."""
    labels: np.ndarray | None = None
    """The estimator's `classes_`, or None if it has none."""
    timing: Timing = Timing()
    resources: Resources = Resources()
    n_validation: int = 0
    """Train rows that the model held out, as it reports in `n_validation_`."""
    curve: Mapping[str, Sequence[float]] | None = None
    """Loss and accuracy per epoch, for models that train in epochs."""
    notes: tuple[str, ...] = ()
    found: Mapping[str, Any] = field(default_factory=empty)
    """Parameters that a fit on all rows should have instead of its own, as the model reports in `found_params_`."""

    def unmeasured(self, what: str, why: str) -> FitOutput:
        """Return the output with a note that a part of what is measured after the predictions is not there."""
        return replace(self, notes=(*self.notes, f"its {what} could not be measured: {why}"))


@dataclass(frozen=True, kw_only=True)
class CellId:
    """What a cell is: the one identity of cells and records."""

    dataset: str
    """The data set's name: of the catalogue, with options, or the file's without its endings."""
    fingerprint: str
    """Of the data set, see `Dataset.fingerprint`."""
    protocol: str
    split: str
    model: str
    """As a run names it: the entry's name with the parameters that were changed, or the user's factory or object."""
    params: Mapping[str, Any] = field(default_factory=empty, hash=False)
    """All parameters, defaults too, as plain JSON."""
    variant: Variant = "default"
    seed: Seed = 0
    role: Role = "outer"
    """`outer` cells stand on boards; `inner` ones serve a choice; `derived` ones are computed from other cells."""

    @property
    def conditions(self) -> tuple[str, int]:
        """Split and seed: what the models of one board have in common."""
        return self.split, self.seed

    @property
    def is_default(self) -> bool:
        """Whether the model runs as its entry says, neither tuned nor combined."""
        return self.variant == "default"


class Identified:
    """Lets `record.model` be read for `record.id.model`."""

    id: CellId
    family: Family
    dataset = property(attrgetter("id.dataset"))
    fingerprint = property(attrgetter("id.fingerprint"))
    protocol = property(attrgetter("id.protocol"))
    split = property(attrgetter("id.split"))
    model = property(attrgetter("id.model"))
    params = property(attrgetter("id.params"))
    variant = property(attrgetter("id.variant"))
    seed = property(attrgetter("id.seed"))
    role = property(attrgetter("id.role"))

    @property
    def is_custom(self) -> bool:
        """Whether the model is the user's own."""
        return self.family == "custom"


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What enters a cell's key beside what its record says elsewhere, see `keys.key_of`."""

    entry: str
    """The registry's name of the model; of the user's, the factory, or an object's name and version."""
    kinds: str
    """The kind of each column that is used, as the first letter of a `Kind`: `nnc`."""
    packages: Mapping[str, str | None] = field(default_factory=empty)
    """The versions that the scores depend on, by distribution."""
    features: Count = 0
    """Version of the rules by which columns become features."""
    validation: Count = 0
    """Version of the rules by which rows serve a choice."""
    search: str = ""
    """How the parameters were searched for; empty where they were not."""


@dataclass(frozen=True, kw_only=True)
class Cell(Identified):
    """One model on one split of one data set with one seed: the unit of work."""

    id: CellId
    family: Family
    model_version: str
    key: str
    """sha256 of all that the cell's predictions depend on."""
    seeded: bool = True
    """Whether the seed can change the predictions; if not, one cell stands for every seed."""
    basis: Basis | None = None
    """What the key was made of, with what stands in `id` and in the table."""

    @property
    def is_planned(self) -> bool:
        """Whether it is known before the run, as what a search tries and gives is not."""
        return self.id.role == "outer" and self.id.is_default


@dataclass(frozen=True, kw_only=True)
class Work:
    """A cell with the table and the split it stands for."""

    cell: Cell
    dataset: Dataset
    split: Split
    live: LiveModel | None = None
    """The model, where it was given in Python."""
    packages: Mapping[str, str | None] = field(default_factory=empty)
    """The versions that its scores depend on, by distribution."""
    time_s: float | None = None
    """A limit of its own, below that of all cells."""
    tuning: Tuning | None = None
    """The search that chose its parameters."""

    @property
    def is_inner(self) -> bool:
        """Whether its predictions serve a choice."""
        return self.cell.role == "inner"

    @property
    def model(self) -> ModelRef:
        """The model as the fitting process needs it: a name, or the object."""
        return self.live or self.cell.model


def lower(one: float | None, other: float | None) -> float | None:
    """Return the lower of two limits; None is no limit."""
    return min((limit for limit in (one, other) if limit is not None), default=None)


@dataclass(frozen=True, kw_only=True)
class Budget:
    """The limits of every cell of a run: threads, seconds and MB (10**6 bytes); None for no limit."""

    threads: int
    workers: int
    """Cells at once."""
    time_s: float | None
    memory_mb: float | None
    notes: tuple[str, ...] = ()
    """What could not be had as asked."""

    def seconds(self, own: float | None) -> float | None:
        """Return the time limit of a cell that has one of its own, or none."""
        return lower(own, self.time_s)

    def cores(self, worker: int) -> list[int] | None:
        """Return the cores that a worker is held to, its own where there are enough; None if not on Linux."""
        if sys.platform != "linux":
            return None
        usable = sorted(os.sched_getaffinity(0))
        start = worker * self.threads
        return [usable[core % len(usable)] for core in range(start, start + self.threads)]


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """A cell's job by row positions, and what the scoring side needs to read its answer."""

    task: Task
    y_train: np.ndarray
    """Codes 0..task.n_classes-1, in the order of `train_rows`."""
    train_rows: np.ndarray
    test_rows: np.ndarray
    """Positions in the table, shuffled."""
    seed: int
    present: np.ndarray
    """The class of label i: ``present[i]`` is its code in the data set."""
    order: np.ndarray
    """Row i of `test_rows` is the split's test row ``order[i]``."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What fitting a cell gave; not yet scored."""

    work: Work
    assignment: Assignment
    output: FitOutput
    started_at: datetime
    """With its time zone."""


@dataclass(frozen=True, kw_only=True)
class Predictions:
    """What a record's figures are computed from."""

    proba: np.ndarray
    """float32, (n_test, n_classes): columns in the order of the record's classes, rows in split order."""
    y_true: np.ndarray
    """Integer codes, (n_test,)."""
    rows: np.ndarray
    """Positions in the table, (n_test,)."""
    groups: np.ndarray | None = None
    """Codes of the groups that a grouped protocol keeps together, (n_test,); None for the other protocols."""
