from __future__ import annotations

import numpy as np

from suite.checks.suspects import find_suspects, suspected


def naive(y, proba):
    """Northcutt, Jiang and Chuang (2021), row by row."""
    k = proba.shape[1]
    thresholds = [
        np.mean([p[c] for p, label in zip(proba, y, strict=True) if label == c] or [1.0]) for c in range(k)
    ]
    found = []
    for i, (p, label) in enumerate(zip(proba, y, strict=True)):
        over = [c for c in range(k) if p[c] >= thresholds[c]]
        if over and max(over, key=lambda c: p[c]) != label:
            found.append(i)
    return found


def test_suspects_are_those_of_the_definition():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        y, proba = rng.integers(0, 3, 60), rng.dirichlet(np.ones(4), 60)
        assert sorted(suspected(y, proba)) == naive(y, proba)


def test_planted_errors_are_found_first():
    rng = np.random.default_rng(0)
    true = rng.integers(0, 3, 500)
    proba = np.full((500, 3), 0.05) + rng.random((500, 3)) * 0.05
    proba[np.arange(500), true] += 0.8
    proba /= proba.sum(axis=1, keepdims=True)
    y = true.copy()
    y[:25] = (true[:25] + 1) % 3
    (finding,) = find_suspects(y, proba, np.arange(1000, 1500), "hist_gb")
    assert finding.number == 25
    assert set(finding.rows) <= set(range(1000, 1025))
    assert finding.grade == "note"
    assert find_suspects(true, proba, np.arange(500), "hist_gb") == []


def test_a_model_that_doubts_many_labels_is_no_judge_of_them():
    rng = np.random.default_rng(0)
    y, proba = rng.integers(0, 3, 500), rng.dirichlet(np.ones(3), 500)
    assert len(suspected(y, proba)) > 50
    assert find_suspects(y, proba, np.arange(500), "hist_gb") == []
