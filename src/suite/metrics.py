"""Metrics: label, direction and function together, equal to scikit-learn's, in numpy alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from suite.errors import UnknownName, UsageError
from suite.registry import Registry

CLIP = 1e-15
"""The least probability that the log loss counts with."""
ECE_BINS = 15
_NAMES = ("Brier", "Matthews")


@dataclass(frozen=True, eq=False)
class Scored:
    """Truth and probabilities of one set of rows: what every metric is computed from.

    Raises
    ------
    ValueError
        If the shapes do not fit together, there is no row, a code has no column, or there is a threshold without a
        positive class of two.
    """

    y_true: np.ndarray
    """Integer codes 0..n_classes-1, shape (n_samples,)."""
    proba: np.ndarray
    """float32, (n_samples, n_classes): as predictions are stored, so that their file gives the same figures."""
    positive: int | None = None
    """Code of the class that precision, recall and F1 of one class are about; None where there is none."""
    threshold: float | None = None
    """Of two classes, the probability from which on a row counts as positive; None: the more probable class."""

    def __post_init__(self) -> None:
        y_true = np.asarray(self.y_true).astype(np.int64)
        proba = np.asarray(self.proba, dtype=np.float32)
        if y_true.ndim != 1 or proba.ndim != 2 or len(y_true) != len(proba) or not len(y_true):
            raise ValueError(f"y_true of shape {y_true.shape} does not fit proba of shape {proba.shape}")
        if y_true.min() < 0 or y_true.max() >= proba.shape[1]:
            raise ValueError(f"a code in y_true has no column in proba of shape {proba.shape}")
        if self.positive is not None and not 0 <= self.positive < proba.shape[1]:
            raise ValueError(
                f"the positive class {self.positive} has no column in proba of shape {proba.shape}"
            )
        if self.threshold is not None and (self.positive is None or proba.shape[1] != 2):
            raise ValueError("a threshold is of a positive class of two")
        object.__setattr__(self, "y_true", y_true)
        object.__setattr__(self, "proba", proba)

    @cached_property
    def labels(self) -> np.ndarray:
        """Codes of all classes, shape (n_classes,)."""
        return np.arange(self.proba.shape[1])

    @cached_property
    def y_pred(self) -> np.ndarray:
        """Code of the class decided for, shape (n_samples,): the most probable; of equals, the first."""
        if self.threshold is None or self.positive is None:
            return self.proba.argmax(axis=1)
        is_positive = self.proba[:, self.positive] >= np.float32(self.threshold)
        return np.where(is_positive, self.positive, 1 - self.positive)

    @cached_property
    def confusion(self) -> np.ndarray:
        """Counts, shape (n_classes, n_classes), int64; row: true class, column: predicted class."""
        k = self.proba.shape[1]
        return np.bincount(self.y_true * k + self.y_pred, minlength=k * k).reshape(k, k)

    @cached_property
    def average_precisions(self) -> np.ndarray:
        """Average precision of each class against the rest, shape (n_classes,); NaN of a class not in the truth."""
        return np.array([_average_precision(self.y_true == k, self.proba[:, k]) for k in self.labels])


@dataclass(frozen=True)
class Metric:
    """One figure of merit."""

    name: str
    label: str
    score: Callable[[Scored], float | None]
    """None where the metric is not defined."""
    higher_is_better: bool = True
    fmt: str = ".4f"
    lowest: float = 0.0
    highest: float = 1.0

    @property
    def within_sentence(self) -> str:
        """The label as it stands within a sentence: `accuracy`, `ROC AUC`, `Brier score`."""
        is_name = self.label.isupper() or self.label.startswith(_NAMES)
        return self.label if is_name else self.label[0].lower() + self.label[1:]


def ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Divide elementwise in float64; NaN where the denominator is 0."""
    return np.divide(numerator, denominator, out=np.full(numerator.shape, np.nan), where=denominator > 0)


def _precision(s: Scored) -> np.ndarray:
    return ratio(s.confusion.diagonal(), s.confusion.sum(axis=0))


def _recall(s: Scored) -> np.ndarray:
    return ratio(s.confusion.diagonal(), s.confusion.sum(axis=1))


