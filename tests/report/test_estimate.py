from __future__ import annotations

import pytest

from suite.report.estimate import Estimate


def test_nothing_is_said_before_anything_is_known():
    assert Estimate(3, {}).remaining({"a": 5.0}) is None


def test_what_was_expected_is_counted_from_the_start():
    assert Estimate(2, {"a": 10.0, "b": 30.0}).remaining({"a": 4.0}) == pytest.approx(36.0)


def test_unknown_cells_count_as_much_as_the_mean_of_those_finished():
    estimate = Estimate(5, {})
    estimate.finish("a", 10.0)
    estimate.finish("b", 20.0)
    assert estimate.remaining({}) == pytest.approx(45.0)


def test_cells_found_done_say_nothing_of_the_time_that_others_take():
    estimate = Estimate(4, {})
    estimate.finish("a", None)
    assert estimate.remaining({}) is None
    estimate.finish("b", 10.0)
    assert estimate.remaining({}) == pytest.approx(20.0)


def test_cells_at_work_together_share_the_time_that_is_left():
    assert Estimate(4, dict.fromkeys("abcd", 10.0)).remaining({"a": 0.0, "b": 0.0}) == pytest.approx(20.0)


def test_time_left_does_not_jump_when_the_first_cells_begin():
    estimate = Estimate(40, {str(i): 10.0 for i in range(40)}, at_once=8)
    assert estimate.remaining({}) == pytest.approx(50.0)
    assert estimate.remaining({"0": 0.0}) == pytest.approx(50.0)


def test_the_last_cell_is_shared_by_nobody():
    assert Estimate(1, {"a": 10.0}, at_once=8).remaining({"a": 4.0}) == pytest.approx(6.0)


def test_a_slow_cell_raises_what_is_expected_of_the_others():
    estimate = Estimate(3, {})
    estimate.finish("a", 1.0)
    assert estimate.remaining({"b": 99.0}) == pytest.approx(50.0)


def test_a_cell_that_is_overdue_is_not_promised_to_be_done_now():
    assert Estimate(1, {"a": 10.0}).remaining({"a": 60.0}) is None


def test_time_left_is_never_negative_and_ends_with_the_plan():
    estimate = Estimate(1, {"a": 10.0})
    estimate.finish("a", 50.0)
    assert estimate.remaining({}) is None
