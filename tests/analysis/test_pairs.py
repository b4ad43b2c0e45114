from __future__ import annotations

import warnings
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from suite.analysis import pairs

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from statsmodels.stats.contingency_tables import mcnemar

Z = stats.norm.ppf(0.975)


@st.composite
def discordant_counts(draw: st.DrawFn) -> tuple[int, int, int]:
    b, c = draw(st.integers(0, 60)), draw(st.integers(0, 60))
    return b, c, draw(st.integers(max(b + c, 1), 400))


def _statistic(b: int, c: int, n: int, delta: float) -> float:
    """Tango's statistic by its definition: the nuisance parameter from maximising the likelihood."""

    def loss(only_second: float) -> float:
        p = np.array([only_second + delta, only_second, 1 - 2 * only_second - delta])
        counts = np.array([b, c, n - b - c])
        return -float(np.where(counts > 0, counts * np.log(np.maximum(p, 1e-300)), 0.0).sum())

    low, high = max(0.0, -delta), (1 - delta) / 2
    found = optimize.minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-14})
    best = min([low, float(found.x), high], key=loss)
    variance = n * (2 * best + delta * (1 - delta))
    gap = b - c - n * delta
    return gap / np.sqrt(variance) if variance > 0 else float(np.sign(gap)) * np.inf


@given(discordant_counts())
@settings(deadline=None)
def test_tango_inverts_the_score_test_of_its_definition(counts: tuple[int, int, int]):
    b, c, n = counts
    low, high = (float(bound) for bound in pairs.tango(np.array(b), np.array(c), np.array(n)))
    assert -1 <= low <= (b - c) / n <= high <= 1
    for bound, side in ((low, 1.0), (high, -1.0)):
        if abs(bound) < 1 - 1e-9:
            # Where the statistic is steep its inverse is what must agree: just inside it is below z, just outside not.
            assert side * _statistic(b, c, n, bound + side * 1e-6) <= Z + 1e-6
            assert side * _statistic(b, c, n, bound - side * 1e-6) >= Z - 1e-6


@pytest.mark.parametrize(("n", "bound"), [(10, Z**2 / (10 + Z**2)), (1, Z**2 / (1 + Z**2))])
def test_tango_of_models_that_never_differ(n: int, bound: float):
    low, high = pairs.tango(np.array(0), np.array(0), np.array(n))
    assert (-low, high) == pytest.approx((bound, bound), abs=1e-9)


def test_tango_ends_at_one_where_every_row_is_discordant_one_way():
    low, high = pairs.tango(np.array([8.0, 0.0]), np.array([0.0, 8.0]), np.array(8))
    assert high[0] == 1
    assert low[1] == -1
    assert low[0] == pytest.approx(-high[1])


@given(st.integers(0, 300), st.integers(0, 300))
@settings(deadline=None)
def test_mcnemar_is_the_exact_binomial_test_less_half_of_what_is_as_likely(b: int, c: int):
    ours = float(pairs.mcnemar(np.array(float(b)), np.array(float(c))))
    exact = mcnemar([[1, b], [c, 1]], exact=True).pvalue if b + c else 1.0
    expected = exact - stats.binom.pmf(b, b + c, 0.5) if b != c else 1.0
    assert ours == pytest.approx(expected, abs=1e-9)


@given(st.lists(st.integers(0, 2**12 - 1), min_size=1, max_size=40), st.integers(1, 3), st.integers(2, 4))
@settings(deadline=None)
def test_discordant_rows_are_counted_as_by_hand(codes: list[int], n_seeds: int, n_models: int):
    bits = (np.array(codes)[:, None] >> np.arange(n_models * n_seeds)) & 1
    right = bits.reshape(-1, n_models, n_seeds).mean(axis=2).T.astype(np.float32)
    only, squares = pairs.discordant(right)
    for i, j in pairwise(range(n_models)):
        gap = right[i].astype(float) - right[j]
        assert only[i, j] == pytest.approx(gap[gap > 0].sum(), abs=1e-5)
        assert only[j, i] == pytest.approx(-gap[gap < 0].sum(), abs=1e-5)
        assert squares[i, j] == pytest.approx((gap**2).sum(), abs=1e-5)


@given(discordant_counts())
@settings(deadline=None)
def test_one_seed_is_mcnemar_and_tango_as_they_stand(counts: tuple[int, int, int]):
    b, c, n = counts
    tested = pairs.accuracy(np.array(float(b)), np.array(float(c)), np.array(float(b + c)), n)
    assert tested.difference == (b - c) / n
    assert (tested.low, tested.high) == pairs.tango(np.array(b), np.array(c), np.array(n))
    assert tested.p == pairs.mcnemar(np.array(float(b)), np.array(float(c)))


def test_the_p_of_several_seeds_is_near_that_of_flipping_signs_of_rows():
    rng = np.random.default_rng(3)
    first, second = rng.binomial(5, 0.8, 200) / 5, rng.binomial(5, 0.75, 200) / 5
    gap = first - second
    tested = pairs.accuracy(
        gap.clip(0).sum(keepdims=True), (-gap).clip(0).sum(keepdims=True), (gap**2).sum(keepdims=True), 200
    )
    flipped = (rng.choice([-1, 1], size=(20_000, 200)) * gap).sum(axis=1)
    beyond = np.abs(flipped) > abs(gap.sum()) + 1e-9
    equal = np.isclose(np.abs(flipped), abs(gap.sum()))
    assert float(tested.p[0]) == pytest.approx(beyond.mean() + equal.mean() / 2, abs=0.01)
    se = gap.std() / np.sqrt(200)
    assert float(tested.high[0] - tested.low[0]) == pytest.approx(2 * Z * se, rel=0.05)


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=15), st.floats(0.01, 1))
@settings(deadline=None)
def test_corrected_t_is_students_with_another_variance(differences: list[float], ratio: float):
    values = np.array(differences).round(6)
    tested = pairs.corrected_t(values[:, None], n_train=1, n_test=ratio)
    j = len(values)
    se = np.sqrt(stats.sem(values) ** 2 * (1 + j * ratio))
    if se < 1e-9:
        assert tested.p[0] == (1 if abs(values[0]) < 1e-15 else 0)
        return
    low, high = stats.t.interval(0.95, j - 1, values.mean(), se)
    assert (tested.low[0], tested.high[0]) == pytest.approx((low, high), abs=1e-9)
    assert tested.p[0] == pytest.approx(2 * stats.t.sf(abs(values.mean()) / se, j - 1), abs=1e-9)


def test_corrected_t_without_test_rows_is_the_paired_t_test():
    rng = np.random.default_rng(1)
    first, second = rng.random(10), rng.random(10)
    tested = pairs.corrected_t((first - second)[:, None], n_train=1, n_test=0)
    assert tested.p[0] == pytest.approx(stats.ttest_rel(first, second).pvalue)
