"""Records as an earlier suite wrote them, host and paths made up.

`records_of_version_1` holds cells of each kind, `records_of_version_2` one of two classes and one of three,
`records_of_version_3` folds, groups, failures, models of the user's and a published row, and what was kept of them,
`records_of_version_4` sealed ones, a failure among them.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from suite import api
from suite.errors import RecordError
from suite.keys import key_again
from suite.provenance import package_version
from suite.records import SCHEMA_VERSION, SEAL, from_dict, to_dict
from suite.schema import Failure
from suite.store import Store
from suite.verify import verify
from suite.writing import write_boards

VERSION_1 = Path(__file__).parent / "records_of_version_1"


VERSION_3 = Path(__file__).parent / "records_of_version_3"
VERSION_4 = Path(__file__).parent / "records_of_version_4"
VERSION_2 = Path(__file__).parent / "records_of_version_2"


def assert_kept(old: dict[str, Any], new: dict[str, Any]) -> None:
    """All that an old record says is said, with what came later beside it: unknown, or empty."""
    for name in old.keys() - {"schema_version"}:
        if name in ("timing", "resources"):
            assert {part: new[name][part] for part in old[name]} == old[name]
            assert {new[name][part] for part in new[name].keys() - old[name].keys()} <= {None}
        else:
            assert new[name] == old[name], name
    assert (new["tuning"], new["found"], new["timing"]["wall_s"]) == (None, {}, None)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    shutil.copytree(VERSION_1, tmp_path / "results")
    return Store(tmp_path / "results")


def test_every_record_of_an_earlier_version_is_read_and_keeps_what_it_says(store: Store) -> None:
    files = sorted(VERSION_1.rglob("seed-*.json"))
    assert {record.key: record for record in store.records()}.keys() == {
        json.loads(path.read_text())["key"] for path in files
    }
    assert store.unreadable == {}
    for path in files:
        old = json.loads(path.read_text())
        new = to_dict(from_dict(old))
        flat = {**new, **new["id"]}
        for name in old.keys() - {"schema_version", "n_validation"}:
            said = (
                {key: value for key, value in flat[name].items() if key in old[name]}
                if (isinstance(old[name], dict) and name not in ("metrics", "per_class", "params"))
                else flat[name]
            )
            assert said == old[name], (path, name)
        assert (new["schema_version"], new["id"]["role"]) == (SCHEMA_VERSION, "outer")
        # The figure of version 1 was the same for every model, whatever it held out.
        assert new["n_validation"] == (None if old["source"] == "run" else old["n_validation"])


def test_records_of_an_earlier_version_are_verified_and_shown(store: Store) -> None:
    assert {finding.verdict for finding in verify(store)} == {"agrees", "unchecked"}
    write_boards(store)
    board = (store.root / "iris" / "holdout" / "LEADERBOARD.md").read_text()
    assert "| 1 | logistic | linear |" in board
    assert "| mine.py:hang | timeout | holdout, seed 0 | was not done within 1 s |" in board


@pytest.fixture
def later(tmp_path: Path) -> Store:
    shutil.copytree(VERSION_2, tmp_path / "later")
    return Store(tmp_path / "later")


def test_the_brier_score_of_two_classes_is_halved_and_every_other_figure_kept(later: Store) -> None:
    halved = 0
    for path in sorted(VERSION_2.rglob("seed-*.json")):
        old = json.loads(path.read_text())
        new = to_dict(from_dict(old))
        if len(old["classes"]) == 2:
            halved += 1
            old["metrics"]["brier"] /= 2
        assert_kept(old, new)
        assert (new["positive"], new["train_classes"]) == ("", [])
    assert halved == 1
    assert {record.key for record in later.records()} == {
        json.loads(path.read_text())["key"] for path in VERSION_2.rglob("seed-*.json")
    }


def test_figures_that_came_later_are_not_missed_and_those_that_are_there_are_checked(later: Store) -> None:
    assert [finding.verdict for finding in verify(later)] == ["agrees", "agrees"]
    for path in later.root.rglob("seed-*.json"):
        data = json.loads(path.read_text())
        data["metrics"]["brier"] *= 2
        data["per_class"][data["classes"][0]]["recall"] = 0.123
        path.write_text(json.dumps(data))
    for finding in verify(later):
        assert finding.verdict == "edited"
        assert "brier" in finding.reason
        assert "figures of class" in finding.reason


@pytest.mark.parametrize("classes", [None, 2, "ab", {"a": 1}])
def test_what_is_no_record_is_no_crash(classes: object) -> None:
    broken = {"schema_version": 2, "classes": classes, "metrics": {"brier": 1.0}}
    with pytest.raises(RecordError):
        from_dict(broken)


def test_the_limit_that_was_met_stays_a_figure(store: Store) -> None:
    hung = next(record for record in store.records() if record.model == "mine.py:hang")
    assert isinstance(hung.failure, Failure)
    assert hung.failure.limit == 1.0
    assert store.is_done(hung, time_limit_s=1.0)
    assert not store.is_done(hung, time_limit_s=2.0)


def test_a_record_that_was_read_is_written_in_the_present_version(store: Store) -> None:
    record = next(record for record in store.records() if record.model == "logistic")
    path = store.save(record, store.predictions(record))
    assert json.loads(path.read_text())["schema_version"] == SCHEMA_VERSION
    assert Store(store.root).find(record.key) == record


@pytest.fixture
def third(tmp_path: Path) -> Store:
    shutil.copytree(VERSION_3, tmp_path / "third")
    return Store(tmp_path / "third")


def test_records_of_version_3_keep_all_they_say_and_have_nothing_to_bind_them(third: Store) -> None:
    files = sorted(VERSION_3.rglob("seed-*.json"))
    assert len(files) == len(third.records()) == 16
    assert third.unreadable == {}
    for path in files:
        old = json.loads(path.read_text())
        record = from_dict(old)
        new = to_dict(record)
        assert_kept(old, new)
        assert (record.basis, record.curve_sha256) == (None, None)
        if record.predictions_sha256:
            assert third.is_done(record, time_limit_s=None)


def test_records_of_version_3_are_verified_and_their_comparisons_serve(third: Store) -> None:
    before = {path: path.read_bytes() for path in (third.root / "statistics").iterdir()}
    assert {finding.verdict for finding in verify(third)} == {"agrees", "unchecked"}
    found = write_boards(third)
    assert {path: path.read_bytes() for path in (third.root / "statistics").iterdir()} == before
    assert sum(bool(board.comparisons) for board in found) == len(before)


def test_a_published_figure_of_version_3_under_another_name_is_found(third: Store) -> None:
    (path,) = third.root.rglob("original_tuned/*.json")
    data = json.loads(path.read_text())
    data["key"] = data["key"][:12] + "0" * 52
    path.write_text(json.dumps(data))
    assert {finding.verdict for finding in verify(third)} == {"agrees", "edited"}


@pytest.fixture
def fourth(tmp_path: Path) -> Store:
    shutil.copytree(VERSION_4, tmp_path / "fourth")
    return Store(tmp_path / "fourth")


def test_records_of_version_4_keep_all_they_say_and_know_of_no_search(fourth: Store) -> None:
    files = sorted(VERSION_4.rglob("seed-*.json"))
    assert len(files) == len(fourth.records()) == 8
    assert (fourth.unreadable, fourth.edited) == ({}, {})
    for path in files:
        old = json.loads(path.read_text())
        record = from_dict(old)
        assert record.basis
        assert record.basis.search == ""
        assert key_again(record) == record.key
        new = to_dict(record)
        assert new["basis"].pop("search") == ""
        assert_kept({name: value for name, value in old.items() if name != SEAL}, new)
        assert fourth.is_done(record, time_limit_s=None) == (record.status == "ok")


def test_records_of_version_4_are_verified_and_an_edited_one_is_found(fourth: Store) -> None:
    assert {finding.verdict for finding in verify(fourth)} == {"agrees"}
    write_boards(fourth)
    (path,) = fourth.root.rglob("knn/seed-*.json")
    data = json.loads(path.read_text())
    data["timing"]["fit_s"] = 0.0
    path.write_text(json.dumps(data))
    assert [f.verdict for f in verify(Store(fourth.root)) if f.verdict != "agrees"] == ["edited"]


def test_a_run_in_a_folder_of_version_4_fits_nothing_that_is_there(fourth: Store) -> None:
    before = {path: path.read_bytes() for path in fourth.root.rglob("seed-*")}
    versions = next(r for r in fourth.records() if r.model == "knn").provenance.packages
    if versions.get("scikit-learn") != package_version("scikit-learn"):
        pytest.skip("another scikit-learn makes other cells")
    found = api.run(
        ["naive_bayes", "knn"], "iris", protocol="holdout", out=fourth.root, executor="inline", threads=1
    )
    assert [record.status for record in found.records] == ["ok", "ok"]
    assert {path: path.read_bytes() for path in fourth.root.rglob("seed-*")} == before
