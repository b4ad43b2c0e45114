from __future__ import annotations

import random
from dataclasses import replace

import pytest

from suite.events import Planned, Searching
from suite.report.estimate import Estimate
from suite.schema import Budget, Cell, CellId, Record


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
    # The second was slower, so that the machine may be.
    assert left.remaining({}) == pytest.approx(45.0, rel=0.1)


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
    # What is overdue goes on for a quarter of what it has taken.
    assert left.remaining({"a1": 99.0}) == pytest.approx(99.0 / 4 + 99.0)


def test_a_cell_that_is_overdue_is_not_promised_to_be_done_now():
    assert estimate(cells("a", 1), {"a0": 10.0}, {}).remaining({"a0": 60.0}) is None


def test_time_left_is_never_negative_and_ends_with_the_plan():
    left = estimate(cells("a", 1), {"a0": 10.0}, {})
    left.finish("a0", 50.0)
    assert left.remaining({}) is None


def searching(
    seconds: float | None = None,
    fits: int | None = None,
    chosen: int = 1,
    at_once: int = 1,
    trials: int | None = None,
    searches: int = 1,
) -> Estimate:
    budget = Budget(threads=1, workers=at_once, time_s=None, memory_mb=None)
    found = Searching(searches=searches, seconds=seconds, fits=fits, chosen=chosen, trials=trials)
    planned = Planned(
        cells=tuple(cells("a", 1)),
        expected={},
        guessed={},
        budget=budget,
        at_once=at_once,
        searching=found,
        searches={("d", "a"): found},
    )
    return Estimate(planned)


def trial(number: int = 0, fold: int = 0) -> Cell:
    params = {"n": number}
    one = CellId(
        dataset="d",
        fingerprint="",
        protocol="cv",
        split=f"cv-0-inner{fold}",
        model="a",
        params=params,
        role="inner",
    )
    return Cell(id=one, family="linear", model_version="1", key=f"trial{number} {fold}")


def timed(make_record, fit_s: float, predict_s: float) -> Record:
    record = make_record("a")
    return replace(record, timing=replace(record.timing, fit_s=fit_s, predict_s=predict_s))


def chosen(split: str = "cv-0") -> Cell:
    one = CellId(dataset="d", fingerprint="", protocol="cv", split=split, model="a", variant="tuned")
    return Cell(id=one, family="linear", model_version="1", key=f"tuned {split}")


def test_the_seconds_of_a_search_are_left_until_trials_have_taken_them_and_workers_share_them(make_record):
    for at_once in (1, 2):
        left = searching(seconds=60.0, chosen=2, at_once=at_once)
        left.finish("a0", 4.0)
        assert left.remaining({}) == pytest.approx((60.0 + 2 * 4.0) / at_once)
        left.finish_trial(trial(0), 30.0, timed(make_record, 19.4, 0.5))
        # Of every second that counts, a fit has a worker for one and a half.
        assert left.remaining({}) == pytest.approx((1.5 * 40.0 + 2 * 4.0) / at_once)
        left.finish_trial(trial(1), 60.0, timed(make_record, 39.9, 0.0))
        left.finish_chosen(chosen(), 4.0)
        assert left.remaining({}) == pytest.approx(4.0 / at_once)


def test_trials_that_an_earlier_run_kept_count_on_the_budget_of_a_search(make_record):
    left = searching(seconds=60.0)
    left.finish("a0", 4.0)
    left.finish_trial(trial(), None, timed(make_record, 49.4, 0.5))
    assert left.remaining({}) == pytest.approx(10.0 + 4.0)


def test_a_search_that_ends_early_leaves_its_seconds_to_nobody(make_record):
    left = searching(seconds=120.0, chosen=2, searches=2)
    left.finish("a0", 4.0)
    left.finish_trial(trial(), 10.0, timed(make_record, 9.4, 0.5))
    left.begin_chosen(chosen())
    assert left.remaining({}) == pytest.approx(60.0 + 2 * 4.0)


