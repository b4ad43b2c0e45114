from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.stats import t

from suite.analysis import resampling


def _rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_rows_are_units_and_groups_stay_whole():
    assert resampling.units(4, None, _rng())[0].tolist() == [0, 1, 2, 3]
    unit, n_units = resampling.units(5, np.array([7, 3, 7, 9, 3]), _rng())
    assert (unit.tolist(), n_units) == ([1, 0, 1, 2, 0], 3)


@pytest.mark.parametrize("per_group", [1, 3])
def test_many_rows_are_dealt_into_blocks_of_even_size(per_group: int):
    groups = np.repeat(np.arange(12_345), per_group)
    unit, n_units = resampling.units(len(groups), None if per_group == 1 else groups, _rng())
    sizes = np.bincount(unit)
    assert n_units == len(sizes) == resampling.MAX_UNITS
    assert sizes.max() - sizes.min() <= per_group
    assert all(len(set(unit[groups == g])) == 1 for g in range(0, 12_345, 1000))


def test_a_draw_takes_one_unit_less_than_there_are_and_the_first_is_the_sample():
    weights = resampling.weights(7, _rng(), n_draws=50)
    assert weights.shape == (51, 7)
    assert (weights[0] == 1).all()
    assert weights.sum(axis=1).tolist() == [7, *[6] * 50]
    assert (weights == resampling.weights(7, _rng(), n_draws=50)).all()


def test_blocks_vary_as_rows_do():
    values = _rng(1).exponential(size=50_000)
    unit, n_units = resampling.units(len(values), None, _rng(2))
    weights = resampling.weights(n_units, _rng(3))[1:]
    means = weights @ np.bincount(unit, weights=values) / (weights @ np.bincount(unit))
    assert means.std() == pytest.approx(stats.sem(values), rel=0.06)


@given(st.integers(0, 10_000), st.sampled_from([60, 999, 1000, 2000]), st.floats(-3, 3))
@settings(deadline=None)
def test_p_is_below_five_percent_exactly_where_zero_is_outside(seed: int, n: int, shift: float):
    draws = (_rng(seed).normal(shift, 1, size=(n, 5))).round(1)
    low, high = resampling.interval(draws)
    assert ((resampling.p_value(draws) < 0.05) == ((low > 0) | (high < 0))).all()


def test_the_interval_is_the_percentile_interval():
    draws = _rng().normal(size=(2000, 3))
    low, high = resampling.interval(draws)
    assert low == pytest.approx(np.quantile(draws, 0.025, axis=0), abs=0.02)
    assert high == pytest.approx(np.quantile(draws, 0.975, axis=0), abs=0.02)
    assert (low == np.sort(draws, axis=0)[49]).all()


def test_those_that_come_first_together_share_it():
    draws = np.array([[1.0, 1.0, 0.0], [2.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    assert resampling.first(draws).tolist() == pytest.approx(
        [(0.5 + 1 + 1 / 3) / 4, (0.5 + 1 / 3 + 1) / 4, 1 / 12]
    )


def test_draws_around_repeated_splits_follow_the_corrected_t_law():
    scores = _rng(5).normal([0.7, 0.75], [0.02, 0.05], size=(15, 2))
    draws = resampling.around(scores, n_train=80, n_test=20, rng=_rng(6))
    se = np.sqrt(1 / 15 + 20 / 80) * scores.std(axis=0, ddof=1)
    for k in range(2):
        drawn = (draws[:, k] - scores[:, k].mean()) / se[k]
        assert stats.kstest(drawn, stats.t(14).cdf).pvalue > 0.001
    correlation = np.corrcoef(scores.T)[0, 1]
    assert stats.spearmanr(draws).statistic == pytest.approx(correlation, abs=0.1)


@pytest.mark.parametrize("n_units", [3, 5, 20])
def test_few_units_leave_a_mean_its_unbiased_variance(n_units: int):
    values = _rng(5).normal(size=n_units)
    counts = resampling.weights(n_units, _rng(6), n_draws=40_000)[1:]
    draws = counts @ values / counts.sum(axis=1)
    assert draws.var() == pytest.approx(values.var(ddof=1) / n_units, rel=0.05)


def test_widened_draws_are_those_of_students_t():
    draws = _rng(7).normal(size=(200_000, 2))
    found = resampling.widened(np.array([1.0, -1.0]), np.array([1.0, -1.0]) + draws, 4)
    assert np.quantile(found[:, 0] - 1, 0.975) == pytest.approx(t.ppf(0.975, 4), rel=0.03)
    # Both models of a draw are spread alike.
    assert np.allclose((found - [1, -1]) / draws, ((found - [1, -1]) / draws)[:, :1])
