"""The frozen nouns: what a table, a task, a model, a cell, an output and a record are."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

if TYPE_CHECKING:
    from datetime import datetime

    import numpy as np
    import pandas as pd

SCHEMA_VERSION = 1

Kind = Literal["numeric", "boolean", "categorical", "text", "datetime"]
Family = Literal[
    "baseline", "linear", "bayes", "neighbours", "kernel", "tree ensemble", "boosting", "neural", "custom"
]
Features = Literal["scaled", "native", "raw"]
Status = Literal["ok", "timeout", "out_of_memory", "crash", "error", "invalid_output", "skipped"]
STATUSES: tuple[Status, ...] = get_args(Status)
Report = Callable[[int, Mapping[str, float]], bool]


def _empty() -> Mapping[str, Any]:
    return MappingProxyType({})


def keep_going(step: int, values: Mapping[str, float]) -> bool:
    """Take a progress report and never ask to stop."""
    return True


class Classifier(Protocol):
    """What every model builds: the part of scikit-learn's classifier that the harness calls."""

    def fit(self, X: Any, y: Any) -> Any:
        """Learn from X of shape (n_samples, n_features) and integer labels y of shape (n_samples,)."""

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return probabilities of shape (n_samples, n_classes), columns in the order of `classes_`."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a reader of the scores should check first: something a table's reading or audit came upon."""

    code: str
    """Stable and short, such as `two-readings`."""
    text: str
    """One sentence: what was found, what was done, how to overrule it."""
    columns: tuple[str, ...] = ()
    """The columns it is about; none if it is about the whole table."""


@dataclass(frozen=True, kw_only=True)
class LiveTable:
    """A table given in Python: it is read where it is and never written to disk but as cached columns."""

    name: str
    frame: pd.DataFrame = field(repr=False)
    """Candidate feature columns, shape (n_samples, n_columns)."""
    labels: Any = field(repr=False)
    """One label a row, shape (n_samples,)."""
    target: str
    fingerprint: str
    """sha256 of the values, so that equal values give equal records whatever library holds them."""
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A named, versioned table, ready to be split."""

    name: str
    version: int
    X: pd.DataFrame
    """n_samples x n_features; numeric columns as numbers, categorical and text as pandas categories."""
    y: np.ndarray
    """Integer codes 0..K-1 into `classes`, shape (n_samples,)."""
    classes: tuple[str, ...]
    """Names as written; sorted, numerically if all are integers."""
    kinds: tuple[Kind, ...]
    """One per column of X. A column of kind `text` is there to be target-encoded."""
    fingerprint: str
    """sha256 of the source's bytes, the reader's version, the options and the target."""
    target: str
    protocol: str
    """The protocol that a run without `--protocol` uses."""
    dropped: Mapping[str, str] = field(default_factory=_empty)
    """Columns of the source that are no features, each with its reason."""
    chosen: Mapping[str, Sequence[str]] = field(default_factory=_empty)
    """Columns that were asked for: `drop`, `keep` and `encode` to names, sorted; none that is empty."""
    notes: tuple[str, ...] = ()
    """What reading and cleaning changed, in sentences."""
    title: str = ""
    """What the table is, in one line."""
    findings: tuple[Finding, ...] = ()
    """What to check before the scores are believed, the gravest first."""
    recipe: str = ""
    """How each column was read, as JSON, see `datasets.recipe.ColumnRecipe`."""
    file: str = ""
    """The path that was given, of a table that was read from a file."""
    live: bool = False
    """Whether the table was given in Python."""


@dataclass(frozen=True, kw_only=True)
class DatasetSpec:
    """A catalogue entry: how to load one named table."""

    name: str
    version: int
    summary: str
    load: Callable[..., Any]
    """Called as `load(data_dir=None, **options)`; returns a `datasets.define.Table`."""
    protocol: str
    options: Mapping[str, Any] = field(default_factory=_empty)
    """Options the name takes, with their defaults."""


@dataclass(frozen=True, kw_only=True)
class Split:
    """Disjoint train and test row positions, in the splitter's order, never sorted."""

    id: str
    protocol: str
    seed: int
    train: np.ndarray
    test: np.ndarray
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a model may know of its job: plain data, no labels, no names."""

    kinds: tuple[Kind, ...]
    levels: tuple[int, ...]
    """Number of levels of each categorical or text column of the table; 0 for the others."""
    n_train: int
    n_features: int
    n_classes: int
    """Classes present among the train rows."""
    validation: np.ndarray
    """Positions within the train rows; the same for every model. A model need not use them."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a model is given to work with, and how it says how far it is."""

    seed: int
    threads: int
    deadline: float | None = None
    """A reading of `time.monotonic` at which the fit should have ended, or None."""
    report: Report = keep_going


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """A registry entry: how to build a fresh estimator."""

    name: str
    family: Family
    summary: str
    build: Callable[..., Classifier]
    """Called as `build(task, context, **params)`; imports its library itself."""
    params: Mapping[str, Any] = field(default_factory=_empty)
    requires: tuple[str, ...] = ()
    """Distributions whose versions are part of a cell's key; the last one names the library to warm up."""
    version: int = 1
    cost: float = 1.0
    """Times what its family takes, roughly: the long cells of a first run are begun first."""
    notes: tuple[str, ...] = ()
    """What a reader of a record should know of the recipe, such as rows the library holds out itself."""


