from __future__ import annotations

from pathlib import Path

from suite.execution.keeper import Keeper

import suite
from suite import planning
from suite.config import DataConfig, RunConfig
from suite.events import Elsewhere, Event
from suite.store import Store


def test_a_cell_that_another_run_did_after_this_one_was_planned_is_not_done_again(tmp_path: Path) -> None:
    config = RunConfig(models=("dummy",), data=(DataConfig(source="iris"),), protocol="holdout", out=tmp_path)
    (planned,) = planning.make_plan(config).cells
    suite.run("dummy", "iris", protocol="holdout", out=tmp_path, executor="inline")
    with Keeper(Store(tmp_path), before={planned.work.cell.key: planned.before}) as keeper:
        assert keeper.claim(planned.work) == "done"
        assert keeper.records[planned.work.cell.key].attempt == 1


def test_a_cell_that_another_run_has_is_told_of_once(tmp_path: Path) -> None:
    config = RunConfig(models=("dummy",), data=(DataConfig(source="iris"),), protocol="holdout", out=tmp_path)
    (planned,) = planning.make_plan(config).cells
    events: list[Event] = []
    with Keeper(Store(tmp_path)) as other, Keeper(Store(tmp_path), events.append) as keeper:
        assert other.claim(planned.work) == "mine"
        assert [keeper.claim(planned.work) for _ in range(2)] == ["elsewhere"] * 2
        assert events == [Elsewhere(cell=planned.work.cell)]
        other.claims.release(planned.work.cell.key)
        assert keeper.claim(planned.work) == "mine"


def test_a_fresh_run_does_a_cell_again_that_was_done_before_it_was_planned(tmp_path: Path) -> None:
    options = {"protocol": "holdout", "out": tmp_path, "executor": "inline"}
    assert suite.run("dummy", "iris", **options).records[0].attempt == 1
    assert suite.run("dummy", "iris", fresh=True, **options).records[0].attempt == 2
