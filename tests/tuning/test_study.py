from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suite.tuning.budget import SearchBudget, parse
from suite.tuning.study import GENERATION, MOST_FAILED, Candidate, Study

DEFAULTS = {"rate": 0.1, "leaves": 31}
PORTFOLIO = ({"rate": 0.05}, {"leaves": 63}, {"rate": 0.02, "leaves": 15})


def space(trial: Any) -> dict[str, Any]:
    return {
        "rate": trial.suggest_float("rate", 5e-3, 0.3, log=True),
        "leaves": trial.suggest_int("leaves", 2, 255, log=True),
    }


def study(budget: str | SearchBudget = "20trials", **changed: Any) -> Study:
    given: dict[str, Any] = {
        "space": space,
        "portfolio": PORTFOLIO,
        "fixed": {},
        "defaults": DEFAULTS,
        "budget": parse(budget) if isinstance(budget, str) else budget,
        "sign": -1,
        "n_inner": 2,
        "seed": 5,
    }
    return Study(**{**given, **changed})


def loss(params: Mapping[str, Any]) -> float:
    full = {**DEFAULTS, **params}
    return abs(full["rate"] - 0.04) + full["leaves"] / 1000


def answer(found: Study, score: Callable[[Candidate], float | None] = lambda c: loss(c.params)) -> None:
    """Tell a study what became of all that it has proposed."""
    for candidate in found.candidates:
        while candidate.ended is None:
            found.told(candidate, score(candidate), 1.0)


def searched(found: Study, **how: Any) -> Study:
    answer(found, **how)
    while found.more():
        answer(found, **how)
    return found


def test_the_default_comes_first_then_the_portfolio_then_what_is_sampled() -> None:
    found = searched(study())
    assert [trial.number for trial in found.trials] == list(range(20))
    assert [trial.origin for trial in found.trials] == ["default"] + ["portfolio"] * 3 + ["sampled"] * 16
    assert [trial.params for trial in found.trials[:4]] == [{}, *PORTFOLIO]
    assert [candidate.generation for candidate in found.candidates] == [0] * 4 + [1] * 4 + [2] * 4 + [
        3
    ] * 4 + [4] * 4


def test_a_portfolio_is_cut_to_what_is_asked_and_to_the_trials_there_are() -> None:
    assert len(study(SearchBudget(text="", portfolio=2)).candidates) == 3
    assert len(study("2trials").candidates) == 2
    assert len(study(SearchBudget(text="", portfolio=0)).candidates) == 1


def test_without_a_budget_nothing_is_sampled() -> None:
    found = searched(study(SearchBudget(text="portfolio 3", portfolio=3)))
    assert [trial.origin for trial in found.trials] == ["default"] + ["portfolio"] * 3


def test_without_a_space_nothing_is_sampled() -> None:
    assert len(searched(study(space=None)).trials) == 4


def test_a_portfolio_entry_that_comes_to_the_default_or_to_another_is_tried_once() -> None:
    same = ({"rate": 0.1}, {"rate": 0.1, "leaves": 31}, {"leaves": 63}, {"leaves": 63, "rate": 0.1})
    assert [c.params for c in study(portfolio=same).candidates] == [{}, {"leaves": 63}]
    fixed = study(portfolio=PORTFOLIO, fixed={"leaves": 7}, defaults={**DEFAULTS, "leaves": 7})
    assert [c.params for c in fixed.candidates] == [
        {},
        {"rate": 0.05, "leaves": 7},
        {"rate": 0.02, "leaves": 7},
    ]


def test_what_is_fixed_stays_in_every_trial() -> None:
    found = searched(study(fixed={"leaves": 7}, defaults={**DEFAULTS, "leaves": 7}))
    assert {trial.params.get("leaves", 7) for trial in found.trials} == {7}
    assert len({str(trial.params) for trial in found.trials}) == 20


def test_a_space_of_the_default_alone_ends_the_search() -> None:
    found = searched(
        study(
            space=lambda trial: {"leaves": trial.suggest_categorical("leaves", [31])},
            portfolio=(),
        )
    )
    assert [trial.params for trial in found.trials] == [{}]


def test_a_finite_space_ends_the_search() -> None:
    found = searched(study(space=lambda trial: {"leaves": trial.suggest_int("leaves", 29, 33)}, portfolio=()))
    assert sorted(trial.params.get("leaves", 31) for trial in found.trials) == [29, 30, 31, 32, 33]


def test_nothing_is_proposed_before_all_of_a_generation_have_ended() -> None:
    found = study()
    for candidate in found.candidates:
        assert not found.more()
        found.told(candidate, 1.0, 1.0)
        assert not found.more()
        found.told(candidate, 1.0, 1.0)
    assert found.more()
    assert not found.more()


def test_the_best_is_the_earlier_of_two_equals_and_of_the_origins_that_are_asked() -> None:
    found = study(sign=1, n_inner=1)
    for candidate, score in zip(found.candidates, (0.5, 0.7, 0.9, 0.9), strict=True):
        found.told(candidate, score, 1.0)
    assert found.best(("default", "portfolio")).number == 2
    assert found.best(("default",)).number == 0
    assert study(sign=-1).best(("default",)).number == 0