@dataclass(frozen=True, kw_only=True)
class LiveModel:
    """A model given in Python: pickled once, and unpickled only where it is fitted or looked at first."""

    name: str
    version: str
    """A digest of what was pickled."""
    pickled: bytes = field(repr=False)

    def __str__(self) -> str:
        return self.name


ModelRef = str | LiveModel
"""How a run names a model: registry name, `package.module:factory`, `file.py:factory`, or the object itself."""


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


@dataclass(frozen=True, kw_only=True)
class FitOutput:
    """What fitting hands back: probabilities as the model gave them, figures, and a reason if it failed."""

    status: Status = "ok"
    failure: Mapping[str, Any] | None = None
    """`kind`, `message` and `log` when the status is not ok."""
    proba: np.ndarray | None = None
    """Rows in the order of `Job.X_test`; columns in the order of `labels`."""
    labels: np.ndarray | None = None
    """The estimator's `classes_`, or None if it has none."""
    timing: Mapping[str, float | None] = field(default_factory=_empty)
    resources: Mapping[str, float | None] = field(default_factory=_empty)
    params: Mapping[str, Any] = field(default_factory=_empty)
    """The parameters the model was built with."""
    family: Family = "custom"
    curve: Mapping[str, Sequence[float]] | None = None
    """Loss and accuracy per epoch, for models that train in epochs."""
    validation_proba: np.ndarray | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One model on one split of one data set with one seed: the unit of work."""

    dataset: str
    """The data set's name: of the catalogue, with options, or the file's without its endings."""
    protocol: str
    split: str
    model: str
    params: Mapping[str, Any]
    family: Family
    model_version: str
    seed: int
    key: str
    variant: str = "default"


@dataclass(frozen=True, kw_only=True)
class Work:
    """A cell with the table and the split it stands for."""

    cell: Cell
    dataset: Dataset
    split: Split
    live: LiveModel | None = None
    """The model, where it was given in Python."""
    packages: Mapping[str, str | None] = field(default_factory=_empty)
    """The versions that its scores depend on, by distribution."""

    @property
    def model(self) -> ModelRef:
        """The cell's model, as whoever fits it has to have it."""
        return self.live or self.cell.model


@dataclass(frozen=True, kw_only=True)
class Budget:
    """The limits of a run; the same for every cell."""

    threads: int
    """Of every cell."""
    workers: int
    """Cells at once."""
    time_s: float | None
    """Seconds that a cell may take."""
    memory_mb: float | None
    """MB (10**6 bytes) that a cell may take."""
    notes: tuple[str, ...] = ()
    """What could not be had as asked."""

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
    validation_proba: np.ndarray | None = None
    validation_rows: np.ndarray | None = None


@dataclass(frozen=True, kw_only=True)
class Record:
    """What a cell produced: one JSON object on disk. A figure that does not exist is None."""

    schema_version: int
    key: str
    source: Literal["run", "reported"]
    dataset: str
    dataset_version: int
    fingerprint: str
    target: str
    features: Mapping[str, Any]
    """`used`: names; `dropped`: name to reason; `chosen`: what `drop`, `keep` and `encode` named; `notes`; `file`: its
    path as it was given, or None; `live`: whether the table was given in Python."""
    task: str
    protocol: str
    split: str
    split_fingerprint: str
    model: str
    model_version: str
    family: str
    variant: str
    seed: int
    attempt: int
    status: Status
    failure: Mapping[str, Any] | None
    notes: list[str]
    n_train: int
    n_validation: int
    n_test: int
    n_features: int
    classes: list[str]
    params: Mapping[str, Any]
    metrics: Mapping[str, float | None]
    per_class: Mapping[str, Mapping[str, float | None]]
    """Class to precision, recall, f1 and support."""
    confusion: list[list[int]] | None
    """Row: true class; column: predicted class."""
    timing: Mapping[str, float | None]
    """fit_s, compile_s, predict_s, latency_ms_p50, latency_ms_p95, cpu_s, import_s, busy_workers, load."""
    resources: Mapping[str, float | None]
    """threads, rss_before_mb, peak_rss_mb, model_mb; cut_short_at_s: the time limit, where it ended training."""
    tuning: Mapping[str, Any] | None
    predictions_sha256: str | None
    provenance: Mapping[str, Any]
    """python, packages, cpu, cores, os, host, git, suite, started_at."""
