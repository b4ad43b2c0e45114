"""An ensemble's weights: greedy selection with replacement on inner predictions (Caruana et al. 2004)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from suite.metrics import CLIP

STEPS = 25
DIGITS = 6
"""To which losses are compared: smaller differences are ties, which go to members already in, then to the first."""


def losses_of(likelihoods: np.ndarray) -> np.ndarray:
    """Return log losses, given the probability of the true class of each row, in the last axis."""
    return np.asarray(-np.log(np.clip(likelihoods, CLIP, None)).mean(axis=-1))


def weights_of(likelihoods: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Return the weights, which sum to 1, of those models that an ensemble is made of, the heaviest first.

    In each of 25 steps the model joins, perhaps again, with which the mean has the lowest log loss; of the ensembles on
    the way the first of the best is taken.

    Parameters
    ----------
    likelihoods : mapping of str to array of shape (n_rows,)
        By model, the probability that it gives the true class of each inner row; the same rows for all.
    """
    names = list(likelihoods)
    each = np.array([likelihoods[name] for name in names], dtype=np.float64)
    total = np.zeros(each.shape[1])
    counts = np.zeros(len(names), dtype=int)
    best, best_loss = counts.copy(), np.inf
    for step in range(1, STEPS + 1):
        losses = losses_of((total + each) / step).round(DIGITS)
        chosen = min(range(len(names)), key=lambda i: (losses[i], counts[i] == 0, i))
        counts[chosen] += 1
        total += each[chosen]
        if losses[chosen] < best_loss:
            best, best_loss = counts.copy(), losses[chosen]
    weights = {
        name: float(count) / float(best.sum()) for name, count in zip(names, best, strict=True) if count
    }
    return dict(sorted(weights.items(), key=lambda pair: (-pair[1], names.index(pair[0]))))
