from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suite.analysis.tied import blurred, tied


def _draws(scores: np.ndarray, se: float, seed: int = 0) -> np.ndarray:
    return scores + np.random.default_rng(seed).normal(scale=se, size=(2000, len(scores)))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.floats(0, 0.3), st.integers(0, 99))
@settings(deadline=None)
def test_the_leader_is_tied_and_better_scores_never_leave_first(values: list[float], se: float, seed: int):
    scores = np.array(values)
    assert tied(scores, _draws(scores, se, seed))[np.argmax(scores)]


def test_models_within_chance_are_tied_and_those_far_behind_are_not():
    scores = np.array([0.90, 0.89, 0.80, 0.10])
    assert tied(scores, _draws(scores, 0.02)).tolist() == [True, True, False, False]


def test_one_model_is_tied_with_itself():
    assert tied(np.array([0.5]), np.full((2000, 1), 0.5)).tolist() == [True]


def test_identical_models_are_tied_and_a_sure_difference_is_not():
    scores = np.array([0.7, 0.7, 0.6])
    assert tied(scores, np.tile(scores, (2000, 1))).tolist() == [True, True, False]
    assert tied(scores[::-1], np.tile(scores[::-1], (2000, 1))).tolist() == [False, True, True]


def test_a_difference_of_one_row_is_no_sure_one_though_no_draw_says_so():
    scores = np.array([0.71, 0.70, 0.60])
    draws = blurred(np.tile(scores, (2000, 1)), 100, np.random.default_rng(0))
    assert tied(scores, draws).tolist() == [True, True, False]


def test_blurring_adds_the_variance_of_one_row_to_a_difference():
    draws = blurred(np.zeros((20_000, 2)), 50, np.random.default_rng(0))
    assert (draws[:, 0] - draws[:, 1]).std() == pytest.approx(1 / 50, rel=0.02)


def test_the_bar_rises_with_the_number_of_rivals_but_not_with_those_far_behind():
    se, ahead = 0.01, 0.024
    two = np.array([0.8 + ahead, 0.8])
    assert tied(two, _draws(two, se)).tolist() == [True, True] or ahead / (se * 2**0.5) > 1.645
    many = np.array([0.8 + ahead, 0.8, *[0.8 + ahead / 2] * 30])
    weak = np.array([0.8 + ahead, 0.8, *[0.1] * 30])
    assert not tied(weak, _draws(weak, se))[1]
    assert tied(many, _draws(many, se))[1]


@pytest.mark.parametrize("n_models", [2, 10])
def test_the_truly_best_of_equals_is_held_19_times_in_20(n_models: int):
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(2000, n_models))
    held = []
    for _ in range(300):
        scores = rng.normal(size=n_models)
        held.append(tied(scores, scores + noise)[0])
    assert np.mean(held) >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / 300)


def test_two_models_are_told_apart_where_a_one_sided_test_at_95_percent_and_a_half_does():
    """Of the 5 % half a percent goes to leaving out who is far behind: the bar is the normal law's 95.5 %."""
    unit = np.random.default_rng(0).normal(size=(50_000, 1))
    draws = np.hstack([unit, np.zeros_like(unit)])
    assert [tied(np.array([z, 0.0]), draws)[1] for z in (1.66, 1.73)] == [True, False]


def test_a_rival_that_is_a_little_behind_raises_the_bar_as_one_ahead_does():
    scores = np.array([0.828, 0.8, *[0.799] * 30])
    assert tied(scores, _draws(scores, 0.01))[1]
    assert not tied(scores[:2], _draws(scores[:2], 0.01))[1]