def test_trials_that_are_counted_take_what_the_default_took_before_one_was_timed(make_record):
    left = searching(fits=3)
    assert left.remaining({}) is None
    left.finish("a0", 4.0)
    assert left.remaining({}) == pytest.approx(3 * 4.0 + 4.0)
    left.finish_trial(trial(0), 2.0, make_record("a"))
    assert left.remaining({}) == pytest.approx(2 * 2.0 + 4.0)
    left.finish_trial(trial(1), None, make_record("a"))
    left.finish_trial(trial(2), 4.0, make_record("a"))
    left.finish_chosen(chosen(), 1.0)
    assert left.remaining({}) is None


def test_trials_that_are_cut_after_a_fold_are_not_expected_to_have_all(make_record):
    left = searching(fits=60, trials=20)
    left.finish("a0", 1.0)
    for number in range(10):
        left.finish_trial(trial(number), 1.0, make_record("a"))
    assert left.remaining({}) == pytest.approx(10.0 + 1.0)


def test_the_libraries_that_a_worker_waits_for_once_are_not_expected_again():
    left = estimate(cells("a", 5), {}, evenly(5, 1.0))
    left.finish("a0", 12.0, 2.0)
    assert left.remaining({}) == pytest.approx(4 * 2.0)


def test_earlier_times_are_corrected_by_how_slow_the_machine_is_today():
    expected = {**evenly(2, 40.0), "b0": 50.0}
    left = estimate([*cells("a", 2), *cells("b", 1)], expected, {})
    left.finish("a0", 80.0)
    assert left.remaining({}) == pytest.approx(80.0 + 100.0)


def test_a_guess_is_corrected_by_models_of_its_own_family_first():
    family = {"net": "neural", "mlp": "neural", "tree": "tree ensemble"}
    planned = [replace(cell, family=family[cell.model]) for model in family for cell in cells(model, 1)]
    left = estimate(planned, {}, {"net0": 10.0, "mlp0": 20.0, "tree0": 10.0})
    left.finish("tree0", 100.0)
    left.finish("net0", 5.0)
    assert left.remaining({}) == pytest.approx(10.0)


def test_long_cells_that_workers_cannot_share_evenly_are_dealt_out():
    expected = {f"a{i}": 10.0 for i in range(3)}
    assert estimate(cells("a", 3), expected, {}, at_once=2).remaining({}) == pytest.approx(20.0)


def test_what_is_left_is_foretold_within_a_quarter_while_a_run_goes_on():
    """Times of real fits, in seconds, of five folds on a machine that others used too; workers as a run has them."""
    took = {"dummy": 0.5, "knn": 1.3, "forest": 4.0, "hist_gb": 11.7, "mlp": 24.7, "ensemble": 48.5}
    off = {"dummy": 1.0, "knn": 0.4, "forest": 0.3, "hist_gb": 0.1, "mlp": 0.2, "ensemble": 0.4}
    noise = random.Random(0)
    truth = {f"{m}{i}": s * noise.uniform(0.8, 1.25) for m, s in took.items() for i in range(5)}
    guessed = {f"{m}{i}": s * off[m] for m, s in took.items() for i in range(5)}
    left = estimate([c for m in took for c in cells(m, 5)], {}, guessed, at_once=2)
    waiting = [f"{m}0" for m in took] + [f"{m}{i}" for m in reversed(took) for i in range(1, 5)]
    running: dict[str, tuple[float, float]] = {}
    now, foretold = 0.0, []
    while waiting or running:
        while waiting and len(running) < 2:
            key = waiting.pop(0)
            running[key] = now, now + truth[key]
        key = min(running, key=lambda one: running[one][1])
        foretold.append((now, left.remaining({one: now - begun for one, (begun, _) in running.items()})))
        begun, now = running.pop(key)
        left.finish(key, now - begun)
    late = [(at, now - at, said) for at, said in foretold if now / 3 <= at < now - 20]
    assert len(late) >= 8
    assert [one for one in late if one[2] is None or abs(one[2] / one[1] - 1) > 0.25] == []
