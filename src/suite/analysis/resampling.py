"""The bootstrap: which rows are drawn again, and what the draws say of a figure.

Rows are drawn with replacement, or whole groups where the protocol keeps groups whole; within each fold, since the
folds are fixed; the same draws for every model, so that differences are those of shared rows.

Of more than `MAX_UNITS` rows, blocks of rows are drawn: each row is dealt at random into one of `MAX_UNITS` blocks.
Rows of a random block are no more alike than any others, so the variance of a sum over drawn blocks is, on average over
the deals, that of a sum over drawn rows. Its relative error is about the square root of 2 / `MAX_UNITS`, 2 %: 1 % of an
interval's width, which is less than 2,000 draws leave open.
"""

from __future__ import annotations

import numpy as np

from suite.analysis.pairs import ALPHA

DRAWS = 2000
SEED = 42
"""Of the draws; the same predictions give the same comparisons."""
MAX_UNITS = 5000


def units(n_rows: int, groups: np.ndarray | None, rng: np.random.Generator) -> tuple[np.ndarray, int]:
    """Return the unit of each row, (n_rows,), and how many units there are to draw from."""
    codes = np.arange(n_rows) if groups is None else np.unique(groups, return_inverse=True)[1]
    n_codes = int(codes.max()) + 1
    if n_codes <= MAX_UNITS:
        return codes, n_codes
    return (rng.permutation(n_codes) % MAX_UNITS)[codes], MAX_UNITS


def weights(n_units: int, rng: np.random.Generator, n_draws: int = DRAWS) -> np.ndarray:
    """Return how often each unit is drawn, (n_draws + 1, n_units), float64; the first row is the sample itself.

    One unit less than there are is drawn: draws of all m units vary too little by the factor (m - 1) / m, which counts
    where a fold has few groups. Figures are ratios of sums, so the number of units cancels.
    Source: J. N. K. Rao and C. F. J. Wu, Resampling inference with complex survey data, Journal of the American
    Statistical Association 83 (1988), pages 231-241.
    """
    counts = np.ones((n_draws + 1, n_units))
    for row in counts[1:]:
        row[:] = np.bincount(rng.integers(n_units, size=max(n_units - 1, 1)), minlength=n_units)
    return counts


def widened(scores: np.ndarray, draws: np.ndarray, freedom: int) -> np.ndarray:
    """Return draws, (n_draws, n_models), spread around the scores as Student's t is around the normal law.

    Few units leave their own variance open; `freedom` are the units less the folds. All models of a draw are spread
    alike, so that differences are as well.
    """
    rng = np.random.default_rng([SEED, freedom])
    stretch = np.sqrt(freedom / rng.chisquare(freedom, size=(len(draws), 1)))
    return np.asarray(scores + (draws - scores) * stretch)


def interval(draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the percentile interval of each column of draws, (n_draws, n_columns).

    Its ends are drawn values, and such that `p_value` is below 5 % exactly where 0 lies outside.
    """
    n = len(draws)
    cut = next(k for k in range(n, -1, -1) if 2 * (k + 1) / (n + 1) < ALPHA or k == 0)
    parts = np.partition(draws, (cut, n - 1 - cut), axis=0)
    return parts[cut], parts[n - 1 - cut]


def p_value(draws: np.ndarray) -> np.ndarray:
    """Return the two-sided p of each column's being 0: twice the smaller share of draws on one side, the sample too.

    Source: A. C. Davison and D. V. Hinkley, Bootstrap Methods and their Application (1997), section 4.2.
    """
    tail = np.minimum((draws <= 0).sum(axis=0), (draws >= 0).sum(axis=0))
    return np.minimum(1.0, 2 * (tail + 1) / (len(draws) + 1))


def first(draws: np.ndarray) -> np.ndarray:
    """Return the share of draws in which each column is the highest; columns that are equal share it."""
    best = draws == draws.max(axis=1, keepdims=True)
    return (best / best.sum(axis=1, keepdims=True)).mean(axis=0)


def around(scores: np.ndarray, n_train: float, n_test: float, rng: np.random.Generator) -> np.ndarray:
    """Draw mean scores from the multivariate t law that repeated splits leave them, (DRAWS, n_models).

    `scores` has the shape (n_splits, n_models). The covariance is that of the splits, with the factor of Nadeau and
    Bengio; see `intervals.corrected_t`.
    """
    n_splits = len(scores)
    mean = scores.mean(axis=0)
    normal = rng.standard_normal((DRAWS, n_splits)) @ (scores - mean) / np.sqrt(n_splits - 1)
    stretch = np.sqrt((n_splits - 1) / rng.chisquare(n_splits - 1, size=(DRAWS, 1)))
    return mean + np.sqrt(1 / n_splits + n_test / n_train) * stretch * normal
