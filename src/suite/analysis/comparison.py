"""The nouns of comparisons: what is said of two models, of all by one metric, and of a whole board."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, combinations
from types import MappingProxyType
from typing import Literal, TypeAlias

from suite.analysis.pairs import ALPHA
from suite.schema import Record
from suite.schema.bounds import Amount, Count, Figure, Share
from suite.schema.tables import empty

VERSION = 2
"""Raised when the same predictions give other comparisons: part of the name of their file."""
Method = Literal["tango", "bootstrap", "corrected_t"]
"""`tango`: Tango's score interval and McNemar's mid-p. `bootstrap`: over rows, or groups of rows. `corrected_t`: of
Nadeau and Bengio, over repeated splits."""
Doubt = Literal["few_rows", "single_rows", "few_of_a_class", "few_groups"]
"""Why 95 % intervals may hold the truth less often: see `Comparisons.doubts`, and docs/evidence.md for by how much."""
FEW_ROWS: Mapping[str, int] = MappingProxyType({"accuracy": 100, "log_loss": 1000, "average_precision": 5000})
"""By metric, test rows below which intervals are too narrow; `FEW_ROWS_OTHERWISE` for the other metrics."""
FEW_ROWS_OTHERWISE = 200
FEW_ZEROS = 10
FEW_OF_A_CLASS = 50
OVERALL = ("accuracy", "log_loss", "brier", "ece")
"""Metrics that are means over rows, whatever their class."""
FEW_GROUPS = 20
Cells: TypeAlias = Mapping[tuple[str, int], Record]
"""A model's records by split and seed; one record may stand for every seed."""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two models on the cells both have, by one metric."""

    metric: str
    first: str
    second: str
    difference: float
    """Of the first less that of the second, in the unit of the metric."""
    low: float
    high: float
    """The 95 % interval of the difference."""
    p: float
    """Two-sided, of the hypothesis that there is no difference."""
    only_first: float | None = None
    """Rows that only the first has right, a mean over seeds; None where each row was tested several times."""
    only_second: float | None = None

    @property
    def is_real(self) -> bool:
        """Whether the test says that they differ: p below 5 %, and no zero in the interval."""
        return self.p < ALPHA and not self.low <= 0 <= self.high


@dataclass(frozen=True, kw_only=True)
class Standing:
    """All compared models by one metric; every sequence is in the order of `Comparisons.models`."""

    method: Method
    scores: tuple[Figure | None, ...] = ()
    """Means over the cells, as boards show them; None where the metric is not defined."""
    low: tuple[Figure | None, ...] = ()
    high: tuple[Figure | None, ...] = ()
    """95 % intervals of the scores; empty where no method is known to be right."""
    tied: tuple[bool, ...] = ()
    """Whether the truly best model may be this one: all such models together hold it with 95 % probability."""
    first: tuple[Share, ...] = ()
    """How often each comes first when the rows are drawn again, from 0 to 1."""
    pairs: tuple[tuple[Figure, Figure, Figure, Share] | None, ...] = ()
    """Difference, low, high and p of each pair of models, in the order of `itertools.combinations`."""

    @property
    def interval(self) -> Literal["wilson", "bootstrap", "corrected_t"]:
        """By which method `low` and `high` were found."""
        return "wilson" if self.method == "tango" else self.method

    def contradictions(self) -> Iterator[str]:
        """Yield what cannot be, as a file may say anything."""
        ends = [*zip(self.low, self.high, strict=False), *(pair[1:3] for pair in self.pairs if pair)]
        if len(self.low) != len(self.high) or any(
            (low is None) != (high is None) or (low is not None and high is not None and low > high)
            for low, high in ends
        ):
            yield "an interval has no two ends, or ends before it begins"
        if any(score is None and low is not None for score, low in zip(self.scores, self.low, strict=False)):
            yield "a score that there is not has an interval"


