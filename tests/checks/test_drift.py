from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from suite.checks.drift import _area_error, find_row_drift, find_split_drift, find_time_drift


def turning(rng, n=1500):
    when, x = np.sort(rng.integers(0, 1000, n)).astype(float), rng.normal(size=n)
    y = np.where(when < 700, x > 0, x < 0).astype(np.int64)
    return when, x, np.where(rng.random(n) < 0.1, 1 - y, y)


def test_a_relation_that_turns_with_time_is_found_with_its_size(rng, typed):
    when, x, y = turning(rng)
    every = typed({"x": x, "z": rng.normal(size=len(x)), "when": when})
    features = {name: every[name] for name in ("x", "z")}
    (finding,) = find_time_drift(features, every, ["when"], y)
    assert (finding.code, finding.columns, finding.grade) == ("time-drift", ("when",), "warning")
    assert finding.number > 30
    assert "--protocol time:when" in finding.advice
    (finding,) = find_row_drift(features, y)
    assert (finding.code, finding.grade) == ("row-drift", "warning")


def test_times_that_change_nothing_give_nothing(rng, typed):
    _, x, _ = turning(rng)
    y = (x + rng.normal(0, 0.5, len(x)) > 0).astype(np.int64)
    every = typed({"x": x, "when": rng.integers(0, 1000, len(x)).astype(float), "once": np.ones(len(x))})
    assert find_time_drift(every, every, ["when", "once"], y) == []
    assert find_row_drift(every, y) == []


def test_shares_that_change_with_time_are_found(rng, typed):
    when = rng.integers(0, 1000, 2000).astype(float)
    every = typed({"x": rng.normal(size=2000), "when": when})
    strong = (rng.random(2000) < when / 1000).astype(np.int64)
    assert [f.grade for f in find_time_drift({"x": every["x"]}, every, ["when"], strong)] == ["warning"]
    weak = (rng.random(2000) < 0.35 + 0.3 * when / 1000).astype(np.int64)
    assert [f.grade for f in find_time_drift({"x": every["x"]}, every, ["when"], weak)] == ["note"]


@pytest.mark.parametrize("seed", range(4))
def test_a_random_split_is_not_told_apart(seed, typed):
    rng = np.random.default_rng(seed)
    order = rng.permutation(600)
    columns = typed({f"x{i}": rng.normal(size=600) for i in range(6)})
    assert find_split_drift(columns, order[:480], order[480:], "holdout") == []


def test_a_split_by_time_is_told_apart_as_a_note_and_another_one_as_a_warning(rng, typed):
    columns = typed({"x": rng.normal(size=1000), "trend": np.arange(1000) + rng.normal(0, 50, 1000)})
    rows = np.arange(1000)
    for protocol, grade in (("time:when", "note"), ("predefined:part", "warning")):
        (finding,) = find_split_drift(columns, rows[:800], rows[800:], protocol)
        assert (finding.grade, finding.columns) == (grade, ("trend",))
        assert finding.number > 0.9


def test_the_error_of_an_area_is_about_that_of_simulations():
    rng = np.random.default_rng(0)
    truth = np.repeat([0, 1], [200, 100])
    areas = [roc_auc_score(truth, rng.normal(0.8 * truth, 1.0)) for _ in range(200)]
    assert _area_error(float(np.mean(areas)), 100, 200) == pytest.approx(np.std(areas), rel=0.2)


def test_rows_that_stand_by_group_are_no_drift(rng, typed):
    group = np.repeat(np.arange(300), 10)
    y = rng.integers(0, 2, 300)[group]
    columns = typed({"x": rng.normal(size=300)[group] + rng.normal(0, 0.01, 3000)})
    groups = typed({"patient": group.astype(str)})
    assert find_row_drift(columns, y) != []
    assert find_row_drift(columns, y, groups) == []
    every = {**columns, **typed({"when": np.arange(3000.0)})}
    assert find_time_drift(columns, every, ["when"], y) != []
    assert find_time_drift(columns, every, ["when"], y, groups) == []


def test_groups_that_are_spread_over_a_time_hide_no_drift(rng, typed):
    _, x, y = turning(rng)
    groups = typed({"site": rng.integers(0, 40, len(x)).astype(str)})
    assert find_row_drift(typed({"x": x}), y, groups) != []
