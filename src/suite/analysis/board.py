"""The nouns of a board: what one table of results is made of, ready to be rendered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations

from suite.analysis.audited import TwinScores
from suite.analysis.calibration import Calibration
from suite.analysis.comparison import Comparisons, Pair
from suite.analysis.curves import Curve
from suite.analysis.gains import Gain
from suite.analysis.intervals import Interval
from suite.schema import Finding, Status
from suite.schema.tables import empty


@dataclass(frozen=True, kw_only=True)
class Row:
    """One model on one board."""

    model: str
    """What tells it from the others: the record's model, which names changed parameters, and the variant."""
    rank: int | None
    """None for published rows and for models without a score."""
    family: str
    source: str
    seeded: bool
    """Whether the seed can change its predictions; if not, it has one cell a split."""
    n_ok: int
    n_cells: int
    """Cells of the board; for a published row, its own."""
    statuses: Mapping[Status | str, int]
    """How many cells ended how; `missing` counts those never run."""
    scores: Mapping[str, float | None]
    """Means over the cells that all ranked models have."""
    interval: Interval | None
    """95 %, of the board's metric."""
    to_best: Pair | None = None
    """The model beside the one ranked first, by the board's metric; None of that one, and where none is known."""
    tied: bool = False
    """Whether the truly best model may be this one: see `Comparisons.tied`."""
    timing: Mapping[str, float | None]
    """Means over the same cells; keys of `Record.timing`, `search_s`, and `cost_s`: a search and a fit."""
    resources: Mapping[str, float | None]
    """Means over the same cells; keys of `Record.resources`, and `added_mb`: the peak less what was there before."""

    @property
    def status(self) -> str:
        """The statuses in words: `ok`, or `3 ok, 2 timeout`."""
        if len(self.statuses) == 1:
            return next(iter(self.statuses))
        return ", ".join(f"{count} {status}" for status, count in self.statuses.items())


@dataclass(frozen=True, kw_only=True)
class Unscored:
    """A cell that has no score, and why."""

    model: str
    split: str
    seed: int
    status: Status
    reason: str


@dataclass(frozen=True, kw_only=True)
class Note:
    """A sentence found in records, and the models it concerns; none if it concerns all of them."""

    text: str
    models: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Machine:
    """Where cells ran, and with which versions."""

    cpu: str
    cores: int | None
    os: str
    python: str
    suite: str
    packages: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Observation:
    """A sentence computed from records; those that rest on the clock are told apart."""

    text: str
    timed: bool = False


@dataclass(frozen=True, kw_only=True)
class Outdated:
    """Models that were run on another state of the table only, and so are not on the board."""

    models: tuple[str, ...]
    command: str
    """What runs them on the state that the board shows; empty if they cannot be typed."""


