from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.analysis.curves import LEAST_EPOCHS, WINDOW, summary

FALLING = [1.0 - 0.02 * i for i in range(20)]
LOSSES = st.lists(st.floats(0.01, 9.0), min_size=1, max_size=40)


def test_the_figures_are_those_of_the_last_epoch_and_of_the_best():
    curve = {
        "loss": [0.9, 0.5, 0.2],
        "accuracy": [0.5, 0.8, 0.95],
        "val_loss": [0.8, 0.6, 0.9],
        "val_accuracy": [0.5, 0.7, 0.6],
    }
    found = summary([curve], [40])
    assert found is not None
    assert (found.epochs, found.best_epoch, found.n_validation) == (3, 2, 40)
    assert (found.train, found.validation) == (0.95, 0.6)
    assert (found.best_loss, found.last_loss) == (0.6, 0.9)
    assert found.window is None


def test_figures_of_several_fits_are_means_and_validation_rows_are_added():
    fits = [{"val_loss": [1.0, 0.5], "val_accuracy": [0.5, a], "accuracy": [0.1, 0.9]} for a in (0.6, 0.8)]
    found = summary(fits, [30, 50])
    assert found is not None
    assert (found.n_fits, found.n_validation) == (2, 80)
    assert found.validation == pytest.approx(0.7)


def test_rows_held_out_are_unknown_if_one_fit_does_not_tell():
    fits = [{"val_loss": [1.0]}] * 2
    for held_out in ([30, None], [30], []):
        found = summary(fits, held_out)
        assert found is not None
        assert found.n_validation is None


def test_without_validation_there_is_nothing_to_say_of_it():
    found = summary([{"loss": FALLING, "accuracy": FALLING}])
    assert found is not None
    assert (found.best_epoch, found.validation, found.window, found.last_loss) == (None, None, None, None)


@pytest.mark.parametrize("curves", [[], [{}], [{"loss": []}]])
def test_without_an_epoch_there_is_no_curve(curves: list):
    assert summary(curves) is None


@pytest.mark.parametrize("missing", [None, math.nan, math.inf])
def test_a_figure_that_is_missing_in_one_epoch_says_nothing(missing: float | None):
    found = summary([{"val_loss": [*FALLING[:-2], missing, FALLING[-1]], "accuracy": [0.5] * 20}])
    assert found is not None
    assert found.train == 0.5
    assert (found.best_epoch, found.window) == (None, None)


def test_a_loss_that_falls_to_the_end_is_still_improving_by_what_it_fell():
    found = summary([{"val_loss": FALLING}])
    assert found is not None
    assert found.window == 4
    assert found.fall == pytest.approx(0.08 / FALLING[-5])
    resting = summary([{"val_loss": FALLING}, {"val_loss": [*FALLING, FALLING[-1]]}])
    assert resting is not None
    assert resting.window == 4  # level at the end, and nowhere lower


@given(LOSSES)
def test_what_improves_ends_with_its_best_epoch_and_outdoes_every_rise(losses: list[float]):
    found = summary([{"val_loss": losses}])
    assert found is not None
    assert found.best_loss == min(losses) <= losses[-1] == found.last_loss
    assert losses[found.best_epoch - 1] == min(losses)
    if found.window is not None:
        start = losses[-found.window - 1]
        assert len(losses) >= LEAST_EPOCHS
        assert found.window == math.ceil(WINDOW * len(losses))
        assert losses[-1] == min(losses)
        assert found.fall == pytest.approx((start - losses[-1]) / start)
        tail = losses[-found.window - 1 :]
        assert start - losses[-1] > max(b - a for a, b in pairwise(tail))


@given(LOSSES, st.floats(0.1, 10.0))
def test_the_unit_of_the_loss_changes_neither_epochs_nor_shares(losses: list[float], factor: float):
    one, other = (summary([{"val_loss": [k * loss for loss in losses]}]) for k in (1.0, factor))
    assert one is not None
    assert other is not None
    assert one.epochs == other.epochs
    if one.fall is not None and other.fall is not None:
        assert one.fall == pytest.approx(other.fall)


@given(st.lists(LOSSES, min_size=1, max_size=4), st.randoms())
def test_the_order_of_the_fits_has_no_say(fits: list[list[float]], random):
    curves = [{"val_loss": losses} for losses in fits]
    shuffled = random.sample(curves, len(curves))
    one, other = summary(curves), summary(shuffled)
    assert one is not None
    assert other is not None
    assert (one.n_fits, one.epochs, one.best_epoch, one.window) == (
        other.n_fits,
        other.epochs,
        other.best_epoch,
        other.window,
    )
    assert one.last_loss == pytest.approx(other.last_loss)