def test_the_score_is_the_mean_over_inner_splits_whichever_sign_is_better() -> None:
    for sign, best in ((1, 1), (-1, 0)):
        found = study("2trials", sign=sign)
        for candidate, scores in zip(found.candidates, ((0.1, 0.3), (0.2, 0.4)), strict=True):
            for score in scores:
                found.told(candidate, score, 0.25)
        assert [trial.score for trial in found.trials] == pytest.approx([0.2, 0.3])
        assert [(trial.fits, trial.seconds) for trial in found.trials] == [(2, 0.5)] * 2
        assert found.best(("default", "portfolio", "sampled")).number == best


def test_a_trial_that_failed_has_no_score_and_is_not_the_best() -> None:
    found = study("2trials")
    found.told(found.candidates[0], 0.1, 1.0)
    found.told(found.candidates[0], None, 1.0)
    answer(found, score=lambda candidate: 5.0)
    assert [(trial.status, trial.score, trial.fits) for trial in found.trials] == [
        ("failed", None, 2),
        ("ok", 5.0, 2),
    ]
    assert found.best(("default", "portfolio")).number == 1
    assert found.spent_s == 4.0


def test_where_all_failed_the_default_is_what_is_left() -> None:
    found = searched(study("100trials"), score=lambda candidate: None)
    assert len(found.trials) == MOST_FAILED
    assert found.best(("default", "portfolio", "sampled")) is found.candidates[0]


def test_failures_end_a_search_only_in_a_row() -> None:
    found = searched(
        study("40trials"), score=lambda candidate: None if candidate.number % GENERATION else 1.0
    )
    assert len(found.trials) == 40


def test_a_trial_that_does_worse_than_half_of_the_earlier_generations_is_given_up() -> None:
    found = study("8trials")
    answer(found, score=lambda candidate: 1.0 + candidate.number)
    assert found.more()
    worse, equal, better, late = found.candidates[4:]
    for candidate, score, ended in ((worse, 2.6, "pruned"), (equal, 2.5, None), (better, 0.1, None)):
        found.told(candidate, score, 1.0)
        assert candidate.ended == ended
    found.told(equal, 9.0, 1.0)
    found.told(better, 9.0, 1.0)
    # Those of its own generation say nothing, or it would depend on who is done first.
    found.told(late, 2.5, 1.0)
    assert (equal.ended, better.ended, late.ended) == ("ok", "ok", None)
    assert [trial.score for trial in found.trials[4:]] == [None, 5.75, 4.55]
    assert found.trials[4].fits == 1


def test_nothing_is_given_up_in_the_first_generation_nor_where_little_is_known() -> None:
    found = searched(study("20trials", portfolio=()), score=lambda candidate: 1.0 + candidate.number)
    assert [trial.status for trial in found.trials[:5]] == ["ok"] * 5
    assert found.trials[5].status == "pruned"


def test_what_is_dropped_ends_the_search_and_is_no_trial() -> None:
    found = study()
    answer(found)
    assert found.more()
    for candidate in found.candidates[4:6]:
        found.told(candidate, 1.0, 1.0)
        found.told(candidate, 1.0, 1.0)
    found.drop(found.candidates[6])
    assert found.is_settled
    assert not found.more()
    assert [trial.number for trial in found.trials] == list(range(6))


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10**6), st.sampled_from([1, 3]), st.booleans())
def test_the_order_of_answers_within_a_generation_changes_nothing(
    seed: int, n_inner: int, some_fail: bool
) -> None:
    def score(candidate: Candidate) -> float | None:
        own = random.Random(f"{seed} {sorted(candidate.params.items())} {len(candidate.scores)}")
        return None if some_fail and own.random() < 0.2 else own.random()

    def run(rng: random.Random | None) -> Study:
        found = study("16trials", n_inner=n_inner)
        while True:
            while left := [candidate for candidate in found.candidates if candidate.ended is None]:
                candidate = rng.choice(left) if rng else left[0]
                found.told(candidate, score(candidate), rng.random() if rng else 1.0)
            if not found.more():
                return found

    def told(found: Study) -> list[Any]:
        return [(t.number, t.origin, t.params, t.status, t.score, t.fits) for t in found.trials]

    in_order = run(None)
    assert told(run(random.Random(seed))) == told(in_order)


def test_a_trial_without_room_stays_in_its_place_where_a_later_one_had_begun() -> None:
    found = study(parse("60s"))
    default, first, second = found.candidates[:3]
    for candidate in (default, second):
        found.told(candidate, 0.5 if candidate is default else 0.2, 20.0)
        found.told(candidate, 0.5 if candidate is default else 0.2, 20.0)
    found.drop(first)
    found.drop(found.candidates[3])
    assert [trial.status for trial in found.trials] == ["ok", "pruned", "ok"]
    assert found.best(("default", "portfolio")) is second
    assert found.spent_s == 80.0
    assert not found.more()
