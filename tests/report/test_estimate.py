from __future__ import annotations

import pytest

from suite.events import Planned, Searching
from suite.report.estimate import Estimate
from suite.schema import Budget, Cell, CellId


def cells(model: str, n: int) -> list[Cell]:
    """Return cells with keys such as `slow0`."""
    ids = [CellId(dataset="d", fingerprint="", protocol="cv", split=f"cv-{i}", model=model) for i in range(n)]
    return [Cell(id=one, family="linear", model_version="1", key=f"{model}{i}") for i, one in enumerate(ids)]


def estimate(
    planned: list[Cell],
    expected: dict[str, float],
    guessed: dict[str, float],
    at_once: int | None = None,
    limit_s: float | None = None,
) -> Estimate:
    budget = Budget(threads=1, workers=1, time_s=limit_s, memory_mb=None)
    return Estimate(
        Planned(cells=tuple(planned), expected=expected, guessed=guessed, budget=budget, at_once=at_once)
    )


def evenly(n: int, seconds: float) -> dict[str, float]:
    return {f"a{i}": seconds for i in range(n)}


def test_nothing_is_said_of_guesses_before_anything_is_known():
    assert estimate(cells("a", 3), {}, evenly(3, 10.0)).remaining({"a0": 5.0}) is None


def test_what_was_expected_is_counted_from_the_start():
    assert estimate(cells("a", 2), {"a0": 10.0, "a1": 30.0}, {}).remaining({"a0": 4.0}) == pytest.approx(36.0)


def test_cells_of_one_model_count_as_much_as_the_mean_of_those_finished():
    left = estimate(cells("a", 5), {}, evenly(5, 1000.0))
    left.finish("a0", 10.0)
    left.finish("a1", 20.0)
    assert left.remaining({}) == pytest.approx(45.0)


def test_what_this_run_has_seen_counts_more_than_what_earlier_ones_took():
    left = estimate(cells("a", 3), evenly(3, 100.0), {})
    left.finish("a0", 2.0)
    assert left.remaining({}) == pytest.approx(4.0)


def test_cheap_cells_say_of_an_unknown_model_only_how_far_guesses_are_off():
    guessed = {"a0": 1.0, "a1": 1.0, "slow0": 60.0}
    left = estimate([*cells("a", 2), *cells("slow", 1)], {}, guessed)
    left.finish("a0", 0.5)
    left.finish("a1", 0.5)
    assert left.remaining({"slow0": 10.0}) == pytest.approx(20.0)


def test_one_cell_that_hung_does_not_spoil_the_guesses_of_the_others():
    guessed = {"a0": 1.0, "a1": 1.0, "hangs0": 1.0, "slow0": 60.0}
    left = estimate([*cells("a", 2), *cells("hangs", 1), *cells("slow", 1)], {}, guessed)
    for key, took in (("a0", 1.0), ("a1", 1.0), ("hangs0", 600.0)):
        left.finish(key, took)
    assert left.remaining({}) == pytest.approx(60.0)


def test_no_cell_is_expected_to_take_more_than_its_limit():
    known = {"a1": 1.0, "slow0": 60.0}
    left = estimate(
        [*cells("a", 2), *cells("slow", 1), *cells("long", 1)], {"long0": 500.0}, known, 1, limit_s=10.0
    )
    left.finish("a1", 6.0)
    assert left.remaining({}) == pytest.approx(6.0 + 10.0 + 10.0)


def test_cells_found_done_say_nothing_of_the_time_that_others_take():
    left = estimate(cells("a", 4), {}, evenly(4, 1.0))
    left.finish("a0", None)
    assert left.remaining({}) is None
    left.finish("a1", 10.0)
    assert left.remaining({}) == pytest.approx(20.0)


def test_cells_at_work_together_share_the_time_that_is_left():
    left = estimate(cells("a", 4), evenly(4, 10.0), {})
    assert left.remaining({"a0": 0.0, "a1": 0.0}) == pytest.approx(20.0)


def test_time_left_does_not_jump_when_the_first_cells_begin():
    left = estimate(cells("a", 40), evenly(40, 10.0), {}, at_once=8)
    assert left.remaining({}) == pytest.approx(50.0)
    assert left.remaining({"a0": 0.0}) == pytest.approx(50.0)


def test_the_longest_cell_is_shared_by_nobody():
    left = estimate([*cells("a", 4), *cells("slow", 1)], {**evenly(4, 1.0), "slow0": 40.0}, {}, at_once=2)
    assert left.remaining({"slow0": 4.0, "a0": 0.0}) == pytest.approx(36.0)


def test_a_slow_cell_raises_what_is_expected_of_the_others_of_its_model():
    left = estimate(cells("a", 3), {}, evenly(3, 1.0))
    left.finish("a0", 1.0)
    assert left.remaining({"a1": 99.0}) == pytest.approx(99.0)


def test_a_cell_that_is_overdue_is_not_promised_to_be_done_now():
    assert estimate(cells("a", 1), {"a0": 10.0}, {}).remaining({"a0": 60.0}) is None


def test_time_left_is_never_negative_and_ends_with_the_plan():
    left = estimate(cells("a", 1), {"a0": 10.0}, {})
    left.finish("a0", 50.0)
    assert left.remaining({}) is None


def searching(
    seconds: float | None = None, fits: int | None = None, chosen: int = 1, at_once: int = 1
) -> Estimate:
    budget = Budget(threads=1, workers=at_once, time_s=None, memory_mb=None)
    found = Searching(searches=1, seconds=seconds, fits=fits, chosen=chosen)
    planned = Planned(
        cells=tuple(cells("a", 1)), expected={}, guessed={}, budget=budget, at_once=at_once, searching=found
    )
    return Estimate(planned)


def test_the_seconds_of_a_search_are_left_until_trials_have_taken_them_and_workers_share_them():
    for at_once in (1, 2):
        left = searching(seconds=60.0, chosen=2, at_once=at_once)
        left.finish("a0", 4.0)
        assert left.remaining({}) == pytest.approx((60.0 + 2 * 4.0) / at_once)
        left.finish_trial(50.0)
        left.finish_trial(30.0)
        left.finish_chosen()
        assert left.remaining({}) == pytest.approx(4.0 / at_once)


def test_nothing_is_said_of_trials_that_are_counted_before_one_was_timed():
    left = searching(fits=3)
    left.finish("a0", 4.0)
    assert left.remaining({}) is None
    left.finish_trial(2.0)
    assert left.remaining({}) == pytest.approx(2 * 2.0 + 4.0)
    left.finish_trial(None)
    left.finish_trial(4.0)
    left.finish_chosen()
    assert left.remaining({}) is None
