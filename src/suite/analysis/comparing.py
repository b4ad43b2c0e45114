"""Comparisons of all models of a board: every pair by every metric, with tests that are valid for its protocol."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from statistics import fmean
from typing import TypeAlias

import numpy as np

from suite.analysis import pairs, resampling
from suite.analysis.comparison import Cells, Comparisons, Standing
from suite.analysis.intervals import interval, repeats, wilson
from suite.analysis.pairs import Tested
from suite.analysis.scores import class_f1_of, mean, metric_of, over_splits
from suite.analysis.standings import Bounds, all_pairs, rounded, standing_of, without_nan
from suite.analysis.tallies import MEANS, figures, tally
from suite.metrics import METRICS, Scored, ratio
from suite.schema import Predictions, Record

LINEAR = ("accuracy", "log_loss", "brier")
"""Metrics that are means over rows: any fold of two rows has draws of them."""
LEAST_OF_A_FOLD = 10
"""Rows of a fold below which draws of other metrics say too little."""
ZERO = 1e-6
"""A probability below this is none: one such row decides a log loss."""
EVEN = 1.1
"""How many times the rows of the smallest fold the largest may have for the folds' rows to be pooled."""
Splits: TypeAlias = Mapping[str, Sequence[Record]]
"""A model's records by split, one for each seed that it has."""


def compare(
    models: Mapping[str, Cells],
    load: Callable[[Record], Predictions],
    positive: int | None = None,
    thresholds: Mapping[str, float] | None = None,
) -> Comparisons:
    """Compare models that were run on the same cells; `load` returns the predictions of a record, or raises.

    Where each row is tested once, predictions are compared row by row, those of all folds together. Repeated splits are
    compared by their scores alone, and nothing is loaded. Seeds are averaged first. `positive` is the code of the
    positive class of two; `thresholds`, by split, says from which probability on a row counts as positive, see
    `metrics.Scored`.

    Raises
    ------
    ValueError
        If the models do not have the same cells, or were not tested on the same rows.
    """
    names = tuple(sorted(models))
    if not names or not models[names[0]]:
        return Comparisons(models=names, n_rows=0)
    if any(models[name].keys() != models[names[0]].keys() for name in names):
        raise ValueError("only models with the same cells can be compared")
    by_split = {name: _by_split(models[name]) for name in names}
    firsts = [records[0] for records in by_split[names[0]].values()]
    if len(firsts) > 1 and repeats(firsts) > 1:
        return _by_splits(by_split, firsts)
    return _by_rows(by_split, firsts[0].classes, load, positive, thresholds or {})


def _by_split(cells: Cells) -> dict[str, list[Record]]:
    own: dict[str, dict[int, Record]] = defaultdict(dict)
    for split, seed in sorted(cells):
        record = cells[split, seed]
        own[split][record.seed] = record
    return {split: list(records.values()) for split, records in own.items()}


def _by_splits(models: Mapping[str, Splits], firsts: Sequence[Record]) -> Comparisons:
    """Compare models over repeated splits, by their scores."""
    n_train, n_test = fmean(r.n_train for r in firsts), fmean(r.n_test for r in firsts)
    rng = np.random.default_rng(resampling.SEED)

    def standing(get: Callable[[Record], float | None], sign: int = 1, metric: str = "") -> Standing:
        table = np.array(
            [[_mean(get(r) for r in each) for each in own.values()] for own in models.values()]
        ).T
        scores = _over_cells(table)
        is_known = np.isfinite(scores)
        shared = table[np.isfinite(table[:, is_known]).all(axis=1)]
        if len(shared) < 2 or not is_known.any():
            return Standing(method="corrected_t", scores=without_nan(scores))
        draws = resampling.around(shared, n_train, n_test, rng)
        tested: Tested | None = None
        bounds: Bounds = ()
        if metric:
            i, j = all_pairs(len(scores))
            tested = pairs.corrected_t(shared[:, i] - shared[:, j], n_train, n_test)
            own = [
                interval([r for each in splits.values() for r in each], metric) for splits in models.values()
            ]
            bounds = [each and (each.low, each.high) for each in own]
        return standing_of("corrected_t", scores, draws, sign, tested, bounds, with_pairs=bool(metric))

    return Comparisons(
        models=tuple(models),
        n_rows=round(sum(r.n_test for r in firsts) / repeats(firsts)),
        standings={name: standing(partial(metric_of, name), _sign(name), name) for name in METRICS},
        classes={name: standing(partial(class_f1_of, name)) for name in firsts[0].classes},
        seed_spread=_seed_spread(models),
    )


