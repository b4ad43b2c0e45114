"""Calibration: what the probabilities of a model are worth, apart from which class they favour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from suite.analysis.intervals import wilson
from suite.analysis.pairs import LEVEL
from suite.metrics import ECE_BINS, equal_mass_bins
from suite.schema.bounds import Figure, Ordinal, Share

CURVE_BINS = 10
DRAWS = 500
_SCALES = np.linspace(0.0, 3.0, 41)
"""Calibration errors that are tried, in multiples of what was observed."""


@dataclass(frozen=True, kw_only=True)
class Bin:
    """Rows whose probabilities are next to each other."""

    probability: Share
    """Mean of what the model says."""
    share: Share
    """Of the rows, in which what it speaks of is so."""
    low: Share
    """Wilson's 95 % interval of the share."""
    high: Share
    rows: Ordinal


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """How far a model's probabilities can be taken at their word, on all test rows together."""

    rows: Ordinal
    brier: Figure
    """As in `METRICS`: miscalibration - discrimination + uncertainty."""
    miscalibration: Figure
    """What the Brier score would lose if the probabilities were recalibrated as well as can be."""
    discrimination: Figure
    """By how much recalibrated probabilities are better than the classes' shares."""
    uncertainty: Figure
    """The Brier score of the classes' shares."""
    ece: Share
    """Mean distance between the more probable class's probability and its share, over bins of equal mass, with the
    part taken off that chance alone would cause."""
    ece_low: Share
    """The 95 % interval of `ece`."""
    ece_high: Share
    ece_plain: Share
    """As in `METRICS`, chance included."""
    event: Literal["positive", "more_probable"]
    """What `curve` is about: the positive class, or the more probable class of each row being the true one."""
    curve: tuple[Bin, ...]
    """The reliability curve, over bins of equal mass, from the least probability to the largest."""

    def contradictions(self) -> Iterator[str]:
        """Yield what cannot be, as a file may say anything."""
        if sum(part.rows for part in self.curve) != self.rows:
            yield "a reliability curve is not of the rows that were calibrated"


class Decomposition(NamedTuple):
    """A Brier score and its parts: miscalibration - discrimination + uncertainty."""

    brier: float
    miscalibration: float
    discrimination: float
    uncertainty: float


def calibration(
    samples: Sequence[tuple[np.ndarray, np.ndarray]], positive: int | None = None, bins: int = CURVE_BINS
) -> Calibration:
    """Return how well calibrated a model is on the rows of several cells, taken together.

    Parameters
    ----------
    samples : sequence of (y_true, proba)
        Codes, shape (n,), and probabilities, shape (n, n_classes), of each cell. Cells should test different rows,
        as K folds do: rows that stand there twice make the interval too narrow.
    positive : int, optional
        Code of the class whose probabilities the curve is about; without it, those of the more probable class.
    bins : int
        Of the curve.

    Raises
    ------
    ValueError
        If there is no row, or the cells do not fit together.
    """
    y_true = np.concatenate([np.asarray(y) for y, _ in samples])
    proba = np.concatenate([np.asarray(p, dtype=np.float64) for _, p in samples])
    confidence = proba.max(axis=1)
    is_right = proba.argmax(axis=1) == y_true
    found = decomposition(y_true, proba)
    ece, low, high, plain = expected_error(confidence, is_right)
    if positive is None:
        curve = reliability(confidence, is_right, bins)
    else:
        curve = reliability(proba[:, positive], y_true == positive, bins)
    return Calibration(
        rows=len(y_true),
        **found._asdict(),
        ece=ece,
        ece_low=low,
        ece_high=high,
        ece_plain=plain,
        event="more_probable" if positive is None else "positive",
        curve=curve,
    )


def decomposition(y_true: np.ndarray, proba: np.ndarray) -> Decomposition:
    """Return the Brier score of `metrics` and its parts.

    Each class against the rest is decomposed by isotonic recalibration, and the parts are summed over the classes; of
    two classes they are halved, as their Brier score is. Source: T. Dimitriadis, T. Gneiting and A. I. Jordan, Stable
    reliability diagrams for probabilistic classifiers, PNAS 118 (2021), e2016191118.
    """
    n_classes = proba.shape[1]
    parts = np.zeros(4)
    for code in range(n_classes):
        event = (y_true == code).astype(np.float64)
        brier = np.square(proba[:, code] - event).mean()
        recalibrated = np.square(_recalibrated(proba[:, code], event) - event).mean()
        uncertainty = event.mean() * (1 - event.mean())
        parts += brier, brier - recalibrated, uncertainty - recalibrated, uncertainty
    return Decomposition(*(parts / (2 if n_classes == 2 else 1)).tolist())


def _recalibrated(probability: np.ndarray, event: np.ndarray) -> np.ndarray:
    """Return the isotonic regression of events on probabilities, a value a row; equal probabilities share theirs."""
    from scipy.optimize import isotonic_regression

    _, place, rows = np.unique(probability, return_inverse=True, return_counts=True)
    share = np.bincount(place, weights=event) / rows
    return np.asarray(isotonic_regression(share, weights=rows).x)[place]


