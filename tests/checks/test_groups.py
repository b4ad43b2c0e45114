from __future__ import annotations

import numpy as np
import pandas as pd

from suite.checks.groups import find_groups


def named(columns, y, typed, **more):
    return [f.columns[0] for f in find_groups(typed(columns), y, int(y.max()) + 1, (), **more)]


def test_names_and_numbers_of_groups_are_found_and_amounts_are_not(rng, typed):
    n, n_groups = 2000, 150
    group = rng.integers(0, n_groups, n)
    y = rng.integers(0, 3, n_groups)[group]
    columns = {
        "patient": rng.permutation(10_000)[:n_groups][group],
        "subject": np.array([f"s{code}" for code in group]),
        "town": rng.choice([f"t{i}" for i in range(60)], n),
        "age": np.round(rng.normal(40 + 15 * y, 4)),
        "score": np.round(100 * y / 2 + rng.normal(0, 3, n)),
        "x": rng.normal(y, 1),
        "sex": rng.choice(["m", "f"], n),
    }
    assert sorted(named(columns, y, typed)) == ["patient", "subject"]


def test_a_copy_of_many_classes_is_no_group(rng, typed):
    y = np.repeat(np.arange(15), 40)
    columns = {
        "of_class": np.array([f"v{code}" for code in y]),
        "subject": np.repeat(np.arange(60), 10).astype(str),
    }
    assert named(columns, y, typed) == ["subject"]


def test_a_level_a_class_and_nearly_all_different_levels_are_no_groups(rng, typed):
    n = 1000
    y = rng.integers(0, 2, n)
    columns = {
        "of_class": np.array([f"v{5 * code + rng.integers(0, 5)}" for code in y]),
        "track": np.array([f"t{i}" for i in rng.integers(0, 5000, n)]),
    }
    assert named(columns, y, typed) == []


def test_repeated_rows_make_no_groups_of_a_number(rng, typed):
    half = rng.normal(size=500)
    y = np.tile(rng.integers(0, 2, 500), 2)
    columns = {"x": np.tile(half, 2)}
    first = np.arange(1000) < 500
    assert named(columns, y, typed, first=first) == []


def test_a_finding_offers_the_protocol_and_names_rows_of_one_group(rng, typed):
    group = np.repeat(np.arange(50), 12)
    y = rng.integers(0, 2, 50)[group]
    (finding,) = find_groups(typed({"the site": [f"s{g}" for g in group]}), y, 2, ("the site",))
    assert "'grouped:the site'" in finding.advice
    assert "it is used" in finding.text
    assert finding.number == 50
    assert len(set(group[list(finding.rows)])) == 1


def test_groups_in_a_large_table_are_looked_for_in_pieces_that_keep_them(rng, typed, monkeypatch):
    monkeypatch.setattr("suite.checks.groups.MOST_ROWS", 1000)
    group = np.repeat(np.arange(500), 10)
    y = rng.integers(0, 2, 500)[group]
    frame = pd.Series([f"s{g}" for g in group])
    (finding,) = find_groups(typed({"s": frame}), y, 2, ())
    assert finding.number == 500