def _by_rows(
    models: Mapping[str, Splits],
    classes: Sequence[str],
    load: Callable[[Record], Predictions],
    positive: int | None,
    thresholds: Mapping[str, float],
) -> Comparisons:
    """Compare models on the rows that all were tested on, each once."""
    whole = _Rows(len(models))
    for fold, split in enumerate(next(iter(models.values()))):
        whole.add(
            split,
            models,
            load,
            positive,
            thresholds.get(split),
            np.random.default_rng([resampling.SEED, fold]),
        )
    return Comparisons(
        models=tuple(models),
        n_rows=sum(whole.sizes),
        n_groups=len(np.unique(np.concatenate(whole.groups))) if whole.groups else None,
        standings={
            name: whole.standing(name)
            if name in whole.sums
            else Standing(method="bootstrap", scores=without_nan(_recorded(models, name)))
            for name in METRICS
        },
        classes={name: whole.of_draws(k, 1, with_pairs=False) for k, name in enumerate(classes)},
        only=tuple(tuple(map(rounded, row)) for row in whole.only.tolist()),
        zeros={name: n for name, n in zip(models, whole.zeros, strict=True) if n is not None},
        seed_spread=_seed_spread(models),
    )


class _Rows:
    """What is kept of the rows of all folds: figures of the resamples, and the rows that two models differ on."""

    def __init__(self, n_models: int) -> None:
        self.sizes: list[int] = []
        self.n_units: list[int] = []
        """Rows, blocks or groups that are drawn in each fold."""
        self.groups: list[np.ndarray] = []
        shape = n_models, 1 + resampling.DRAWS
        self.sums: dict[str | int, np.ndarray] = defaultdict(lambda: np.zeros(shape))
        """By metric, or by the code of a class for its F1; summed over folds, of means over seeds. The first is the
        sample's."""
        self.counts: dict[str | int, np.ndarray] = defaultdict(lambda: np.zeros(shape))
        self.zeros: list[int | None] = [None] * n_models
        """Rows whose class a model gives no chance; None of a model that leaves every class one."""
        self.correct = np.zeros(n_models)
        self.only = np.zeros((n_models, n_models))
        self.squares = np.zeros((n_models, n_models))

    def add(
        self,
        split: str,
        models: Mapping[str, Splits],
        load: Callable[[Record], Predictions],
        positive: int | None,
        threshold: float | None,
        rng: np.random.Generator,
    ) -> None:
        """Add the rows of one fold."""
        first = load(next(iter(models.values()))[split][0])
        unit, n_units = resampling.units(len(first.y_true), first.groups, rng)
        weights = resampling.weights(n_units, rng)
        self.n_units.append(n_units)
        right = np.empty((len(models), len(first.y_true)), dtype=np.float32)
        for i, own in enumerate(models.values()):
            hits = []
            seeds: dict[str | int, list[np.ndarray]] = defaultdict(list)
            for record in own[split]:
                predictions = load(record)
                if not (
                    np.array_equal(predictions.rows, first.rows)
                    and np.array_equal(predictions.y_true, first.y_true)
                ):
                    raise ValueError(
                        f"{record.model} was not tested on the same rows as the others in {split}"
                    )
                scored = Scored(first.y_true, predictions.proba, positive, threshold)
                hits.append(scored.y_pred == scored.y_true)
                found, f1 = figures(weights @ tally(scored, unit, n_units), positive)
                by_class: dict[str | int, np.ndarray] = dict(enumerate(f1.T))
                for key, values in (found | by_class).items():
                    seeds[key].append(values)
                if scored.proba.min() < ZERO:
                    truth = scored.proba[np.arange(len(first.y_true)), first.y_true]
                    self.zeros[i] = (self.zeros[i] or 0) + int((truth < ZERO).sum())
            for key, each in seeds.items():
                known = np.isfinite(each)
                self.sums[key][i] += np.nan_to_num(ratio(np.nan_to_num(each).sum(axis=0), known.sum(axis=0)))
                self.counts[key][i] += known.any(axis=0)
            right[i] = np.mean(hits, axis=0)
        only, squares = pairs.discordant(right)
        self.only += only
        self.squares += squares
        self.correct += right.sum(axis=1, dtype=np.float64)
        self.sizes.append(len(first.y_true))
        if first.groups is not None:
            self.groups.append(np.unique(first.groups))

    def standing(self, metric: str) -> Standing:
        """Return all that is said by one metric."""
        if metric != "accuracy" or self.groups or max(self.sizes) > EVEN * min(self.sizes):
            return self.of_draws(metric, _sign(metric))
        n = sum(self.sizes)
        values = ratio(self.sums[metric], self.counts[metric])
        i, j = all_pairs(len(values))
        tested = pairs.accuracy(self.only[i, j], self.only[j, i], self.squares[i, j], n)
        # The mean over folds, as boards show it: it differs a little where one fold has a row more.
        tested = tested._replace(difference=values[i, 0] - values[j, 0])
        bounds = [wilson(min(correct, n), n)[:2] for correct in self.correct.tolist()]
        found = standing_of("tango", values[:, 0], values[:, 1:].T, 1, tested, bounds, n_rows=n)
        # Folds of one row are drawn as they are: who comes first in them is no question of chance.
        return found if min(self.n_units) > 1 else replace(found, first=())

    def of_draws(self, key: str | int, sign: int, with_pairs: bool = True) -> Standing:
        """Return what the bootstrap says by a metric, or of the F1 of a class."""
        values = ratio(self.sums[key], self.counts[key])
        scores = values[:, 0]
        is_small = len(self.sizes) > 1 and min(self.sizes) < LEAST_OF_A_FOLD and key not in LINEAR
        if min(self.n_units) < 2 or is_small:
            # A fold of one row or group has no spread of its own; of a few rows, classes and ranks have none.
            return Standing(method="bootstrap", scores=without_nan(scores))
        draws = resampling.widened(scores, values[:, 1:].T, sum(self.n_units) - len(self.n_units))
        least = 0.0 if key != "mcc" else -1.0
        draws = draws.clip(least, 1.0 if sign > 0 else None)
        decisions = None if key in MEANS else self.only + self.only.T
        return standing_of("bootstrap", scores, draws, sign, with_pairs=with_pairs, discordant=decisions)


