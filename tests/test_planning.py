from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import suite
from suite import planning
from suite.config import DataConfig, RunConfig


def config(out: Path, *models: str) -> RunConfig:
    iris = DataConfig(source="iris")
    return RunConfig(models=models, data=(iris,), protocol="cv3", out=out)


def test_a_plan_has_every_cell_and_says_which_are_done(tmp_path: Path) -> None:
    suite.run("dummy", "iris", protocol="cv3", out=tmp_path, executor="inline")
    plan = planning.make_plan(config(tmp_path, "dummy", "knn"))
    assert {item.work.cell.model: item.record is not None for item in plan.cells} == {
        "dummy": True,
        "knn": False,
    }
    assert [work.cell.split for work in plan.todo] == [f"cv3-f{fold}" for fold in range(3)]
    assert plan.store.root == tmp_path


def test_making_a_plan_writes_nothing(tmp_path: Path) -> None:
    planning.make_plan(config(tmp_path / "out", "dummy"))
    assert not (tmp_path / "out").exists()


def test_cells_are_expected_to_take_what_they_took_and_the_others_what_is_guessed(tmp_path: Path) -> None:
    suite.run("dummy", "iris", protocol="cv3", out=tmp_path, executor="inline")
    asked = replace(config(tmp_path, "dummy", "keras_ensemble"), fresh=True)
    plan = planning.make_plan(asked)
    models = {work.cell.key: work.cell.model for work in plan.todo}
    assert {models[key] for key in plan.expected} == {"dummy"}
    assert {models[key] for key in plan.guessed} == {"keras_ensemble"}
    assert min(plan.guessed.values()) > 0


def test_plans_of_a_large_table_leave_no_file_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from suite.execution import handover

    monkeypatch.setattr(handover, "LARGE_BYTES", 0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    opened = []
    for _ in range(4):
        planned = planning.make_plan(config(tmp_path / "out", "dummy")).cells
        opened.append(len(list(Path("/proc/self/fd").iterdir())))
        assert planned[0].work.dataset.X.shape == (150, 4)
    assert opened == [opened[0]] * 4
