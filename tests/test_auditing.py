"""The audit as a call: what it keeps, what it reads, what it refuses."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import suite
from suite import api, auditing
from suite.config import RunConfig
from suite.errors import UnknownName, UsageError
from suite.events import Finished
from suite.store import Store


@pytest.fixture
def table() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    n = 400
    group = rng.integers(0, 40, n)
    y = rng.integers(0, 2, 40)[group]
    frame = pd.DataFrame({"x": rng.normal(size=n), "z": rng.normal(y, 1), "site": [f"s{g}" for g in group]})
    frame = frame.assign(y=np.where(rng.random(n) < 0.05, 1 - y, y))
    return pd.concat([frame, frame.iloc[:20]], ignore_index=True).sample(frac=1, random_state=0)


@pytest.fixture
def inline(tmp_path):
    return {"executor": "inline", "out": tmp_path}


def test_a_report_is_kept_and_read_as_it_is(table, tmp_path):
    report = suite.audit(table, target="y", out=tmp_path)
    assert {"repeated-rows", "group-column"} <= {f.code for f in report.grave}
    store = Store(tmp_path)
    assert store.audit_of(report.fingerprint, report.state, report.protocol) == report
    assert store.audit_of(report.fingerprint, report.state, "cv5") is None


def test_what_is_ignored_is_left_out_of_the_answer_and_not_of_what_is_kept(table, tmp_path):
    report = suite.audit(table, target="y", out=tmp_path, ignore=["sui012", "repeated-rows"])
    assert not {"repeated-rows", "group-column"} & {f.code for f in report.findings}
    kept = Store(tmp_path).audit_of(report.fingerprint, report.state, report.protocol)
    assert {"repeated-rows", "group-column"} <= {f.code for f in kept.findings}


def test_a_damaged_report_counts_as_none_and_is_named(table, tmp_path):
    report = suite.audit(table, target="y", out=tmp_path)
    asked = report.fingerprint, report.state, report.protocol
    (path,) = (tmp_path / "audit").iterdir()
    data = json.loads(path.read_text())
    for damage, said in (
        ({"n_rows": "x"}, "n_rows"),
        ({"protocol": "cv5"}, "edited"),
        ({"more": 1}, "unknown"),
        ({"n_rows": -1}, "n_rows"),
        ({"ceiling": 2.0}, "ceiling"),
        ({"twins": {"holdout-42": {"same": [-1]}}}, "twins.holdout-42.same"),
    ):
        path.write_text(json.dumps(data | damage))
        store = Store(tmp_path)
        assert store.audit_of(*asked) is None
        assert said in store.unreadable[path]
    path.write_text(json.dumps(data | {"version": 0}))
    store = Store(tmp_path)
    assert (store.audit_of(*asked), store.unreadable) == (None, {})


def test_a_run_keeps_an_audit_and_never_in_place_of_a_deeper_one(table, inline, tmp_path, monkeypatch):
    results = suite.run("dummy", table, target="y", **inline)
    report = results.store.audit(results.records[0])
    assert (report.extent, report.n_rows, report.protocol) == ("full", 420, "holdout")
    assert {"repeated-rows", "group-column"} <= {f.code for f in report.grave}
    assert report == suite.audit(table, target="y", out=tmp_path)
    monkeypatch.setattr(api, "_accuracy", lambda _: 0.5)
    deep = suite.audit(table, target="y", out=tmp_path, deep=True)
    suite.run("naive_bayes", table, target="y", **inline)
    assert Store(tmp_path).audit(results.records[0]) == deep


@pytest.mark.parametrize("limit", ["MOST_CELLS", "MOST_IN_TREES"])
def test_a_quick_audit_is_kept_of_a_large_table_until_a_whole_one_is(
    table, inline, tmp_path, monkeypatch, limit
):
    with monkeypatch.context() as patched:
        patched.setattr(auditing, limit, 1000)
        results = suite.run("dummy", table, target="y", **inline)
    report = results.store.audit(results.records[0])
    assert report.extent == "quick"
    assert {f.code for f in report.grave} == {"repeated-rows"}
    suite.run("dummy", table, target="y", **inline)
    assert Store(tmp_path).audit(results.records[0]).extent == "full"


@pytest.mark.parametrize("is_live", [True, False])
def test_a_run_finds_groups_in_a_column_that_is_left_out(inline, tmp_path, is_live):
    rng = np.random.default_rng(8)
    group = rng.integers(0, 1200, 3000)
    y = rng.integers(0, 2, 1200)[group]
    frame = pd.DataFrame({"x": rng.normal(size=3000), "name": [f"artist {g}" for g in group], "y": y})
    path = tmp_path / "t.csv"
    frame.to_csv(path, index=False)
    results = suite.run("dummy", frame if is_live else str(path), target="y", **inline)
    assert "name" in results.records[0].features.dropped
    (found,) = [f for f in results.store.audit(results.records[0]).findings if f.code == "group-column"]
    assert found.columns == ("name",)
    assert "it is left out" in found.text
    command = (
        "suite.run('hist_gb', ..." if is_live else f"suite run hist_gb --data {path} --target y --protocol "
    )
    assert found.to_do.startswith(command)


def test_a_table_that_is_gone_after_the_fits_gets_a_quick_audit(inline, tmp_path):
    path = tmp_path / "t.csv"
    rows = [f"{i * 37 % 101},name {i},{'ab'[i * i % 7 > 2]}" for i in range(200)]
    path.write_text("x,name,y\n" + "\n".join([*rows, *rows[:10]]) + "\n")

    def remove(event):
        if isinstance(event, Finished):
            path.unlink(missing_ok=True)

    results = suite.run("dummy", str(path), target="y", watch=remove, **inline)
    report = results.store.audit(results.records[0])
    assert (report.extent, report.n_rows) == ("quick", 210)


def test_a_board_names_groups_and_not_that_their_column_predicts_the_class(inline, tmp_path):
    rng = np.random.default_rng(3)
    group = rng.permutation(np.repeat(np.arange(120), 10))
    y = rng.integers(0, 2, 120)[group]
    table = pd.DataFrame({"x": rng.normal(size=1200), "patient": [f"s{g}" for g in group], "y": y})
    results = suite.run("dummy", table, target="y", **inline)
    assert [f.code for f in results.records[0].features.findings] == ["predicts-target"]
    (board,) = tmp_path.glob("*/*/LEADERBOARD.md")
    assert "patient names groups: 120 values" in board.read_text()
    assert "alone tells the class" not in board.read_text()


def test_a_run_does_not_fail_by_its_audit(table, inline, monkeypatch):
    def broken(*_):
        raise ValueError("no")

    monkeypatch.setattr("suite.checks.survey.quick", broken)
    results = suite.run("dummy", table, target="y", **inline)
    assert results.records[0].status == "ok"
    assert results.store.audit(results.records[0]) is None


def test_stored_predictions_give_suspects(table, inline, tmp_path):
    assert "label-suspects" not in {f.code for f in suite.audit(table, target="y", out=tmp_path).findings}
    suite.run("naive_bayes", table, target="y", **inline)
    (found,) = [
        f for f in suite.audit(table, target="y", out=tmp_path).findings if f.code == "label-suspects"
    ]
    assert "naive_bayes" in found.text
    assert len(found.rows) == min(10, found.number)


def test_deep_puts_what_a_model_gets_in_place_of_the_guess(table, tmp_path, monkeypatch):
    asked: list[RunConfig] = []

    def score(config: RunConfig) -> float:
        asked.append(config)
        return 0.5 + len(asked) / 100

    monkeypatch.setattr(api, "_accuracy", score)
    report = suite.audit(table, target="y", out=tmp_path, deep=True)
    (found,) = [f for f in report.findings if f.code == "group-column"]
    assert found.effect == (
        "hist_gb gets 0.510 without it and 0.520 with it where rows are split at random, 0.530 with it where no group "
        "is in both train and test"
    )
    assert [(run.protocol, run.data[0].drop, run.data[0].encode) for run in asked] == [
        ("holdout", ("site",), ()),
        ("holdout", (), ("site",)),
        ("grouped:site", (), ("site",)),
    ]
    assert report.extent == "deep"


@pytest.mark.slow
def test_deep_fits_a_model(table, tmp_path):
    report = suite.audit(table, target="y", out=tmp_path, deep=True)
    (found,) = [f for f in report.findings if f.code == "group-column"]
    figures = [float(word) for word in found.effect.split() if word.startswith("0.")]
    assert figures[1] > figures[0] + 0.1
    assert figures[1] > figures[2] + 0.1


def test_a_command_is_offered_for_a_table_that_has_a_name(tmp_path, table):
    path = tmp_path / "t.csv"
    table.to_csv(path, index=False)
    report = suite.audit(path, target="y", out=tmp_path / "out")
    (found,) = [f for f in report.findings if f.code == "group-column"]
    assert found.advice == (
        f"suite run hist_gb --data {path} --target y --protocol grouped:site scores groups never seen"
    )


def test_what_cannot_be_audited_is_refused(table, tmp_path):
    with pytest.raises(UnknownName, match="no code named 'nope'"):
        suite.audit(table, target="y", ignore="nope")
    with pytest.raises(UnknownName, match="did you mean encode"):
        suite.audit(table, target="y", encod="site")
    with pytest.raises(UsageError, match="one table is audited at a time, not 2"):
        suite.audit(["iris", "wine"])
    assert auditing.codes_named(["SUI001", "Target-Copy"]) == {"no-information", "target-copy"}