def _f1(s: Scored) -> np.ndarray:
    return ratio(2 * s.confusion.diagonal(), s.confusion.sum(axis=0) + s.confusion.sum(axis=1))


def _of_positive(figures: Callable[[Scored], np.ndarray]) -> Callable[[Scored], float | None]:
    """Return the metric that is the positive class's figure; None where that, or the class, does not exist."""

    def score(s: Scored) -> float | None:
        return None if s.positive is None else _known(figures(s)[s.positive])

    return score


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _weighted_f1(s: Scored) -> float:
    return float(np.average(np.nan_to_num(_f1(s)), weights=s.confusion.sum(axis=1)))


def _log_loss(s: Scored) -> float:
    truth = s.proba[np.arange(len(s.y_true)), s.y_true].astype(np.float64)
    return float(-np.log(np.clip(truth, CLIP, 1.0)).mean() + 0.0)


def _brier(s: Scored) -> float:
    """Mean squared error of the probabilities, summed over classes; of two classes half, as scikit-learn has it."""
    error = s.proba.astype(np.float64)
    error[np.arange(len(s.y_true)), s.y_true] -= 1.0
    score = float(np.square(error).sum(axis=1).mean())
    return score / 2 if len(s.labels) == 2 else score


def _auc(positive: np.ndarray, score: np.ndarray) -> float:
    """Area under one ROC curve by the rank sum of Mann and Whitney; equal scores share their rank."""
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    rank = (counts.cumsum() - (counts - 1) / 2)[inverse]
    n_positive = int(positive.sum())
    n_negative = len(positive) - n_positive
    u = float(rank[positive].sum()) - n_positive * (n_positive + 1) / 2
    return u / (n_positive * n_negative)


def _roc_auc(s: Scored) -> float | None:
    """One-vs-rest, macro; with two classes, that of column 1. None unless the truth has every class."""
    counts = np.bincount(s.y_true, minlength=len(s.labels))
    if len(s.labels) < 2 or not counts.all():
        return None
    columns = [1] if len(s.labels) == 2 else list(s.labels)
    return float(np.mean([_auc(s.y_true == k, s.proba[:, k]) for k in columns]))


def _average_precision(positive: np.ndarray, score: np.ndarray) -> float:
    """Sum of precision over the steps of recall, without interpolation; equal scores are one step. NaN if undefined."""
    if not (n_positive := int(positive.sum())):
        return np.nan
    order = np.argsort(-score, kind="stable")
    last = np.append(np.flatnonzero(np.diff(score[order])), len(order) - 1)
    found = positive[order].cumsum()[last]
    return float((np.diff(found, prepend=0) * (found / (last + 1))).sum() / n_positive)


def _mean_average_precision(s: Scored) -> float | None:
    """Of the positive class; without one, the mean over the classes in the truth, one against the rest."""
    found = s.average_precisions
    return float(np.nanmean(found)) if s.positive is None else _known(found[s.positive])


def equal_mass_bins(score: np.ndarray, n_bins: int) -> np.ndarray:
    """Return the bin of each row, 0..n_bins-1, int64: rows are ranked by score and cut into bins of equal mass.

    Rows of equal score share the bin of the first of them, so that the order of the rows has no say.
    """
    return np.searchsorted(np.sort(score), score) * n_bins // len(score)


def _ece(s: Scored) -> float:
    """Expected calibration error of the more probable class, over bins of equal mass, whatever the threshold.

    Guo et al. 2017, with the equal-mass bins of Nixon et al. 2019.
    """
    confidence = s.proba.max(axis=1).astype(np.float64)
    gap = confidence - (s.proba.argmax(axis=1) == s.y_true)
    return float(np.abs(np.bincount(equal_mass_bins(confidence, ECE_BINS), weights=gap)).sum() / len(gap))


def _mcc(s: Scored) -> float:
    """Matthews correlation for any number of classes (Gorodkin 2004); 0 if it is undefined."""
    true, predicted = s.confusion.sum(axis=1).astype(np.float64), s.confusion.sum(axis=0).astype(np.float64)
    n = float(len(s.y_true))
    spread = (n * n - predicted @ predicted) * (n * n - true @ true)
    return float((s.confusion.trace() * n - true @ predicted) / np.sqrt(spread)) if spread else 0.0


