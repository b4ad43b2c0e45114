from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from suite.analysis.comparison import Comparisons, Standing
from suite.analysis.gains import gains
from suite.analysis.ranking import boards
from suite.schema import Record, Trial, Tuning

SEARCH = Tuning(
    method="search",
    trials=3,
    seconds=4.0,
    inner_score=0.25,
    budget="3trials",
    metric="log_loss",
    inner_splits=3,
    chosen=2,
    history=(
        Trial(number=0, origin="default", score=0.5),
        Trial(number=1, origin="portfolio", params={"n": 9}, status="failed"),
        Trial(number=2, origin="sampled", params={"n": 3, "gone": 1}, score=0.25),
    ),
)
GREEDY = Tuning(
    method="greedy", seconds=9.0, inner_score=0.2, metric="log_loss", weights={"a": 0.75, "b (tuned)": 0.25}
)


def tuned(record: Record, tuning: Tuning = SEARCH, variant: str = "tuned") -> Record:
    return replace(record, id=replace(record.id, variant=variant), tuning=tuning, key=record.key + variant)


def test_a_gain_is_of_a_model_beside_itself_as_its_entry_has_it(make_record) -> None:
    default, chosen = make_record("knn", params={"n": 5}), tuned(make_record("knn", params={"n": 3}))
    compared = Comparisons(
        models=("knn", "knn (tuned)"),
        n_rows=100,
        standings={
            "accuracy": Standing(method="tango", scores=(0.5, 0.6), pairs=((-0.1, -0.2, -0.05, 0.01),))
        },
    )
    models = {"knn": [default], "knn (tuned)": [chosen]}
    (gain,) = gains(models, compared, "accuracy", ["knn (tuned)", "knn"])
    assert (gain.model, gain.default, gain.budget, gain.metric) == (
        "knn (tuned)",
        "knn",
        "3trials",
        "log_loss",
    )
    assert (gain.trials, gain.failed, gain.seconds) == (3, 1, 4.0)
    assert (gain.inner_default, gain.inner) == (0.5, 0.25)
    assert gain.pair
    assert (gain.pair.difference, gain.pair.low, gain.pair.high) == pytest.approx((0.1, 0.05, 0.2))
    # What a fit was given in the end counts, and what it was not given is not told.
    assert (gain.chosen, gain.varies, gain.is_default) == ("n=3", False, False)


def test_without_the_default_or_a_comparison_the_cost_is_told_all_the_same(make_record) -> None:
    chosen = tuned(make_record("knn", params={"n": 3}))
    (gain,) = gains({"knn (tuned)": [chosen]}, None, "accuracy", ["knn (tuned)"])
    assert (gain.default, gain.pair, gain.seconds) == (None, None, 4.0)


def test_several_splits_are_summed_in_trials_and_averaged_in_seconds_and_seeds_counted_once(
    make_record,
) -> None:
    other = replace(SEARCH, seconds=6.0, chosen=0, inner_score=0.5)
    records = [
        tuned(make_record("knn", split=split, seed=seed, params={"n": n}), tuning)
        for split, tuning, n in (("a", SEARCH, 3), ("b", other, 5))
        for seed in (0, 1)
    ]
    (gain,) = gains({"knn (tuned)": records}, None, "accuracy", ["knn (tuned)"])
    assert (gain.trials, gain.failed, gain.seconds, gain.inner) == (6, 2, 5.0, 0.375)
    assert (gain.chosen, gain.varies, gain.is_default) == ("n=3", True, False)


def test_a_search_that_stays_with_the_default_says_so(make_record) -> None:
    chosen = tuned(make_record("knn", params={"n": 5}), replace(SEARCH, chosen=0, inner_score=0.5))
    (gain,) = gains({"knn (tuned)": [chosen]}, None, "accuracy", ["knn (tuned)"])
    assert (gain.is_default, gain.chosen) == (True, "")


def test_an_ensemble_tells_its_weights_and_has_no_default(make_record) -> None:
    record = tuned(make_record("ensemble (all)"), GREEDY, "ensemble")
    (gain,) = gains({"ensemble (all)": [record]}, None, "accuracy", ["ensemble (all)"])
    assert (gain.chosen, gain.default, gain.trials, gain.is_default) == (
        "0.75 a, 0.25 b (tuned)",
        None,
        0,
        False,
    )


def board(records: list[Record], store: Any) -> Any:
    (found,) = boards(records, store=store)
    return found


def test_a_board_has_the_rows_of_a_search_beside_each_other_with_what_they_cost(make_record, made_up) -> None:
    found = board(
        [
            make_record("knn", 0.5, 2.0),
            tuned(make_record("knn", 0.6, 3.0, params={"n": 3})),
            make_record("logistic", 0.4, 1.0),
        ],
        made_up,
    )
    times = {row.model: row.timing for row in found.rows}
    assert set(times) == {"knn", "knn (tuned)", "logistic"}
    assert (times["knn (tuned)"]["search_s"], times["knn (tuned)"]["cost_s"]) == (4.0, 7.0)
    assert (times["knn"]["search_s"], times["knn"]["cost_s"]) == (None, 2.0)
    (gain,) = found.gains
    assert gain.default == "knn"
    assert gain.pair
    assert gain.pair.difference == pytest.approx(0.1, abs=0.1)
    assert gain.pair.difference > 0
    assert "--tune 3trials" in found.command


def test_of_two_searches_of_one_model_the_newer_is_shown(make_record, made_up) -> None:
    older = tuned(make_record("knn", 0.5, started_at="2026-01-01T00:00:00+00:00"))
    longer = replace(SEARCH, budget="9trials", seconds=40.0)
    newer = tuned(make_record("knn", 0.6, started_at="2026-01-02T00:00:00+00:00", params={"n": 4}), longer)
    found = board([make_record("dummy", 0.1), replace(newer, key="other"), older], made_up)
    assert [gain.budget for gain in found.gains] == ["9trials"]


def test_the_command_of_a_board_asks_for_the_longest_portfolio_and_for_one_entry_at_least(
    make_record, made_up
) -> None:
    def asked(*budgets: str) -> str:
        records = [
            tuned(make_record(model, 0.5), replace(SEARCH, method="portfolio", budget=budget), "portfolio")
            for model, budget in zip(("knn", "logistic"), budgets, strict=False)
        ]
        return board([make_record("knn", 0.4), *records], made_up).command

    assert asked("portfolio 3", "portfolio 1").endswith(" --portfolio 3")
    assert asked("portfolio 0").endswith(" --portfolio 1")
    assert asked("portfolio x").endswith(" --portfolio 1")
