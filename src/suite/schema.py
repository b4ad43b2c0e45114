"""The frozen nouns: what a table, a task, a model, a cell, an output and a record are."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

if TYPE_CHECKING:
    from datetime import datetime

    import numpy as np
    import pandas as pd

Kind = Literal["numeric", "boolean", "categorical", "text", "datetime"]
Family = Literal[
    "baseline", "linear", "bayes", "neighbours", "kernel", "tree ensemble", "boosting", "neural", "custom"
]
Preprocessing = Literal["scaled", "native", "raw"]
Variant = Literal["default", "portfolio", "tuned", "ensemble"]
Role = Literal["outer", "inner", "derived"]
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
    """A table given in Python: read where it is; on disk, only the column store has its features."""

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
    findings: tuple[Finding, ...] = ()
    """What to check before the scores are believed, the gravest first."""
    recipe: str = ""
    """How each column was read, as JSON, see `datasets.columns.recipe.ColumnRecipe`."""
    file: str = ""
    """The path that was given, of a table that was read from a file."""
    live: bool = False
    """Whether the table was given in Python."""
    aside: Mapping[str, pd.Series] = field(default_factory=_empty, repr=False)
    """Columns that the protocol needs: times as numbers, groups and folds as categories. No child gets them."""

    @property
    def levels(self) -> tuple[int, ...]:
        """Number of levels of each categorical or text column; 0 for the others."""
        return tuple(len(getattr(dtype, "categories", ())) for dtype in self.X.dtypes)


@dataclass(frozen=True, kw_only=True)
class DatasetSpec:
    """A catalogue entry: how to load one named table."""

    name: str
    version: int
    summary: str
    load: Callable[..., Any]
    """Called as `load(data_dir=None, **options)`; returns a `datasets.table.Table`."""
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
    parent: str | None = None
    """The id of the split whose train rows an inner split shares out."""


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
    """What a reader of a record should know of the recipe."""
    limits: Mapping[str, str | tuple[str, ...]] = field(default_factory=_empty)
    """What parameters take where scikit-learn cannot tell: an interval such as `[0, 1)`, or the words."""
    seeded: bool | Callable[[Task], bool] = True
    """Whether the seed changes what it predicts; a function of the task if the table decides."""

    @property
    def is_custom(self) -> bool:
        """Whether it is a user's own model rather than a registry entry."""
        return self.family == "custom"

    def moves_with_seed(self, task: Task) -> bool:
        """Tell whether two seeds can give different predictions; it looks at `kinds`, `levels` and `n_train` alone."""
        return self.seeded(task) if callable(self.seeded) else self.seeded


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
class Timing:
    """Where the time of a cell went; None where it was not measured."""

    fit_s: float | None = None
    compile_s: float | None = None
    """A part of `fit_s`."""
    predict_s: float | None = None
    latency_ms_p50: float | None = None
    """Of one-row predictions, in ms: the median and the 95th percentile."""
    latency_ms_p95: float | None = None
    cpu_s: float | None = None
    import_s: float | None = None
    """Imports and a warm-up, which stand before the clock."""
    busy_workers: float | None = None
    """The most workers that were busy while the cell ran."""
    load: float | None = None
    """The machine's one-minute load average."""


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What a cell was given and took; memory in MB (10**6 bytes)."""

    threads: int | None = None
    rss_before_mb: float | None = None
    peak_rss_mb: float | None = None
    model_mb: float | None = None
    """The fitted model, pickled."""
    cut_short_at_s: float | None = None
    """The time limit, where it ended training."""
    stopped_at_step: int | None = None
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
    limit: float | None = None
    """The limit that was met: seconds, or MB (10**6 bytes)."""
    peak_mb: float | None = None


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
    params: Mapping[str, Any] = field(default_factory=_empty, hash=False)
    """All parameters, defaults too, as plain JSON."""
    variant: Variant = "default"
    seed: int = 0
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


class _Identified:
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
class Cell(_Identified):
    """One model on one split of one data set with one seed: the unit of work."""

    id: CellId
    family: Family
    model_version: str
    key: str
    """sha256 of all that the cell's predictions depend on."""
    seeded: bool = True
    """Whether the seed can change the predictions; if not, one cell stands for every seed."""


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
    """The limits of every cell of a run: threads, seconds and MB (10**6 bytes); None for no limit."""

    threads: int
    workers: int
    """Cells at once."""
    time_s: float | None
    memory_mb: float | None
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


@dataclass(frozen=True, kw_only=True)
class Features:
    """Which columns of the table a model was given, and how they were read; the rest is as in `Dataset`."""

    used: tuple[str, ...] = ()
    dropped: Mapping[str, str] = field(default_factory=_empty)
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=_empty)
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
    packages: Mapping[str, str] = field(default_factory=_empty)
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
class Record(_Identified):
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
    status: Status = "ok"
    failure: Failure | None = None
    notes: tuple[str, ...] = ()
    n_train: int = 0
    n_validation: int | None = 0
    """Train rows that the model reports to have held out; None where that was not recorded."""
    n_test: int = 0
    n_features: int = 0
    classes: tuple[str, ...] = ()
    metrics: Mapping[str, float | None] = field(default_factory=_empty)
    per_class: Mapping[str, Mapping[str, float | None]] = field(default_factory=_empty)
    """Class to precision, recall, f1 and support."""
    confusion: tuple[tuple[int, ...], ...] | None = None
    """Row: true class; column: predicted class."""
    timing: Timing = Timing()
    resources: Resources = Resources()
    tuning: Tuning | None = None
    predictions_sha256: str | None = None
    provenance: Provenance = Provenance()

    @property
    def is_run(self) -> bool:
        """Whether the cell was run by suite, rather than published by others."""
        return self.source == "run"