def _seed_spread(models: Mapping[str, Splits]) -> dict[str, dict[str, float]]:
    """Return by metric and model how far its mean over splits moves with the seed; models with several seeds only.

    Only splits that have all seeds of the model count: others would move the mean by themselves.
    """
    spread: dict[str, dict[str, float]] = {}
    for name, own in models.items():
        seeds = {record.seed for records in own.values() for record in records if record.seeded}
        whole = [records for records in own.values() if {r.seed for r in records if r.seeded} == seeds]
        for metric in METRICS if len(seeds) > 1 and whole else ():
            means = [_mean(r.metrics.get(metric) for rs in whole for r in rs if r.seed == s) for s in seeds]
            if all(map(math.isfinite, means)):
                spread.setdefault(metric, {})[name] = rounded(max(means) - min(means))
    return spread


def _recorded(models: Mapping[str, Splits], metric: str) -> np.ndarray:
    scores = [over_splits(chain(*own.values()), partial(metric_of, metric)) for own in models.values()]
    return np.array([_or_nan(score) for score in scores])


def _sign(metric: str) -> int:
    return 1 if METRICS[metric].higher_is_better else -1


def _mean(values: Iterable[float | None]) -> float:
    return _or_nan(mean(values))


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


def _over_cells(table: np.ndarray) -> np.ndarray:
    return np.array([_mean(v for v in column if not math.isnan(v)) for column in table.T.tolist()])
