from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import suite
from suite.config import DataConfig, RunConfig
from suite.errors import UnknownName, UsageError
from suite.events import Event, Finished, Planned
from suite.models.dummy import PriorClassifier
from suite.results import Results


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    models = ["dummy", "extra_trees"]
    return suite.run(models, "iris", out=tmp_path_factory.mktemp("out"), protocol="cv3", seeds=2)


def test_a_run_has_a_record_for_every_model_split_and_seed_that_moves_it(results: Results) -> None:
    cells = {(r.model, r.split, r.seed) for r in results.records}
    assert len(cells) == len(results.records) == 3 + 3 * 2
    assert not results.failed


def test_the_leaderboard_is_a_frame_with_a_row_a_model(results: Results) -> None:
    board = results.leaderboard()
    assert board["model"].tolist() == ["extra_trees", "dummy"]
    assert board["rank"].tolist() == [1, 2]
    assert board["accuracy"].iloc[0] > 0.9


def test_per_class_and_confusion_agree_with_the_records(results: Results) -> None:
    assert results.per_class().loc["setosa", "extra_trees"] == 1.0
    matrix = results.confusion("extra_trees")
    assert matrix.to_numpy().sum() == 150
    with pytest.raises(UnknownName, match="did you mean extra_trees"):
        results.confusion("extra_tres")


def test_predictions_come_back_in_the_order_of_the_plan(results: Results) -> None:
    predictions = results.predictions("extra_trees")
    assert len(predictions) == 6
    first = next(r for r in results.records if r.model == "extra_trees")
    right = predictions[0].proba.argmax(axis=1) == predictions[0].y_true
    assert first.metrics["accuracy"] == np.mean(right)


def test_a_watcher_sees_every_cell_finish(tmp_path: Path) -> None:
    seen: list[Event] = []
    suite.run("dummy", "iris", out=tmp_path, watch=seen.append)
    planned, *rest = seen
    assert isinstance(planned, Planned)
    assert [cell.split for cell in planned.cells] == [f"cv5-f{i}" for i in range(5)]
    assert set(planned.guessed) == {cell.key for cell in planned.cells}
    assert planned.at_once == planned.budget.workers
    assert not any(isinstance(event, Planned) for event in rest)
    assert sum(isinstance(event, Finished) for event in seen) == 5
    suite.run("dummy", "iris", out=tmp_path, watch=seen.append)
    assert sum(isinstance(event, Finished) and event.cached for event in seen) == 5


def test_the_floor_stands_on_the_boards_and_nowhere_else(tmp_path: Path) -> None:
    seen: list[Event] = []
    options = {"protocol": "cv3", "out": tmp_path, "executor": "inline"}
    for _ in range(2):
        results = suite.run("knn", "iris", watch=seen.append, **options)
        assert [record.model for record in results.records] == ["knn"] * 3
        assert [row.model for row in results.boards[0].ranked] == ["knn", "dummy"]
    planned = [event for event in seen if isinstance(event, Planned)]
    assert {cell.model for event in planned for cell in event.cells} == {"knn"}
    assert set(planned[0].guessed) == {cell.key for cell in planned[0].cells}
    assert {event.cell.model for event in seen if not isinstance(event, Planned)} == {"knn"}
    stored = results.store.records()
    assert (
        sorted((record.model, record.attempt) for record in stored) == [("dummy", 1)] * 3 + [("knn", 1)] * 3
    )


def test_a_floor_that_fails_is_no_failure_of_what_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(self: Any, X: Any, y: Any) -> None:
        raise RuntimeError("no floor today")

    monkeypatch.setattr(PriorClassifier, "fit", fails)
    results = suite.run("knn", "iris", protocol="holdout", out=tmp_path, executor="inline")
    assert results.failed == []
    assert [failure.model for failure in results.boards[0].failures] == ["dummy"]


@pytest.mark.parametrize("last", [1, 3])
def test_an_interrupted_run_says_how_many_of_the_cells_that_were_asked_for_are_left(
    tmp_path: Path, last: int
) -> None:
    finished = 0

    def interrupt(event: Event) -> None:
        nonlocal finished
        finished += isinstance(event, Finished)
        if finished == last:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        suite.run("knn", "iris", protocol="cv3", out=tmp_path, executor="inline", watch=interrupt)
    board = (tmp_path / "iris" / "cv3" / "LEADERBOARD.md").read_text()
    assert ("and 2 fits are not done yet" in board) == (last == 1)
    assert ("Partial" in board) == (last == 1)