def reliability(probability: np.ndarray, event: np.ndarray, bins: int = CURVE_BINS) -> tuple[Bin, ...]:
    """Return the reliability curve of probabilities of an event; equal probabilities are in one bin."""
    place = equal_mass_bins(probability, bins)
    rows = np.bincount(place, minlength=bins)
    said = np.bincount(place, weights=probability, minlength=bins)
    seen = np.bincount(place, weights=event, minlength=bins)
    return tuple(
        Bin(
            probability=float(said[b] / rows[b]),
            share=float(seen[b] / rows[b]),
            low=(limits := wilson(float(seen[b]), int(rows[b]), LEVEL)).low,
            high=limits.high,
            rows=int(rows[b]),
        )
        for b in np.flatnonzero(rows)
    )


def expected_error(confidence: np.ndarray, is_right: np.ndarray) -> tuple[float, float, float, float]:
    """Return the expected calibration error without what chance adds, its 95 % interval, and the plain one.

    The plain error is a mean of absolute gaps, so chance alone makes it large: 0.09 in 200 rows of a perfectly
    calibrated model. It is therefore compared with what it would be, by simulation, if the true gaps were a multiple
    of the observed ones: the multiple that makes it as large as it is gives the estimate (indirect inference), and the
    multiples at which it would be no surprise give the interval (a test inverted). How much chance adds depends on how
    the true gaps spread over the bins, so the lower end also supposes them in those bins alone where they stand out,
    by two standard errors, and the upper end also supposes them equal in all.
    """
    place = equal_mass_bins(confidence, ECE_BINS)
    rows = np.bincount(place)
    n = rows[rows > 0]
    said = np.bincount(place, weights=confidence)[rows > 0] / n
    square = np.bincount(place, weights=np.square(confidence))[rows > 0] / n
    bins = _Bins(n, said, np.maximum(square - said**2, 0.0))
    gap = said - np.bincount(place, weights=is_right)[rows > 0] / n
    plain = float(bins.weight @ np.abs(gap))
    few = np.where(np.square(gap) > 4 * bins.variance(said), gap, 0.0)
    even = np.full(len(n), plain + 1 / np.sqrt(n.sum()))
    high, estimate, low = bins.errors_that_give(plain, gap)
    estimate = min(
        estimate, plain
    )  # Chance never makes it smaller in the mean, but the simulation is finite.
    low = min(estimate, low, bins.errors_that_give(plain, few)[2])
    # The error is at least the distance between the mean confidence and the share of rows that are right.
    limits = wilson(float(is_right.sum()), len(is_right), LEVEL)
    overall = max(abs(confidence.mean() - limits.low), abs(confidence.mean() - limits.high))
    high = max(high, bins.errors_that_give(plain, even)[0], float(overall))
    return estimate, low, high, plain


class _Bins:
    """Bins of rows: how many, their mean confidence, and the variance of confidence within each."""

    def __init__(self, rows: np.ndarray, said: np.ndarray, spread: np.ndarray) -> None:
        self.rows, self.said, self.spread = rows, said, spread
        self.weight = rows / rows.sum()
        self.noise = np.random.default_rng(0).standard_normal((DRAWS, len(rows)))

    def variance(self, share: np.ndarray) -> np.ndarray:
        """Return the variance of the share of right rows in each bin, if its mean is `share`."""
        return np.maximum(share * (1 - share) - self.spread, 0.0) / self.rows

    def errors_that_give(self, plain: float, shape: np.ndarray) -> tuple[float, float, float]:
        """Return the true errors whose plain one is rarely so low, is so in the mean, and is rarely so high.

        The true gaps have a shape, one a bin, in any size.
        """
        share = np.clip(self.said - _SCALES[:, np.newaxis] * shape, 0.0, 1.0)
        true = np.abs(self.said - share) @ self.weight
        deviation = np.sqrt(self.variance(share))
        drawn = (
            np.abs((self.said - share)[:, np.newaxis] + deviation[:, np.newaxis] * self.noise) @ self.weight
        )
        tail = (1 - LEVEL) / 2
        rarely_less, rarely_more = np.quantile(drawn, (tail, 1 - tail), axis=1)
        seen = (rarely_less, drawn.mean(axis=1), rarely_more)
        least, mean, most = (_last_crossing(true, typical, plain) for typical in seen)
        return least, mean, most


def _last_crossing(true: np.ndarray, typical: np.ndarray, plain: float) -> float:
    """Return the largest true error at which the typical plain one is no more than `plain`; 0 if it is more at any."""
    below = np.flatnonzero(typical <= plain)
    if not len(below):
        return 0.0
    i = int(below[-1])
    if i == len(true) - 1:
        return float(true[i])
    part = (plain - typical[i]) / (typical[i + 1] - typical[i])
    return float(true[i] + part * (true[i + 1] - true[i]))