@dataclass(frozen=True, kw_only=True)
class Board:
    """All that is known of one data set and target under one protocol."""

    folder: str
    """Where its files stand, below the output folder."""
    name: str
    """The data set; with its target, where the data set has boards of several."""
    dataset: str
    dataset_version: int
    fingerprint: str
    target: str
    protocol: str
    keys: tuple[str, ...]
    """Of the records that it is computed from, sorted."""
    n_other: int
    """Records of the table in other states, which are not shown."""
    outdated: Outdated | None
    features: tuple[str, ...]
    dropped: Mapping[str, str]
    """Columns that are no features, each with its reason."""
    findings: tuple[Finding, ...]
    """What to check before the scores are believed, the gravest first."""
    read: tuple[str, ...]
    """What reading and cleaning the table changed or found, in sentences."""
    classes: tuple[str, ...]
    n_rows: int
    n_train: int
    """Of the first split."""
    n_test: int
    """Of the first split."""
    n_splits: int
    n_seeds: int
    metric: str
    """What rows are ranked by."""
    n_common: int
    """Cells that all ranked models have: what scores are means over."""
    n_cells: int
    rows: tuple[Row, ...]
    """By rank; published rows where their score would stand; rows without a score last."""
    per_class_f1: Mapping[str, Mapping[str, float | None]]
    """Model to class to F1, mean over the common cells."""
    confusion: Mapping[str, tuple[tuple[int, ...], ...]]
    """Model to counts summed over the splits, of the first seed; row: true class, column: predicted class."""
    failures: tuple[Unscored, ...]
    notes: tuple[Note, ...]
    """What the records say of their cells."""
    machines: tuple[Machine, ...]
    command: str
    """What makes the board again."""
    date: str = ""
    """The day, by UTC, on which the newest of its fits began; empty where no record says."""
    observations: tuple[Observation, ...] = ()
    comparisons: Comparisons | None = None
    """The ranked models beside each other; None where their predictions are not there and nothing is known of them."""
    statistics: str = ""
    """The name of the file that keeps what predictions say."""
    uncompared: tuple[str, ...] = ()
    """Ranked models whose predictions are not there, or not those that were recorded."""
    verdict: tuple[Observation, ...] = ()
    """The answer, in sentences."""
    curves: Mapping[str, Curve] = field(default_factory=empty)
    """Model to what its learning curves say; only models that have some."""
    rare: str | None = None
    """Why the metric hides a rare class, and which one to take, in a sentence."""
    positive: str | None = None
    """The class that precision, recall, F1 and average precision are about; None where there is none."""
    asked: str | None = None
    """The metric that was asked for, where the board cannot have it."""
    slow: tuple[str, ...] = ()
    """Models that take longer for a row than was asked for; they are not ranked."""
    thresholds: Mapping[str, float] = field(default_factory=empty)
    """By split, the probability from which on a row counts as positive, where one was asked for."""
    twins: tuple[TwinScores, ...] = ()
    """How models do on test rows that stand in train as well."""
    gains: tuple[Gain, ...] = ()
    """What searches and the weighing of ensembles cost and gave."""
    calibration: Mapping[str, Calibration] = field(default_factory=empty)
    """Model to how far its probabilities can be taken at their word: `Calibration`."""

    @property
    def ranked(self) -> tuple[Row, ...]:
        """The rows that have a rank, best first."""
        return tuple(row for row in self.rows if row.rank is not None)

    @property
    def best(self) -> Row | None:
        """The row ranked first, or None if no model has a score."""
        return next(iter(self.ranked), None)

    @property
    def tied(self) -> tuple[Row, ...]:
        """The ranked models that may be the best."""
        return tuple(row for row in self.ranked if row.tied)

    @property
    def aside(self) -> tuple[Row, ...]:
        """The models that were run here, have a score, and cannot be ranked; without those that are too slow."""
        others = [row for row in self.rows if row.rank is None and row.source == "run" and row.n_ok]
        return tuple(row for row in others if row.model not in self.slow)

    @property
    def rarest(self) -> int | None:
        """The test rows of the rarest class; None if nobody has a matrix."""
        matrix = next(iter(self.confusion.values()), None)
        return min(map(sum, matrix)) if matrix else None

    def pairs(self) -> list[Pair]:
        """Return every pair of ranked models that were compared, by the board's metric, the better-ranked first."""
        names, found = [row.model for row in self.ranked], self.comparisons
        pairs = [found.pair(self.metric, *both) for both in combinations(names, 2)] if found else []
        return [pair for pair in pairs if pair is not None]

    @property
    def best_f1(self) -> dict[str, tuple[float, str] | None]:
        """The best F1 of each class among ranked models and whose it is; None if no model has one."""
        best: dict[str, tuple[float, str] | None] = {}
        for name in self.classes:
            scored = [
                (f1, r.model) for r in self.ranked if (f1 := self.per_class_f1[r.model][name]) is not None
            ]
            best[name] = max(scored, key=lambda pair: pair[0], default=None)
        return best