@dataclass(frozen=True, kw_only=True)
class Comparisons:
    """What can be said of models beside each other on one board, whatever it is ranked by."""

    models: tuple[str, ...]
    """Sorted."""
    n_rows: Count
    """Test rows that were compared: those of one seed, over all splits."""
    n_groups: Count | None = None
    """Groups that these rows come from, where the protocol keeps groups whole."""
    standings: Mapping[str, Standing] = field(default_factory=empty)
    """By metric."""
    classes: Mapping[str, Standing] = field(default_factory=empty)
    """By class, of its F1; without pairs."""
    only: tuple[tuple[Amount, ...], ...] = ()
    """Row i, column j: how many rows model i has right and model j wrong, a mean over seeds; empty for repeats."""
    zeros: Mapping[str, Count] = field(default_factory=empty)
    """By model, the test rows whose class it gives no chance; only models that do so to some class of some row."""
    seed_spread: Mapping[str, Mapping[str, Figure]] = field(default_factory=empty)
    """By metric and model: how far the seed alone moves the score, from the least to the largest mean over splits."""

    def contradictions(self) -> Iterator[str]:
        """Yield what cannot be, as a file may say anything."""
        if not self.n_rows or (self.n_groups or 0) > self.n_rows:
            yield "it compares models on no rows, or on fewer rows than groups"
        # Means over seeds end in other last digits than the rows that they are of.
        columns = [*zip(*self.only, strict=False)]
        if any(
            a + b > self.n_rows + 1e-6
            for row, column in zip(self.only, columns, strict=False)
            for a, b in zip(row, column, strict=False)
        ):
            yield "two models differ on more rows than there are"

    def is_of(self, models: Collection[str], metrics: Collection[str], classes: Collection[str]) -> bool:
        """Tell whether this compares these models by all of this, and every part of it has room for all of them.

        A file may hold anything.
        """
        n = len(self.models)
        parts = [*self.standings.values(), *self.classes.values()]
        sizes = {len(part) for s in parts for part in (s.low, s.high, s.tied, s.first)}
        return (
            self.models == tuple(sorted(models))
            and ({*self.standings}, {*self.classes}) == ({*metrics}, {*classes})
            and {*self.zeros, *chain(*self.seed_spread.values())} <= {*models}
            and all(len(s.scores) == n for s in parts)
            and {*sizes, len(self.only), *map(len, self.only)} <= {0, n}
            and all(len(s.pairs) in (0, n * (n - 1) // 2) for s in parts)
        )

    def pair(self, metric: str, first: str, second: str) -> Pair | None:
        """Return one comparison; None where one of the models is not compared, or the metric not defined for it."""
        standing = self.standings.get(metric)
        if standing is None or not standing.pairs or not {first, second} <= {*self.models} or first == second:
            return None
        names = sorted((first, second))
        found = dict(zip(combinations(self.models, 2), standing.pairs, strict=True)).get((names[0], names[1]))
        if found is None:
            return None
        difference, low, high, p = found
        i, j = self.models.index(first), self.models.index(second)
        if first != names[0]:
            difference, low, high = -difference, -high, -low
        return Pair(
            metric=metric,
            first=first,
            second=second,
            difference=difference,
            low=low,
            high=high,
            p=p,
            only_first=self.only[i][j] if self.only else None,
            only_second=self.only[j][i] if self.only else None,
        )

    def tied(self, metric: str) -> tuple[str, ...]:
        """Return the models among which the truly best one is, with 95 % probability."""
        return self._tied(self.standings.get(metric))

    def may_be_best(self, name: str) -> tuple[str, ...]:
        """Return the models whose F1 of a class may truly be the best."""
        return self._tied(self.classes.get(name))

    def _tied(self, standing: Standing | None) -> tuple[str, ...]:
        if standing is None or not standing.tied:
            return ()
        return tuple(m for m, t in zip(self.models, standing.tied, strict=True) if t)

    def doubts(self, metric: str, n_rarest: int | None = None) -> tuple[Doubt, ...]:
        """Return why a metric's intervals may be too narrow; `n_rarest` are the test rows of the rarest class.

        `few_rows`: there are fewer test rows than `FEW_ROWS` says. `single_rows`: a model gives some classes no chance,
        and fewer than `FEW_ZEROS` rows were of such a class, so that its log loss hangs on these. `few_of_a_class`:
        there are fewer than `FEW_OF_A_CLASS` of some class, for metrics that look at classes one by one. `few_groups`:
        fewer than `FEW_GROUPS` groups were tested. Of small folds, `power.fold_warning` tells.
        """
        if any(standing.method == "corrected_t" for standing in self.standings.values()):
            return ()
        found: dict[Doubt, bool] = {
            "few_rows": self.n_rows < FEW_ROWS.get(metric, FEW_ROWS_OTHERWISE),
            "single_rows": metric == "log_loss" and any(n < FEW_ZEROS for n in self.zeros.values()),
            "few_of_a_class": metric not in OVERALL and n_rarest is not None and n_rarest < FEW_OF_A_CLASS,
            "few_groups": self.n_groups is not None and self.n_groups < FEW_GROUPS,
        }
        return tuple(doubt for doubt, holds in found.items() if holds)
