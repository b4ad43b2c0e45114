"""The tied group: the models among which the truly best one is, although the leader was picked by the same rows.

Comparisons with the best (J. C. Hsu, Simultaneous confidence intervals for all distances from the "best", Annals of
Statistics 9 (1981), pages 1026-1034), by resampling: a model leaves where some other is ahead of it by more than the
furthest that chance alone puts any other ahead, in 95 % of draws. Only the truly best must not leave, and it is one
model, so nothing is paid for testing many. Rivals that are surely behind are no part of "any other" (J. P. Romano,
A. M. Shaikh and M. Wolf, A practical two-step method for testing moment inequalities, Econometrica 82 (2014), pages
1979-2002).

In simulations (docs/evidence.md) this, Holm's procedure against the leader and the model confidence set of Hansen,
Lunde and Nason (2011) all held the truly best. This leaves the fewest models in the group.
"""

from __future__ import annotations

import numpy as np

from suite.analysis.pairs import LEVEL

DROPPED = 0.005
"""The part of 5 % that is spent on leaving models that are far behind out of the comparison."""


def blurred(draws: np.ndarray, n_rows: int, rng: np.random.Generator) -> np.ndarray:
    """Return draws of accuracies with the variance of half a row added to each model's.

    A difference then varies as if half a row more had been found for each side: where models differ on few rows or
    none, the rows say too little of how far they may differ.
    Source: A. Agresti and Y. Min, Simple improved confidence intervals for comparing matched proportions, Statistics in
    Medicine 24 (2005), pages 729-740.
    """
    return draws + rng.normal(scale=np.sqrt(0.5) / n_rows, size=draws.shape)


def tied(scores: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """Return which models may be the truly best: together they hold it with 95 % probability.

    Parameters
    ----------
    scores : (n_models,), float64
        Higher is better.
    draws : (n_draws, n_models), float64
        Scores of resamples.

    Returns
    -------
    (n_models,), bool
        The leader is always among them.
    """
    deviations = draws - draws.mean(axis=0)
    kept = np.zeros(len(scores), dtype=bool)
    for i, score in enumerate(scores):
        ahead = scores - score
        spread = deviations - deviations[:, [i]]
        se = spread.std(axis=0)
        is_flat = se <= 1e-12
        if (ahead[is_flat] > 1e-12).any():
            continue
        se[is_flat] = np.inf
        t, law = ahead / se, spread / se
        # Romano, Shaikh and Wolf (2014): who is surely behind cannot push this one out, and raises no bar for it.
        bar = np.quantile((-law).max(axis=1), 1 - DROPPED)
        near = t + bar >= 0
        near[i] = True
        kept[i] = t.max() <= np.quantile(law[:, near].max(axis=1), LEVEL + DROPPED)
    kept[np.argmax(scores)] = True
    return kept
