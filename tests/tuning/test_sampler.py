from __future__ import annotations

from typing import Any

import pytest

from suite.models.catalogue import MODELS, configured
from suite.tuning.sampler import canonical, described, lies_in, proposals

SEARCHED = [name for name, spec in MODELS.items() if spec.space]


def space(trial: Any) -> dict[str, Any]:
    return {
        "rate": trial.suggest_float("rate", 5e-3, 0.3, log=True),
        "leaves": trial.suggest_int("leaves", 2, 255, log=True),
        "kind": trial.suggest_categorical("kind", ["a", "b"]),
        "trees": 2000,
    }


def small(trial: Any) -> dict[str, Any]:
    return {"k": trial.suggest_int("k", 1, 3), "w": trial.suggest_categorical("w", ["x", "y"])}


def told(n: int) -> list[tuple[dict[str, Any], float | None]]:
    """Trials of the space, the better the nearer their rate is to 0.05."""
    tried: list[tuple[dict[str, Any], float | None]] = []
    while len(tried) < n:
        for params in proposals(space, tried, 4, len(tried)):
            tried.append((params, abs(params["rate"] - 0.05)))
    return tried


def test_equal_arguments_give_equal_proposals_whatever_was_asked_between() -> None:
    tried = told(16)
    first = proposals(space, tried, 4, 7)
    assert proposals(space, tried, 4, 8) != first
    assert proposals(space, tried, 4, 7) == first
    assert len({canonical(params) for params in first}) == 4


def test_a_finite_space_is_exhausted_without_a_repeat() -> None:
    tried: list[tuple[dict[str, Any], float | None]] = []
    while found := proposals(small, tried, 4, len(tried)):
        tried += [(params, 1.0) for params in found]
    assert sorted(canonical(params) for params, _ in tried) == sorted(
        canonical({"k": k, "w": w}) for k in (1, 2, 3) for w in "xy"
    )


def test_what_comes_to_the_defaults_is_not_proposed_again() -> None:
    tried = [({}, 1.0)]
    found = proposals(small, tried, 6, 0, defaults={"k": 2, "w": "x", "more": 1})
    assert len(found) == 5
    assert {"k": 2, "w": "x"} not in found


def test_what_the_space_cannot_give_teaches_nothing() -> None:
    tried = told(12)
    outside: list[tuple[dict[str, Any], float | None]] = [
        ({}, 0.0),
        ({"rate": 0.1}, 0.0),
        ({"rate": 0.5, "leaves": 31, "kind": "a", "trees": 2000}, 0.0),
        ({"rate": 0.1, "leaves": 31, "kind": "c", "trees": 2000}, 0.0),
        ({"rate": 0.1, "leaves": 31.5, "kind": "a", "trees": 2000}, 0.0),
        ({"rate": 0.1, "leaves": 31, "kind": "a", "trees": 100}, 0.0),
        ({"rate": 0.1, "leaves": 31, "kind": "a", "trees": 2000, "more": 1}, 0.0),
        ({"rate": "x", "leaves": None, "kind": [], "trees": 2000}, 0.0),
    ]
    assert not any(lies_in(space, params) for params, _ in outside)
    assert proposals(space, tried + outside, 4, 3) == proposals(space, tried, 4, 3)


def test_what_the_space_can_give_does_teach() -> None:
    tried = told(12)
    assert proposals(space, [*tried, (told(13)[12][0], 0.0)], 4, 3) != proposals(space, tried, 4, 3)


def test_the_sampler_looks_where_losses_are_low() -> None:
    late = [params["rate"] for params, _ in told(40)[20:]]
    assert sum(0.02 < rate < 0.12 for rate in late) > len(late) / 2


def test_what_is_fixed_stays_in_the_space_or_out_of_it() -> None:
    tried: list[tuple[dict[str, Any], float | None]] = []
    for leaves in (31, 5000):
        fixed = {"leaves": leaves, "own": "z"}
        tried = []
        for generation in range(4):
            tried += [(params, params["rate"]) for params in proposals(space, tried, 4, generation, fixed)]
        assert {(params["leaves"], params["own"]) for params, _ in tried} == {(leaves, "z")}
        assert all(lies_in(space, params, fixed) for params, _ in tried)
        assert len({params["rate"] for params, _ in tried}) == 16


@pytest.mark.parametrize(("low", "high"), [(5e-3, 0.3), (0.123456, 0.123457), (1.23456e-7, 9.87654e3)])
def test_numbers_have_four_digits_where_the_space_has_room_and_lie_in_it(low: float, high: float) -> None:
    def narrow(trial: Any) -> dict[str, Any]:
        return {"x": trial.suggest_float("x", low, high, log=True)}

    values = [params["x"] for params in proposals(narrow, [], 30, 0)]
    assert all(low <= value <= high for value in values)
    assert all(lies_in(narrow, {"x": value}) for value in values)
    if high / low > 2:
        assert all(value == float(f"{value:.4g}") for value in values)


def test_a_number_at_the_very_edge_is_not_rounded_out_of_the_space() -> None:
    def edge(trial: Any) -> dict[str, Any]:
        return {"x": trial.suggest_float("x", 0.100049, 0.1000491)}

    (params,) = proposals(edge, [], 1, 0)
    assert 0.100049 <= params["x"] <= 0.1000491


def test_the_sampler_is_described_with_its_version_and_all_options() -> None:
    import optuna

    assert described() == (
        f"optuna {optuna.__version__} TPESampler(n_startup_trials=10, multivariate=True, constant_liar=True)"
    )


@pytest.mark.parametrize("name", SEARCHED)
def test_every_entry_takes_what_its_space_and_its_portfolio_give(name: str) -> None:
    spec = MODELS[name]
    assert spec.space
    found = proposals(spec.space, [], 8, 0)
    assert found
    for params in found:
        assert lies_in(spec.space, params), (
            "what it gives must be named as it is suggested, or it teaches nothing"
        )
    for params in (*found, *spec.portfolio):
        choice = configured(spec, params)
        assert {key: choice.params.get(key, spec.settable[key]) for key in params} == dict(params)
