"""Searches as a source of cells, with workers that only say what a trial took and came to."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from suite.config import DataConfig, RunConfig
from suite.execution import search
from suite.execution.assignment import assign
from suite.execution.search import OVER, Searches, averaged
from suite.models.catalogue import configured
from suite.names import derive_seed
from suite.planning.plan import Plan, make_plan
from suite.schema import Failure, Record, Resources, Timing, Work

pytestmark = pytest.mark.usefixtures("searchable")


def planned(out: Path, *models: str, **options: Any) -> Plan:
    iris = DataConfig(source="iris")
    asked = {"protocol": "holdout", "threads": 1, **options}
    return make_plan(RunConfig(models=models, data=(iris,), out=out, **asked))


@dataclass
class Kept:
    """What a store keeps of trials, in memory."""

    records: dict[str, Record] = field(default_factory=dict)
    clock: float = 0.0
    """When the last of them was kept."""

    def find(self, key: str) -> Record | None:
        return self.records.get(key)

    def is_done(self, record: Record, time_s: float | None, memory_mb: float | None) -> bool:
        met = record.failure.limit if record.failure else None
        return record.status == "ok" or (met is not None and time_s is not None and time_s <= met)


def outcome(work: Work, seconds: float) -> Record:
    """What became of a trial: its loss follows from its parameters and its inner split alone."""
    loss = random.Random(f"{sorted(work.cell.params.items())} {work.cell.split}").random()
    cut = work.time_s is not None and seconds > work.time_s
    return Record(
        id=work.cell.id,
        key=work.cell.key,
        dataset_version=1,
        target="",
        split_fingerprint=work.split.fingerprint,
        model_version="1",
        family=work.cell.family,
        status="timeout" if cut else "ok",
        failure=Failure(kind="Timeout", limit=work.time_s) if cut else None,
        metrics={"log_loss": None if cut else loss},
        timing=Timing(wall_s=work.time_s) if cut else Timing(fit_s=seconds, predict_s=0.0),
    )


def simulate(
    plan: Plan,
    kept: Kept,
    *,
    workers: int = 1,
    seconds: Callable[[Work], float] = lambda work: 1.0,
    seed: int = 0,
    until: int | None = None,
    fresh: bool = False,
) -> tuple[Searches, list[Work]]:
    """Run the searches of a plan with workers that take `seconds`; `until` so many fits are kept, then all is lost."""
    budget = replace(plan.budget, workers=workers)
    source = Searches(plan.searches, kept, budget, fresh=fresh)  # type: ignore[arg-type]
    rng, clock, fitted = random.Random(seed), 0.0, list[Work]()
    waiting: list[Work] = []
    at_work: list[tuple[float, float, Work]] = []
    while True:
        while work := source.take():
            waiting.append(work)
            assert len(waiting) < 10_000, "it hands out the same for ever"
        while waiting and len(at_work) < workers:
            work = waiting.pop(0)
            took = min(seconds(work), work.time_s or 1e9)
            at_work.append((clock + took, rng.random(), work))
        if not at_work:
            return source, fitted
        at_work.sort(key=lambda one: one[:2])
        kept.clock = clock = at_work[0][0]
        work = at_work.pop(0)[2]
        kept.records[work.cell.key] = outcome(work, seconds(work))
        fitted.append(work)
        if until is not None and len(fitted) >= until:
            return source, fitted
        source.told(kept.records[work.cell.key])


def told(source: Searches) -> Mapping[str, Any]:
    """What searches tried and chose, by row."""
    return {
        f"{found.work.cell.model} {found.work.cell.id.variant} {found.work.cell.split}": (
            [(t.number, t.origin, dict(t.params), t.status, t.score) for t in found.work.tuning.history],
            found.work.tuning.chosen,
            dict(found.work.cell.params),
        )
        for found in source.found
        if found.work.tuning
    }


@pytest.fixture(scope="module")
def plan(searchable: None, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return planned(tmp_path_factory.mktemp("out"), "naive_bayes", "knn", tune="12trials", portfolio=2)


@pytest.fixture(scope="module")
def timed(searchable: None, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return planned(tmp_path_factory.mktemp("out"), "naive_bayes", "knn", tune="60s", portfolio=2)


def uneven(seed: int, most: float = 6.0) -> Callable[[Work], float]:
    return lambda work: random.Random(f"{seed} {work.cell.key}").uniform(0.1, most)


def test_a_search_tries_as_many_configurations_as_it_may_on_every_inner_split(plan: Plan) -> None:
    source, fitted = simulate(plan, Kept())
    trials = [work for work in fitted if work.is_inner]
    assert {work.time_s for work in fitted} == {None}
    rows = sorted((found.work.cell.model, found.work.cell.id.variant) for found in source.found)
    assert rows == [("knn", "tuned"), ("naive_bayes", "portfolio"), ("naive_bayes", "tuned")]
    for found in source.found:
        assert found.work.tuning
        assert found.work.tuning.trials == (3 if found.work.cell.id.variant == "portfolio" else 12)
        assert found.work.tuning.inner_splits == 3
    tuned = [found.work.tuning for found in source.found if found.work.cell.id.variant == "tuned"]
    whole = [trial for tuning in tuned if tuning for trial in tuning.history]
    assert sum(trial.fits for trial in whole) == len(trials)
    assert set(source.records) == {found.work.cell.key for found in source.found}


def test_what_is_kept_is_not_fitted_again(plan: Plan) -> None:
    kept = Kept()
    first, _ = simulate(plan, kept)
    again, fitted = simulate(plan, kept)
    assert (told(again), fitted) == (told(first), [])
    assert all(found.record for found in again.found)
    fresh, fitted = simulate(plan, kept, fresh=True)
    assert told(fresh) == told(first)
    assert len(fitted) == len(kept.records)


def test_a_longer_search_goes_on_from_a_shorter_one(plan: Plan, tmp_path: Path) -> None:
    kept = Kept()
    short, _ = simulate(planned(tmp_path, "naive_bayes", tune="8trials"), kept)
    before = set(kept.records)
    long, fitted = simulate(planned(tmp_path, "naive_bayes", tune="16trials"), kept)
    (one,), (other,) = told(short).values(), told(long).values()
    assert other[0][:8] == one[0]
    assert not before & {work.cell.key for work in fitted}


@pytest.mark.parametrize(("seed", "workers", "until"), [(0, 1, 5), (1, 2, 1), (2, 2, 30), (3, 8, 50)])
def test_where_trials_count_neither_workers_nor_a_kill_change_what_is_tried(
    plan: Plan, seed: int, workers: int, until: int
) -> None:
    calm, _ = simulate(plan, Kept())
    kept = Kept()
    simulate(plan, kept, workers=workers, seconds=uneven(seed), until=until)
    n = len(kept.records)
    resumed, fitted = simulate(plan, kept, workers=workers, seconds=uneven(seed + 1))
    assert told(resumed) == told(calm)
    assert n + len(fitted) == len(kept.records)


def spent(plan: Plan, kept: Kept) -> dict[str, float]:
    total: dict[str, float] = {}
    for record in kept.records.values():
        if record.role == "inner":
            total[record.model] = total.get(record.model, 0.0) + search.seconds_of(record)
    return total


@pytest.mark.parametrize(("seed", "workers", "until"), [(0, 1, 10), (1, 2, 1), (2, 2, 40), (3, 4, 60)])
def test_where_seconds_count_a_kill_does_not_make_a_search_longer(
    timed: Plan, seed: int, workers: int, until: int
) -> None:
    kept = Kept()
    simulate(timed, kept, workers=workers, seconds=uneven(seed), until=until)
    simulate(timed, kept, workers=workers, seconds=uneven(seed + 1))
    for model, seconds in spent(timed, kept).items():
        assert seconds <= 60 * OVER + 1.0, model
        assert seconds >= 50.0, model


def test_a_trial_that_hangs_takes_no_more_than_the_budget_has(timed: Plan) -> None:
    for workers in (1, 2, 4):
        kept, hung = Kept(), {2, 5}
        order: list[str] = []

        def seconds(work: Work, order: list[str] = order, hung: set[int] = hung) -> float:
            if work.cell.key not in order:
                order.append(work.cell.key)
            return 1e6 if order.index(work.cell.key) // 3 in hung else 1.0

        source, _ = simulate(timed, kept, workers=workers, seconds=seconds)
        assert max(spent(timed, kept).values()) <= 60 * OVER + 1.0
        statuses = {t.status for f in source.found if f.work.tuning for t in f.work.tuning.history}
        assert statuses == {"ok", "pruned"}, "what the budget has cut did not fail"


def test_workers_share_a_search_by_seconds(tmp_path: Path) -> None:
    plan, took = planned(tmp_path, "knn", tune="60s"), []
    for workers in (1, 2, 4):
        kept = Kept()
        simulate(plan, kept, workers=workers)
        took.append(kept.clock)
        assert 50.0 < spent(plan, kept)["knn"] <= 60 * OVER
    assert took[1] < 0.65 * took[0]
    assert took[2] < 0.45 * took[0]


def test_a_default_that_takes_longer_than_the_budget_is_cut_and_chosen(timed: Plan) -> None:
    kept = Kept()
    source, _ = simulate(timed, kept, seconds=lambda work: 1e6)
    for found in source.found:
        assert found.work.tuning
        assert [(t.status, t.fits) for t in found.work.tuning.history] == [("pruned", 1)]
        assert (found.work.tuning.chosen, found.work.tuning.inner_score) == (0, None)
    assert spent(timed, kept) == {"naive_bayes": pytest.approx(66.0), "knn": pytest.approx(66.0)}


def test_a_shorter_search_does_not_profit_from_a_longer_one(timed: Plan, tmp_path: Path) -> None:
    kept = Kept()
    simulate(timed, kept, seconds=uneven(0))
    before = dict(kept.records)
    short = planned(tmp_path, "naive_bayes", "knn", tune="20s", portfolio=2)
    source, _ = simulate(short, kept, seconds=uneven(0))
    for found in source.found:
        assert found.work.tuning
        assert found.work.tuning.seconds is not None
        assert found.work.tuning.seconds <= 20 * OVER + 1.0
    assert all(kept.records[key] is record for key, record in before.items()), (
        "what was known is fitted again"
    )


@pytest.mark.parametrize(("seed", "workers"), [(0, 1), (1, 2), (2, 2), (3, 4)])
def test_where_seconds_count_a_run_repeated_tries_and_chooses_the_same(
    timed: Plan, seed: int, workers: int
) -> None:
    kept = Kept()
    first, _ = simulate(timed, kept, workers=workers, seconds=uneven(seed))
    again, fitted = simulate(timed, kept, workers=workers, seconds=uneven(seed))
    assert (told(again), fitted) == (told(first), [])


def test_two_searches_that_try_the_same_cell_run_it_once_and_both_learn_of_it(tmp_path: Path) -> None:
    names = ("naive_bayes", "naive_bayes:var_smoothing=0.001")
    plan = planned(tmp_path, *names, tune="8trials", portfolio=2)
    for workers in (1, 8):
        kept = Kept()
        source, fitted = simulate(plan, kept, workers=workers)
        keys = [work.cell.key for work in fitted]
        assert len(keys) == len(set(keys))
        tunings = {
            f.work.cell.model: f.work.tuning for f in source.found if f.work.cell.id.variant == "tuned"
        }
        free, held = (tunings[name] for name in names)
        assert free
        assert held
        # The one varies what the other has fixed; the portfolio's first entry is the other's default.
        assert (free.trials, held.trials) == (8, 1)
        assert free.history[1].score == held.history[0].score
        rows = {f.work.cell.key for f in source.found}
        assert len(rows) == len(source.found)
        # Where the default was kept, nothing is fitted again.
        assert len(source.records) == sum(f.default is None for f in source.found)


def test_trials_of_one_entry_draw_the_same_whatever_they_set_and_whoever_asks(tmp_path: Path) -> None:
    plan = planned(tmp_path, "knn", "knn:weights=distance", tune="4trials")
    one, other = plan.searches
    same, told = other.trial({}, 0), one.trial({"weights": "distance"}, 0)
    assert same.cell.key == told.cell.key
    assert assign(same).seed == assign(told).seed == assign(one.trial({"n_neighbors": 3}, 0)).seed
    assert assign(same).seed != assign(one.trial({}, 1)).seed
    assert assign(plan.todo[0]).seed == derive_seed("iris", "holdout-42", "knn", 0)


def test_what_a_user_has_fixed_makes_another_row_even_where_the_choice_is_the_same(tmp_path: Path) -> None:
    plan = planned(tmp_path, "knn", "knn:weights=distance", tune="4trials")
    keys = []
    for one in plan.searches:
        study = one.study()
        study.told(study.candidates[0], 1.0, 1.0)
        found = {"weights": "distance", "n_neighbors": 3}
        keys += [work.cell.key for work in one.chosen("tuned", study, found)]
    assert len(set(keys)) == 2


def test_what_fits_have_found_is_averaged_where_all_of_them_found_it() -> None:
    found = [{"n": 100, "x": 0.5, "is": True, "only": 1}, {"n": 131, "x": 1.0, "is": True}]
    assert averaged(found) == {"is": True, "n": 116, "x": 0.75}
    assert averaged([]) == {}
    assert averaged([{"n": 1}, {}]) == {}
    assert averaged([{"n": 1}, {"n": 2.0}]) == {"n": 1}


def test_a_fit_that_the_budget_cut_short_has_no_score(timed: Plan) -> None:
    class Slow(Kept):
        """Models that end at their limit with what they have."""

        def find(self, key: str) -> Record | None:
            record = super().find(key)
            if record is None or record.failure is None:
                return record
            cut = Resources(cut_short_at_s=record.failure.limit)
            return replace(record, status="ok", failure=None, metrics={"log_loss": 0.0}, resources=cut)

    kept = Slow()
    simulate(timed, kept, seconds=lambda work: 1e6)
    source, _ = simulate(timed, kept, seconds=lambda work: 1e6)
    assert source.found
    for found in source.found:
        assert found.work.tuning
        assert {trial.status for trial in found.work.tuning.history} == {"pruned"}
        assert found.work.tuning.inner_score is None


def test_what_was_found_stands_in_the_refit_for_the_bound_that_the_user_set(tmp_path: Path) -> None:
    plan = planned(tmp_path, "naive_bayes:var_smoothing=0.5", "knn", tune="5trials")
    search = next(s for s in plan.searches if s.choice.spec.name == "knn")
    study = search.study()
    while True:
        for candidate in study.candidates:
            while candidate.ended is None:
                study.told(candidate, 1.0 / (1 + candidate.number), 1.0)
        if not study.more():
            break
    (work,) = search.chosen("tuned", study, {"n_neighbors": 3})
    assert work.cell.params["n_neighbors"] == 3
    fixed = replace(search, choice=configured(search.choice.spec, {"n_neighbors": 40}))
    (work,) = fixed.chosen("tuned", study, {"n_neighbors": 3})
    assert work.cell.params["n_neighbors"] == 3
    (work,) = fixed.chosen("tuned", study, {})
    assert work.cell.params["n_neighbors"] == 40
