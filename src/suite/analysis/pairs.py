"""Two models on the same rows or splits: intervals and p values of their difference, for many pairs at once."""

from __future__ import annotations

from statistics import NormalDist
from typing import NamedTuple

import numpy as np

ALPHA = 0.05
LEVEL = 1 - ALPHA
_HALVINGS = 60
"""Steps of the search for a bound: it ends closer than 1e-17."""


class Tested(NamedTuple):
    """The difference of each pair, its interval, and p, two-sided; arrays of one shape, float64."""

    difference: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray


def discordant(right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Count the rows on which models differ.

    Parameters
    ----------
    right : (n_models, n_rows), float
        The share of its seeds with which each model has a row right.

    Returns
    -------
    only, squares : (n_models, n_models), float64
        ``only[i, j]``: rows that i has right and j has not, the sum of what i is ahead by where it is ahead;
        ``squares[i, j]``: the sum of the squared differences. With one seed `squares` is `only` plus its transpose.
    """
    only = np.stack([np.maximum(row - right, 0).sum(axis=1, dtype=np.float64) for row in right])
    squares = np.stack([np.square(row - right).sum(axis=1, dtype=np.float64) for row in right])
    return only, squares


def accuracy(b: np.ndarray, c: np.ndarray, squares: np.ndarray, n: int) -> Tested:
    """Compare accuracies on `n` shared rows by Tango's score interval and McNemar's mid-p.

    `b` and `c` are the rows that only the first and only the second have right, `squares` the sum of the squared
    differences of the rows. With one seed each row differs by 1 or not at all. Means over seeds differ by parts of 1,
    and vary less than as many whole rows: counts are then taken in units of ``squares / (b + c)``, which gives the
    difference its variance and leaves the counts of one seed as they are.
    """
    total = b + c
    unit = np.divide(squares, total, out=np.ones_like(total), where=total > 0)
    low, high = tango(b / unit, c / unit, n / unit)
    return Tested((b - c) / n, low, high, mcnemar(b / unit, c / unit))


def mcnemar(b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Return McNemar's mid-p, two-sided, of discordant counts, which need not be whole.

    The binomial probabilities are written as incomplete beta functions.
    Source: M. W. Fagerland, S. Lydersen and P. Laake, The McNemar test for binary matched-pairs data: mid-p and
    asymptotic are better than exact conditional, BMC Medical Research Methodology 13 (2013), 91.
    """
    from scipy.special import betainc

    x, y = np.minimum(b, c), np.maximum(b, c)
    at_most = np.where(y > 0, betainc(np.where(y > 0, y, 1.0), x + 1, 0.5), 1.0)
    below = np.where(x > 0, betainc(y + 1, np.where(x > 0, x, 1.0), 0.5), 0.0)
    return np.where(y > 0, np.minimum(1.0, at_most + below), 1.0)


def tango(b: np.ndarray, c: np.ndarray, n: np.ndarray, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
    """Return Tango's score interval of a difference of two proportions on `n` shared rows, ``(b - c) / n``.

    Source: T. Tango, Equivalence test and confidence interval for the difference in proportions for the paired-sample
    design, Statistics in Medicine 17 (1998), pages 891-908.
    """
    b, c, n = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (b, c, n)))
    z = NormalDist().inv_cdf((1 + level) / 2)
    difference = (b - c) / n
    bounds = []
    for end in (-1.0, 1.0):
        outside, inside = np.full_like(difference, end), difference
        for _ in range(_HALVINGS):
            middle = (outside + inside) / 2
            is_out = np.abs(_score(b, c, n, middle)) > z
            outside, inside = np.where(is_out, middle, outside), np.where(is_out, inside, middle)
        bounds.append(np.where(np.abs(_score(b, c, n, np.full_like(difference, end))) > z, inside, end))
    return bounds[0], bounds[1]


def _score(b: np.ndarray, c: np.ndarray, n: np.ndarray, delta: np.ndarray) -> np.ndarray:
    """Return Tango's statistic of the hypothesis that the difference is `delta`, from -1 to 1."""
    linear = -b - c + (2 * n - b + c) * delta
    root = np.sqrt(np.maximum(linear**2 + 8 * n * c * delta * (1 - delta), 0))
    variance = np.maximum(n * ((root - linear) / (2 * n) + delta * (1 - delta)), 0)
    gap = b - c - n * delta
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.abs(gap) <= 1e-12 * n, 0.0, gap / np.sqrt(variance))


def holm(p: np.ndarray) -> np.ndarray:
    """Return p of several tests, (n,), adjusted by Holm: at 5 %, one in 20 sets of tests errs at most.

    Source: S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6
    (1979), pages 65-70.
    """
    order = p.argsort(kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)).clip(max=1)
    return adjusted


def corrected_t(differences: np.ndarray, n_train: float, n_test: float, level: float = LEVEL) -> Tested:
    """Compare scores on J overlapping splits by the corrected resampled t test.

    `differences` has the shape (n_splits, n_pairs); see `intervals.corrected_t` for the method and its source.
    """
    from scipy.stats import t

    n_splits = len(differences)
    mean = differences.mean(axis=0)
    se = np.sqrt((1 / n_splits + n_test / n_train) * differences.var(axis=0, ddof=1))
    half = float(t.ppf((1 + level) / 2, n_splits - 1)) * se
    flat = se <= 1e-15
    p = 2 * t.sf(np.abs(mean) / np.where(flat, 1.0, se), n_splits - 1)
    return Tested(
        mean, mean - half, mean + half, np.where(flat, np.where(np.abs(mean) <= 1e-15, 1.0, 0.0), p)
    )
