from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import suite
from suite.config import DataConfig, RunConfig
from suite.errors import NotChecked, UsageError
from suite.planning import budget
from suite.planning.plan import make_plan
from suite.schema import Finding


def config(out: Path, *models: str) -> RunConfig:
    iris = DataConfig(source="iris")
    return RunConfig(models=models, data=(iris,), protocol="cv3", out=out)


def test_a_plan_has_every_cell_and_says_which_are_done(tmp_path: Path) -> None:
    suite.run("dummy", "iris", protocol="cv3", out=tmp_path, executor="inline")
    plan = make_plan(config(tmp_path, "dummy", "knn"))
    assert plan.asked == plan.cells
    assert {item.work.cell.model: item.record is not None for item in plan.cells} == {
        "dummy": True,
        "knn": False,
    }
    assert [work.cell.split for work in plan.todo] == [f"cv3-f{fold}" for fold in range(3)]
    assert plan.store.root == tmp_path


def test_making_a_plan_writes_nothing(tmp_path: Path) -> None:
    make_plan(config(tmp_path / "out", "dummy"))
    assert not (tmp_path / "out").exists()


def test_cells_are_expected_to_take_what_they_took_and_the_others_what_is_guessed(tmp_path: Path) -> None:
    suite.run("dummy", "iris", protocol="cv3", out=tmp_path, executor="inline")
    asked = replace(config(tmp_path, "dummy", "keras_ensemble"), fresh=True)
    plan = make_plan(asked)
    models = {work.cell.key: work.cell.model for work in plan.todo}
    assert {models[key] for key in plan.expected} == {"dummy"}
    assert {models[key] for key in plan.guessed} == {"keras_ensemble"}
    assert min(plan.guessed.values()) > 0


@pytest.mark.parametrize(
    ("asked", "said"),
    [({"metric": "f1"}, "name it with --positive"), ({"threshold": 0.3}, "leave --threshold out")],
)
def test_what_three_classes_cannot_have_is_refused_before_anything_is_fitted(
    tmp_path: Path, asked: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError, match=f"iris has 3: {said}"):
        make_plan(replace(config(tmp_path, "dummy"), **asked))


def findings_in(monkeypatch: pytest.MonkeyPatch, **findings: tuple[Finding, ...]) -> None:
    """Have catalogue tables found to hold something to check."""
    from suite.datasets import catalogue

    load = catalogue.load
    monkeypatch.setattr(
        catalogue,
        "load",
        lambda asked, protocol: replace(load(asked, protocol), findings=findings.get(str(asked.source), ())),
    )


def test_a_strict_plan_names_the_tables_that_have_something_to_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = (Finding(code="identifier", text=f"{name} counts the rows") for name in ("id", "row"))
    findings_in(monkeypatch, iris=(one, two), wine=(two,))
    tables = tuple(DataConfig(source=name) for name in ("iris", "digits", "wine"))
    asked = replace(config(tmp_path / "out", "dummy"), data=tables)
    assert [dataset.name for dataset in make_plan(asked).datasets] == ["iris", "digits", "wine"]
    with pytest.raises(NotChecked, match=r"\(2 in iris, 1 in wine\): id counts the rows$") as caught:
        make_plan(replace(asked, strict=True))
    assert caught.value.findings == {"iris": (one, two), "wine": (two,)}
    assert make_plan(replace(asked, data=tables[1:2], strict=True)).cells


def test_a_strict_run_in_python_stops_before_anything_is_fitted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    findings_in(monkeypatch, iris=(Finding(code="identifier", text="id counts the rows"),))
    with pytest.raises(UsageError, match="id counts the rows"):
        suite.run("dummy", "iris", out=tmp_path / "out", executor="inline", strict=True)
    assert not (tmp_path / "out").exists()


def test_plans_of_a_large_table_leave_no_file_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from suite.datasets import column_store

    monkeypatch.setattr(column_store, "LARGE_BYTES", 0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    opened = []
    for _ in range(4):
        planned = make_plan(config(tmp_path / "out", "dummy")).cells
        opened.append(len(list(Path("/proc/self/fd").iterdir())))
        assert planned[0].work.dataset.X.shape == (150, 4)
    assert opened == [opened[0]] * 4


def test_a_plan_has_the_floor_once_a_split_beside_what_was_asked_for(tmp_path: Path) -> None:
    plan = make_plan(replace(config(tmp_path, "extra_trees"), seeds=2))
    splits = [f"cv3-f{fold}" for fold in range(3)]
    floor = [item.work.cell for item in plan.cells if not item.asked]
    assert [(cell.model, cell.split, cell.seed) for cell in floor] == [
        ("dummy", split, 0) for split in splits
    ]
    assert [item.work.cell.model for item in plan.asked] == ["extra_trees"] * 6


def test_the_floor_of_several_data_sets_is_planned_for_each(tmp_path: Path) -> None:
    tables = tuple(DataConfig(source=name) for name in ("iris", "wine"))
    plan = make_plan(replace(config(tmp_path, "knn"), data=tables))
    assert {item.work.dataset.name for item in plan.cells if not item.asked} == {"iris", "wine"}


def test_the_floor_takes_no_part_in_what_a_cell_may_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "usable_cores", lambda: 4)
    alone = make_plan(replace(config(tmp_path, "knn"), protocol="holdout"))
    assert (len(alone.cells), alone.budget.threads, alone.budget.workers) == (2, 4, 1)


def test_a_floor_that_is_done_is_not_run_again_unless_all_is(tmp_path: Path) -> None:
    asked = config(tmp_path, "knn")
    suite.run("knn", "iris", protocol="cv3", out=tmp_path, executor="inline")
    assert make_plan(asked).todo == []
    assert len(make_plan(replace(asked, fresh=True)).todo) == 6