FIT = """
import json, sys, suite
results = suite.run(["logistic", "hist_gb", "random_forest"], "iris", out=sys.argv[1], protocol="holdout")
print(json.dumps([r.predictions_sha256 for r in results.records]))
"""


@pytest.mark.slow
def test_the_same_cells_give_the_same_predictions_in_a_fresh_process(tmp_path: Path) -> None:
    models = ["logistic", "hist_gb", "random_forest"]
    here = suite.run(models, "iris", out=tmp_path / "here", protocol="holdout")
    command = [sys.executable, "-c", FIT, str(tmp_path / "there")]
    there = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert json.loads(there.splitlines()[-1]) == [r.predictions_sha256 for r in here.records]


def test_results_are_shown_as_a_short_board(results: Results) -> None:
    first, title, *rest = repr(results).splitlines()
    assert first == f"<Results: 9 records, 0 failed, in {results.store.root}>"
    assert title.startswith("iris, cv3: 3 classes")
    ranked = [line.split()[:2] for line in rest if line[:1].isdigit()]
    assert ranked == [["1", "extra_trees"], ["2", "dummy"]]
    assert "Without a score" not in repr(results)


def test_the_help_lists_every_option_with_its_default() -> None:
    told = suite.run.__doc__ or ""
    for field in dataclasses.fields(RunConfig):
        if field.name not in ("models", "data"):
            default = re.escape(
                repr(str(field.default) if field.name == "out" else field.default).replace("'", '"')
            )
            assert re.search(rf"^ +{field.name} : .+, default={default}$", told, re.MULTILINE), field.name
    assert all(field.name in told for field in dataclasses.fields(DataConfig) if field.name != "source")


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"watch": 3}, "watch is a function"),
        ({"out": ""}, "out takes a folder"),
        ({"seed": 3}, "did you mean seeds"),
    ],
)
def test_what_no_run_can_be_asked_is_refused(given: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        suite.run("dummy", "iris", **given)


@pytest.mark.parametrize(
    ("models", "said"),
    [
        (object(), "models are a name, a classifier, .* not an object of type object"),
        ([], "no model named: name one or more (suite list models), or all"),
        ("knm", "did you mean knn"),
    ],
)
def test_a_refusal_shows_no_frame_of_ours_but_the_call(models: Any, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        suite.run(models, "iris")
    assert re.search(said.replace("(", r"\(").replace(")", r"\)"), str(caught.value))
    assert [entry.name for entry in caught.traceback][1:] == ["run"]
    assert caught.value.__suppress_context__


def test_a_record_can_be_traced(results: Results) -> None:
    record = dataclasses.asdict(results.records[0])
    assert {"python", "packages", "cpu", "cores", "os", "git", "suite", "started_at"} <= set(
        record["provenance"]
    )
    assert record["resources"]["threads"] >= 1
    assert record["predictions_sha256"]


def test_the_command_and_the_function_go_through_one_entrance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from suite import running
    from suite.commands import main

    asked: list[RunConfig] = []

    def entrance(config: RunConfig, watch: Any = None) -> Any:
        asked.append(config)
        raise UsageError("far enough")

    monkeypatch.setattr(running, "carry_out", entrance)
    with pytest.raises(UsageError):
        suite.run(["dummy", "knn"], ["iris", "wine"], seeds=2, drop=["a", "b"], out=tmp_path)
    data = ["--data", "iris", "--data", "wine", "--drop", "a", "--drop", "b"]
    assert main(["run", "dummy", "knn", *data, "--seeds", "2", "--out", str(tmp_path)]) == 2
    assert asked[0] == asked[1]


def test_workers_start_before_the_plan_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from suite import running
    from suite.execution import local

    order: list[str] = []
    pool, plan = local.Pool, running.make_plan
    monkeypatch.setattr(local, "Pool", lambda *args, **told: order.append("workers") or pool(*args, **told))
    monkeypatch.setattr(running, "make_plan", lambda config: order.append("plan") or plan(config))
    suite.run("dummy", "iris", protocol="holdout", threads=1, out=tmp_path)
    assert order == ["workers", "plan"]


def test_a_run_that_is_refused_before_its_first_cell_leaves_the_boards_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"protocol": "holdout", "out": tmp_path, "executor": "inline"}
    suite.run("dummy", "iris", **options)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.md")}

    def refuse(*_: object) -> None:
        raise UsageError("no cluster there")

    monkeypatch.setattr("suite.running._placer", refuse)
    with pytest.raises(UsageError, match="no cluster there"):
        suite.run(["dummy", "knn"], "iris", **options)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.md")} == before
