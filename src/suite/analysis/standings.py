"""What draws and tests of pairs say of all models by one metric."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import TypeAlias

import numpy as np

from suite.analysis import pairs, resampling
from suite.analysis.comparison import Method, Standing
from suite.analysis.pairs import Tested
from suite.analysis.tied import blurred, tied

MOSTLY = 0.9
"""Share of the draws in which a figure has to be defined."""
Bounds: TypeAlias = Sequence[tuple[float, float] | None]
"""Ends of the interval of each model's score; None where there is none."""


def standing_of(
    method: Method,
    scores: np.ndarray,
    draws: np.ndarray,
    sign: int,
    tested: Tested | None = None,
    bounds: Bounds = (),
    n_rows: int | None = None,
    with_pairs: bool = True,
    discordant: np.ndarray | None = None,
) -> Standing:
    """Return what draws, (n_draws, n_models), and tests of pairs say of one metric; NaN where it is not defined.

    `discordant`, (n_models, n_models), are the rows that only one of two models has right, where the metric rests on
    decisions: m such rows, all on one side, have a mid-p of 2**-m, and draws must not claim less.
    """
    # A figure that most draws leave undefined, as the precision of one flagged row, must not undo the others' tests.
    is_known = np.isfinite(scores) & (np.isfinite(draws).mean(axis=0) > MOSTLY)
    draws = draws[np.isfinite(draws[:, is_known]).all(axis=1)].round(12)
    if not is_known.any() or len(draws) < resampling.DRAWS / 2:
        return Standing(method=method, scores=without_nan(scores))
    leader = int(np.flatnonzero(is_known)[np.argmax(sign * scores[is_known])])
    i, j = all_pairs(len(scores))
    if not with_pairs:
        of_leader = (i == leader) | (j == leader)
        i, j = i[of_leader], j[of_leader]
    if not bounds:
        # Draws that are all alike, as of a perfect score, do not say how far the truth may be.
        bounds = [
            (low, high) if low < high else None
            for low, high in np.transpose(resampling.interval(draws)).tolist()
        ]
    if tested is None:
        by_model = np.ascontiguousarray(draws.T)
        differences = (by_model[i] - by_model[j]).round(12).T
        tested = Tested(
            scores[i] - scores[j], *resampling.interval(differences), resampling.p_value(differences)
        )
    if discordant is not None:
        tested = tested._replace(p=np.maximum(tested.p, 0.5 ** discordant[i, j]))
    is_tied, first = np.zeros(len(scores), dtype=bool), np.zeros(len(scores))
    law = sign * draws[:, is_known]
    is_tied[is_known] = tied(
        sign * scores[is_known],
        blurred(law, n_rows, np.random.default_rng(resampling.SEED)) if n_rows else law,
    )
    first[is_known] = resampling.first(law)
    untold = (
        (tested.p >= pairs.ALPHA) | ((tested.low <= 0) & (tested.high >= 0)) | ~(tested.low < tested.high)
    )
    beside = ((i == leader) | (j == leader)) & is_known[i] & is_known[j] & untold
    is_tied[(i + j - leader)[beside]] = True
    return Standing(
        method=method,
        scores=without_nan(scores),
        low=tuple(rounded(each[0]) if k and each else None for k, each in zip(is_known, bounds, strict=True)),
        high=tuple(
            rounded(each[1]) if k and each else None for k, each in zip(is_known, bounds, strict=True)
        ),
        tied=tuple(is_tied.tolist()),
        first=tuple(map(rounded, first.tolist())),
        pairs=tuple(
            # Draws that are all alike do not say how far two models may differ.
            (rounded(d), rounded(low), rounded(high), rounded(p))
            if is_known[a] and is_known[b] and low < high
            else None
            for a, b, d, low, high, p in zip(i, j, *(column.tolist() for column in tested), strict=True)
        )
        if with_pairs
        else (),
    )


def all_pairs(n_models: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the indices of all pairs, in the order of `itertools.combinations`."""
    i, j = np.array([*combinations(range(n_models), 2)], dtype=int).reshape(-1, 2).T
    return i, j


def without_nan(values: np.ndarray) -> tuple[float | None, ...]:
    """Return figures rounded; None for NaN."""
    return tuple(None if math.isnan(value) else rounded(value) for value in values.tolist())


def rounded(value: float) -> float:
    """Return a figure with 12 digits: sums of the same rows in another order differ in their last bits."""
    return round(value, 12) + 0.0
