from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import log_loss

from suite.tuning.greedy import DIGITS, STEPS, weights_of

shapes = st.tuples(st.integers(0, 10**6), st.integers(1, 4), st.integers(3, 30))


def toy(seed: int, n_models: int, n_rows: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Probabilities of the second of two classes, by model, and what is so; the last model repeats the first."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n_rows)
    y[:2] = 0, 1
    p = {
        f"m{i}": np.clip(0.5 + (y - 0.5) * rng.uniform(-0.3, 0.9, n_rows), 0.01, 0.99)
        for i in range(n_models)
    }
    return {**p, "again": p["m0"]}, y


def likelihoods(p: dict[str, np.ndarray], y: np.ndarray) -> dict[str, np.ndarray]:
    return {name: np.where(y == 1, one, 1 - one) for name, one in p.items()}


def by_plain_loops(p: dict[str, np.ndarray], y: np.ndarray) -> dict[str, float]:
    """Caruana's greedy selection, by scikit-learn's log loss of the mean of those chosen so far."""

    def loss(chosen: list[str]) -> float:
        mean = sum(p[name] for name in chosen) / len(chosen)
        return round(float(log_loss(y, np.column_stack([1 - mean, mean]), labels=[0, 1])), DIGITS)

    chosen: list[str] = []
    on_the_way = []
    for _ in range(STEPS):
        losses = {name: loss([*chosen, name]) for name in p}
        best = [name for name in p if losses[name] == min(losses.values())]
        inside = [name for name in best if name in chosen]
        chosen.append((inside or best)[0])
        on_the_way.append((loss(chosen), list(chosen)))
    lowest = min(value for value, _ in on_the_way)
    prefix = next(names for value, names in on_the_way if value == lowest)
    return {name: prefix.count(name) / len(prefix) for name in set(prefix)}


@settings(deadline=None, max_examples=4)
@given(shapes)
def test_weights_are_those_of_an_independent_greedy_selection(shape: tuple[int, int, int]) -> None:
    p, y = toy(*shape)
    found, oracle = weights_of(likelihoods(p, y)), by_plain_loops(p, y)
    assert found == pytest.approx(oracle)


@settings(deadline=None)
@given(shapes)
def test_weights_sum_to_1_and_do_no_worse_than_the_best_alone(shape: tuple[int, int, int]) -> None:
    each = likelihoods(*toy(*shape))
    weights = weights_of(each)
    assert sum(weights.values()) == pytest.approx(1.0)
    assert min(weights.values()) > 0
    assert list(weights.values()) == sorted(weights.values(), reverse=True)
    mean = sum(weight * each[name] for name, weight in weights.items())
    best = min(-np.log(one).mean() for one in each.values())
    assert -np.log(mean).mean() <= best + 10**-DIGITS


def test_of_two_equals_the_first_is_taken_and_then_stays() -> None:
    one = np.array([0.9, 0.8, 0.3])
    assert weights_of({"a": one, "b": one.copy()}) == {"a": 1.0}


def test_the_first_of_the_best_ensembles_on_the_way_is_the_smallest() -> None:
    good, bad = np.array([0.9, 0.9]), np.array([0.2, 0.2])
    assert weights_of({"bad": bad, "good": good}) == {"good": 1.0}
    halves = {"a": np.array([1.0, 0.0]), "b": np.array([0.0, 1.0])}
    assert weights_of(halves) == {"a": 0.5, "b": 0.5}
    # To as many digits as are compared, 13 of 25 are as good as one of two.
    alike = {"a": np.array([0.52, 0.5]), "b": np.array([0.5, 0.52])}
    assert weights_of(alike) == {"a": 0.5, "b": 0.5}


def test_a_tie_goes_to_a_member_before_an_earlier_stranger() -> None:
    # Alone the twin is worse by more than is compared to; in a mean of several it does as much as `good`.
    good, other = np.array([0.9, 0.9, 0.1]), np.array([0.1, 0.1, 0.9])
    weights = weights_of({"twin": good - [3e-6, 0, 0], "good": good, "other": other})
    assert weights == pytest.approx({"good": 17 / 24, "other": 7 / 24})


def test_a_row_that_all_give_nothing_is_no_infinity() -> None:
    weights = weights_of({"a": np.array([0.0, 0.9]), "b": np.array([0.0, 0.95])})
    assert weights == {"b": 1.0}