METRICS: Registry[Metric] = Registry(
    "metric",
    [
        Metric("accuracy", "Accuracy", lambda s: float(np.mean(s.y_pred == s.y_true))),
        Metric("balanced_accuracy", "Balanced accuracy", lambda s: float(np.nanmean(_recall(s)))),
        Metric("macro_f1", "Macro F1", lambda s: float(np.nanmean(_f1(s)))),
        Metric("weighted_f1", "Weighted F1", _weighted_f1),
        Metric("log_loss", "Log loss", _log_loss, higher_is_better=False, highest=-math.log(CLIP)),
        Metric("roc_auc", "ROC AUC", _roc_auc),
        Metric("average_precision", "Average precision", _mean_average_precision),
        Metric("precision", "Precision", _of_positive(_precision)),
        Metric("recall", "Recall", _of_positive(_recall)),
        Metric("f1", "F1", _of_positive(_f1)),
        Metric("brier", "Brier score", _brier, higher_is_better=False, highest=2.0),
        Metric("ece", "Calibration error", _ece, higher_is_better=False),
        Metric("mcc", "Matthews correlation", _mcc, lowest=-1.0),
    ],
)


OF_ONE_CLASS = ("precision", "recall", "f1")
"""Metrics that exist only of a positive class; the average precision is a mean over classes without one."""
OF_PROBABILITIES = ("log_loss", "roc_auc", "average_precision", "brier", "ece")
"""Metrics that no threshold changes; the others are of the classes that are answered."""


def rarer(counts: Sequence[int]) -> int | None:
    """Return the code of the rarer of two classes, of equals the second: the positive class by default.

    `counts` are the rows of each class in the whole table. None unless there are two classes.
    """
    if len(counts) != 2:
        return None
    return 0 if counts[0] < counts[1] else 1


def check_asked(
    tables: Mapping[str, Sequence[str]], metric: str, positive: str | None, threshold: float | str | None
) -> None:
    """Refuse a metric, a positive class or a threshold that some of these tables, with their classes, cannot have.

    Raises
    ------
    UnknownName
        If there is no such metric, or no table has the positive class.
    UsageError
        If a table has other than two classes, where the metric needs a positive class or a threshold is asked for.
    """
    METRICS[metric]
    known = dict.fromkeys(name for classes in tables.values() for name in classes)
    if positive is not None and positive not in known:
        raise UnknownName("class", positive, known)
    for table, classes in tables.items():
        several = f"and {table} has {len(classes)}"
        if metric in OF_ONE_CLASS and len(classes) != 2 and positive not in classes:
            raise UsageError(f"{metric} is of one class, {several}: name it with --positive")
        if threshold is not None and len(classes) != 2:
            raise UsageError(f"a threshold is between two classes, {several}: leave --threshold out")


def compute(scored: Scored) -> dict[str, float | None]:
    """Return every metric by name; None where one is not defined."""
    return {name: metric.score(scored) for name, metric in METRICS.items()}


def per_class(scored: Scored, classes: Sequence[str]) -> dict[str, dict[str, float | None]]:
    """Return precision, recall, F1, average precision and support (test rows) of each class, by its name.

    The figures are scikit-learn's where they exist. Where they do not, they are None instead of 0:
    precision of a class never predicted, recall and average precision of a class without test rows, F1 of a
    class that is neither in the truth nor in the prediction. The metrics of the positive class are the same.
    """
    support = scored.confusion.sum(axis=1)
    figures = np.column_stack([_precision(scored), _recall(scored), _f1(scored), scored.average_precisions])
    keys = (*OF_ONE_CLASS, "average_precision")
    return {
        name: {
            **{key: _known(value) for key, value in zip(keys, row, strict=True)},
            "support": int(count),
        }
        for name, row, count in zip(classes, figures, support, strict=True)
    }


def confusion(scored: Scored) -> tuple[tuple[int, ...], ...]:
    """Return the confusion matrix as rows of counts; row: true class, column: predicted class."""
    return tuple(map(tuple, scored.confusion.tolist()))
