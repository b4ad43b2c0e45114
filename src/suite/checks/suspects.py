"""Labels that models are sure to be wrong: confident learning on out-of-sample probabilities."""

from __future__ import annotations

import numpy as np

from suite.schema.audits import ROWS, Finding

MOST = 0.1
"""A model that doubts more of the labels than this is no judge of them: its classes overlap."""


def find_suspects(y: np.ndarray, proba: np.ndarray, rows: np.ndarray, model: str) -> list[Finding]:
    """Return a finding about rows whose label a model doubts, the most doubtful first.

    Confident learning (Northcutt, Jiang and Chuang 2021): a class's threshold is the mean probability that the model
    gives it among rows with that label; a row is a suspect if the class with the highest probability among those that
    reach their threshold is not its label. `y` are codes, `proba` is (n_samples, n_classes) and out of sample, `rows`
    are positions in the table. Of more than a tenth of the rows, nothing is said.
    """
    suspects = suspected(y, proba)
    if not 0 < len(suspects) <= MOST * len(y):
        return []
    share = 100 * len(suspects) / len(y)
    return [
        Finding(
            code="label-suspects",
            text=f"{len(suspects):,} of {len(y):,} test rows ({share:.1f} %) may have a wrong label, as {model} is "
            "sure of another one",
            number=len(suspects),
            effect=f"if half of them are wrong, as people found of such suspects, about {share / 2:.1f} % of the test "
            "rows score the model by a wrong label",
            rows=tuple(rows[suspects][:ROWS].tolist()),
        )
    ]


def suspected(y: np.ndarray, proba: np.ndarray) -> np.ndarray:
    """Return the positions of the suspects, the least probable label first."""
    n, n_classes = proba.shape
    threshold = np.ones(n_classes)
    for code in range(n_classes):
        if (own := y == code).any():
            threshold[code] = proba[own, code].mean()
    sure = np.where(proba >= threshold, proba, -1.0)
    other = (sure.max(axis=1) >= 0) & (sure.argmax(axis=1) != y)
    places = np.flatnonzero(other)
    own_probability = proba[np.arange(n), y]
    return places[np.argsort(own_probability[places], kind="stable")]
