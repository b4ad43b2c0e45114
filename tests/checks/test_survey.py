"""The whole survey: honest tables give no warning, every planted fault is found."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import suite
from suite.checks.repeats import Positions
from suite.checks.survey import Surveyed, in_trees


@pytest.fixture
def grave(tmp_path):
    def of(table):
        return [found.code for found in suite.audit(table, target="y", out=tmp_path).grave]

    return of


def test_honest_tables_give_no_warning(clean_table, grave):
    assert [seed for seed in range(5) if grave(clean_table(seed))] == []


@pytest.fixture
def patients() -> pd.DataFrame:
    """120 patients of ten rows each, patient by patient; the label never changes within one."""
    rng = np.random.default_rng(3)
    patient = np.repeat(np.arange(120), 10)
    level, y = rng.normal(size=(120, 3))[patient], rng.integers(0, 2, 120)[patient]
    table = pd.DataFrame(level + rng.normal(0, 0.1, level.shape), columns=list("abc"))
    names = np.array([f"P{code}" for code in rng.permutation(9000)[:120] + 1000])
    return table.assign(patient=names[patient], y=np.array(["no", "yes"])[y])


@pytest.mark.parametrize("is_shuffled", [True, False])
def test_a_group_whose_label_never_changes_is_a_group_and_no_drift(patients, tmp_path, is_shuffled):
    table = patients.sample(frac=1, random_state=0, ignore_index=True) if is_shuffled else patients
    (found,) = suite.audit(table, target="y", out=tmp_path).grave
    assert (found.code, found.columns) == ("group-column", ("patient",))
    assert "protocol='grouped:patient'" in found.to_do
    assert found.to_do.endswith(
        "if it is known only after the class, and names no groups, leave it out: --drop patient"
    )
    numbered = table.assign(patient=[int(re.sub(r"\D", "", name)) for name in table.patient])
    assert [f.code for f in suite.audit(numbered, target="y", out=tmp_path).grave] == ["group-column"]


def test_a_leak_of_few_levels_tells_the_class_and_names_no_groups(patients, tmp_path):
    rng = np.random.default_rng(4)
    outcome = [
        f"{label}{letter}" for label, letter in zip(patients.y, rng.choice(list("abc"), 1200), strict=True)
    ]
    table = patients.drop(columns="patient").assign(outcome=outcome).sample(frac=1, random_state=0)
    codes = {f.code: f.columns for f in suite.audit(table, target="y", out=tmp_path).grave}
    assert codes == {"predicts-target": ("outcome",)}


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_two_hundred_honest_tables_give_at_most_two_false_alarms(clean_table, grave):
    assert sum(bool(grave(clean_table(seed))) for seed in range(200)) <= 2


def _missed(table, seed, planted, tmp_path, places=None):
    missed = []
    for place, (code, faulty) in enumerate(planted(table, seed)):
        if places is not None and place not in places:
            continue
        report = suite.audit(faulty, target="y", out=tmp_path)
        # With little noise, a copy tells the class like any column that nearly does.
        codes = (code, "predicts-target") if code == "noisy-copy" else (code,)
        found = [finding for finding in report.findings if finding.code in codes]
        is_note = code in ("identifier", "class-order")
        if not found or (found[0].grade == "note") != is_note or not found[0].to_do:
            missed.append((place, code))
    return missed


def test_a_noisy_leak_a_copied_row_a_drift_and_a_group_are_found(clean_table, planted, tmp_path):
    assert _missed(clean_table(1, 600), 1, planted, tmp_path, {4, 8, 10, 13}) == []


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(1, 7))
def test_every_planted_fault_is_found(seed, clean_table, planted, tmp_path):
    assert _missed(clean_table(seed, 1000), seed, planted, tmp_path) == []


@pytest.mark.data
def test_music_genre_gives_the_known_faults(data_dir, tmp_path):
    report = suite.audit("music_genre", data_dir=data_dir, out=tmp_path)
    by_code = {}
    for finding in report.findings:
        by_code.setdefault(finding.code, []).append(finding)
    assert report.n_repeated == 1641
    assert by_code["conflicting-labels"][0].number == 1633
    assert by_code["repeated-rows"][0].number == 526
    assert [f.columns for f in by_code["group-column"]] == [("artist_name",)]
    assert "instance_id" in {name for f in by_code["no-feature"] for name in f.columns}
    junk = {f.columns: f.number for f in by_code["junk-level"]}
    assert junk == {("artist_name",): 2489}
    assert {4980, 4939, 2489, 5} <= {f.number for f in by_code["reading-note"]}
    assert {f.code for f in report.grave} == {"repeated-rows", "conflicting-labels", "group-column"}


def test_trees_learn_from_a_table_once_and_again_for_each_time(typed):
    columns = typed({"x": np.arange(9000.0), "z": np.arange(9000.0)})
    split = {"s": Positions(np.arange(10), np.arange(10, 20))}

    def cells(more=()):
        unused = typed({name: np.arange(9000.0) for name in more})
        y = np.zeros(9000, dtype=np.int64)
        return in_trees(
            Surveyed(columns=columns, y=y, classes=("a",), splits=split, protocol="holdout", unused=unused)
        )

    assert cells() == 12_000
    assert cells(["timestamp"]) == 24_000
