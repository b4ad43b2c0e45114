"""Calibration beside scikit-learn's isotonic regression, curves and scores, and in simulations."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss

from suite.analysis.calibration import Calibration, calibration, decomposition, expected_error
from suite.metrics import ECE_BINS, METRICS, Scored, equal_mass_bins
from suite.nouns import built, plain


@st.composite
def predicted(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Truth and probabilities, with ties and classes that are missing from the truth."""
    n, k = draw(st.integers(1, 80)), draw(st.integers(2, 5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    raw = rng.random((n, k)) ** draw(st.sampled_from([1, 8]))
    raw = np.round(raw, 1) + 1e-12 if draw(st.booleans()) else raw
    return rng.integers(0, draw(st.integers(1, k)), n), (raw / raw.sum(axis=1, keepdims=True)).astype(
        np.float32
    )


@settings(deadline=None, max_examples=30)
@given(predicted())
def test_the_parts_sum_to_the_brier_score_of_the_board_and_are_those_of_isotonic_recalibration(
    sample,
) -> None:
    y_true, proba = sample
    found = calibration([sample])
    assert found.brier == pytest.approx(METRICS["brier"].score(Scored(*sample)), abs=1e-12)
    assert found.miscalibration - found.discrimination + found.uncertainty == pytest.approx(
        found.brier, abs=1e-12
    )
    assert min(found.miscalibration, found.discrimination) >= -1e-12
    columns = range(proba.shape[1])
    wide, half = proba.astype(np.float64), 2 if proba.shape[1] == 2 else 1
    # By rank: scikit-learn takes probabilities closer than 1e-15 for one.
    ranks = [np.unique(wide[:, k], return_inverse=True)[1].astype(np.float64) for k in columns]
    recalibrated = [IsotonicRegression().fit_transform(ranks[k], y_true == k) for k in columns]
    again = [brier_score_loss(y_true == k, recalibrated[k], labels=[False, True]) for k in columns]
    before = [np.mean((wide[:, k] - (y_true == k)) ** 2) for k in columns]
    shares = np.bincount(y_true, minlength=len(columns)) / len(y_true)
    assert found.miscalibration == pytest.approx((np.sum(before) - np.sum(again)) / half, abs=1e-6)
    assert found.uncertainty == pytest.approx((shares * (1 - shares)).sum() / half, abs=1e-12)


@settings(deadline=None, max_examples=30)
@given(predicted())
def test_probabilities_that_were_recalibrated_have_no_miscalibration(sample) -> None:
    y_true, proba = sample
    event = (y_true == 0).astype(float)
    again = IsotonicRegression().fit_transform(proba[:, 0].astype(np.float64), event)
    found = decomposition((y_true != 0).astype(int), np.column_stack([again, 1 - again]))
    assert found.miscalibration == pytest.approx(0, abs=1e-9)


@settings(deadline=None, max_examples=30)
@given(predicted())
def test_the_calibration_error_lies_in_its_interval_and_below_the_plain_one(sample) -> None:
    found = calibration([sample])
    assert found.ece_plain == pytest.approx(METRICS["ece"].score(Scored(*sample)), abs=1e-12)
    assert 0 <= found.ece_low <= found.ece <= found.ece_high <= 1
    assert found.ece <= found.ece_plain


@settings(deadline=None, max_examples=20)
@given(predicted(), st.integers(0, 80), st.booleans())
def test_cells_are_taken_together_and_kept_as_json(sample, cut: int, of_positive: bool) -> None:
    (y_true, proba), positive = sample, 1 if of_positive else None
    found = calibration([(y_true[:cut], proba[:cut]), (y_true[cut:], proba[cut:])], positive)
    assert found == calibration([sample], positive)
    assert built(json.loads(json.dumps(plain(found), allow_nan=False)), Calibration) == found
    assert sum(one.rows for one in found.curve) == found.rows == len(y_true)
    assert all(one.low <= one.share <= one.high for one in found.curve)


def test_the_curve_is_scikit_learns_over_bins_of_equal_mass() -> None:
    rng = np.random.default_rng(0)
    score = rng.random(1000)
    y_true = (rng.random(1000) < score**2).astype(int)
    curve = calibration([(y_true, np.column_stack([1 - score, score]))], positive=1).curve
    share, said = calibration_curve(y_true, score, n_bins=10, strategy="quantile")
    assert [one.share for one in curve] == pytest.approx(share)
    assert [one.probability for one in curve] == pytest.approx(said)


def test_a_model_that_says_the_shares_is_calibrated_and_discriminates_nothing() -> None:
    y_true = np.arange(100) % 4 // 3
    found = decomposition(y_true, np.tile([0.75, 0.25], (100, 1)))
    assert found == pytest.approx((0.1875, 0, 0, 0.1875))


def test_a_certain_and_right_model_may_still_be_a_little_wrong() -> None:
    found = calibration([(np.arange(50) % 2, np.eye(2)[np.arange(50) % 2])])
    assert (found.brier, found.miscalibration, found.ece, found.ece_low) == (0, 0, 0, 0)
    assert found.discrimination == found.uncertainty == 0.25
    assert 0.05 < found.ece_high < 0.1  # No error in 50 rows: Wilson's limit.


def test_no_row_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one array"):
        calibration([])


SHAPES = {
    "calibrated": lambda c: c,
    "all too sure by 0.05": lambda c: c - 0.05,
    "too sure where sure": lambda c: c - 0.25 * np.square(c - 0.5) / 0.25,
    "here too sure, there not": lambda c: c + 0.06 * np.sin(25 * c),
}


def simulated(shape: str, n: int, repeats: int) -> np.ndarray:
    """Return the true error, estimate, low, high and plain error of models drawn again and again, a line each."""
    rng, found = np.random.default_rng(0), []
    for _ in range(repeats):
        confidence = 0.5 + 0.5 * rng.beta(1.5, 1.5, n)
        right = np.clip(SHAPES[shape](confidence), 0, 1)
        place = equal_mass_bins(confidence, ECE_BINS)
        true = np.abs(np.bincount(place, weights=confidence - right)).sum() / n
        found.append((true, *expected_error(confidence, rng.random(n) < right)))
    return np.array(found)


def test_chance_is_taken_off_the_error_of_a_calibrated_model() -> None:
    _, estimate, low, _, plain_error = simulated("calibrated", 1000, 60).mean(axis=0)
    assert estimate < 0.35 * plain_error
    assert low < 0.002


@pytest.mark.slow
@pytest.mark.parametrize("n", [200, 1000, 5000])
@pytest.mark.parametrize("shape", SHAPES)
def test_intervals_hold_the_true_error_in_at_least_93_percent(shape: str, n: int) -> None:
    true, estimate, low, high, plain_error = simulated(shape, n, 300).T
    assert np.mean((low <= true + 1e-12) & (true <= high)) >= 0.93
    assert abs(np.mean(estimate - true)) <= abs(np.mean(plain_error - true)) + 0.002


@pytest.mark.parametrize(
    ("n", "off", "figures"),
    [
        (400, 0.08, (0.066852, 0.019939, 0.136566, 0.101522)),
        (3000, 0.03, (0.029839, 0.00923, 0.05228, 0.039125)),
    ],
)
def test_error_and_interval_of_a_fixed_sample_stay_what_boards_have_shown(
    n: int, off: float, figures
) -> None:
    rng = np.random.RandomState(3)
    confidence = np.round(0.4 + 0.6 * rng.rand(n), 6)
    is_right = rng.rand(n) < np.clip(confidence - off * np.where(confidence > 0.8, 2, 0.2), 0, 1)
    assert expected_error(confidence, is_right) == pytest.approx(figures, abs=2e-5)
