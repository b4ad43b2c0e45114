"""Rows with equal features, against counting with pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suite.checks.repeats import MOST_KEPT, Positions, _at_most, find_repeats, row_keys


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 60), st.integers(1, 4))
def test_twins_and_ceiling_are_those_that_pandas_counts(seed: int, n: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "a": rng.choice([0.0, -0.0, 1.5, np.nan], n),
            "b": pd.Categorical(rng.choice(["x", "y", None], n)),
            "c": rng.integers(0, 2, n).astype(np.float32),
        }
    )
    y = rng.integers(0, k, n)
    order = rng.permutation(n)
    cut = max(1, n // 3)
    split = Positions(order[cut:], order[:cut])
    found = find_repeats(X, y, {"s": split})

    groups = X.assign(a=X.a + 0.0).groupby(["a", "b", "c"], dropna=False, observed=True).ngroup().to_numpy()
    table = pd.DataFrame({"group": groups, "y": y})
    assert found.n_repeated == n - len(np.unique(groups))
    best = table.groupby("group").y.agg(lambda labels: labels.value_counts().iloc[0]).sum()
    assert found.ceiling == pytest.approx(best / n)
    train = table.iloc[split.train]
    same, other = [], []
    for row in sorted(split.test):
        labels = train.y[train.group == groups[row]]
        if len(labels):
            (same if (labels == y[row]).all() else other).append(row)
    if found.n_repeated:
        assert (list(found.twins["s"].same), list(found.twins["s"].other)) == (same, other)
    else:
        assert not same + other


def test_values_in_other_columns_are_other_rows() -> None:
    X = pd.DataFrame({"a": [1.0, 2.0, 1.0], "b": [2.0, 1.0, 2.0]})
    one, two, three = row_keys(X)
    assert one == three != two


def test_copies_are_a_warning_and_chance_is_a_note(rng: np.random.Generator) -> None:
    n = 2000
    y = rng.integers(0, 2, n)
    split = {"s": Positions(np.arange(400, n), np.arange(400))}
    coarse = pd.DataFrame({f"c{i}": rng.integers(0, 3, n).astype(float) for i in range(5)})
    assert {f.grade for f in find_repeats(coarse, y, split).findings} == {"note"}
    fine = coarse.assign(x=rng.normal(size=n))
    assert find_repeats(fine, y, split).findings == ()
    fine.iloc[:40] = fine.iloc[1000:1040].to_numpy()
    y[:40] = 1 - y[1000:1040]
    found = find_repeats(fine, y, split)
    across, conflicts = found.findings
    assert (across.code, across.grade, across.number) == ("repeated-rows", "warning", 40)
    assert across.rows == tuple(range(10))
    assert "40 of 400 test rows (10.0 %) have a twin in train" in across.text
    assert (conflicts.code, conflicts.grade, conflicts.number) == ("conflicting-labels", "warning", 40)
    assert "no model can get more than 98.0 % of this table right" in conflicts.effect
    assert len(found.twins["s"].other) == 40


def test_twins_that_are_too_many_are_kept_for_the_first_splits() -> None:
    n = MOST_KEPT
    half = Positions(np.arange(0, n, 2), np.arange(1, n, 2))
    X = pd.DataFrame({"a": np.repeat(np.arange(n // 2), 2).astype(float)})
    found = find_repeats(X, np.zeros(n, dtype=np.int64), {"one": half, "two": half, "three": half})
    assert list(found.twins) == ["one", "two"]


@pytest.mark.parametrize(
    ("in_train", "tested", "labels", "gets"),
    [
        ([[1]], [1], "all with the same label", "all right"),
        ([[1, 0]], [1], "all with twins of both kinds", "all right by luck at best"),
        ([[0], [0, 2]], [1, 1], "all with another label", "all wrong"),
        (
            [[1], [1, 1], [0], [0, 1]],
            [1, 1, 1, 1],
            "2 with the same label, 1 with another label, 1 with twins of both kinds",
            "2 right, 1 wrong, 1 right by luck at best",
        ),
    ],
)
def test_what_memorising_gets_is_said_for_each_kind_of_twins(in_train, tested, labels, gets) -> None:
    rows = [(place, label, False) for place, found in enumerate(in_train) for label in found]
    rows += [(place, label, True) for place, label in enumerate(tested)] + [(99, 3, True)]
    x, y, is_test = map(np.array, zip(*rows, strict=True))
    split = Positions(np.flatnonzero(~is_test), np.flatnonzero(is_test))
    across = find_repeats(pd.DataFrame({"x": x.astype(float)}), y, {"s": split}).findings[0]
    assert f"with the same features, {labels} (" in across.text
    assert across.effect == f"of these, a model that memorises train gets {gets}"


@given(st.integers(0, 10**6 - 1))
def test_a_limit_is_never_said_too_low_nor_to_be_all(millionths: int) -> None:
    said = float(_at_most(millionths / 10**6).removesuffix(" %"))
    assert millionths / 10**4 - 1e-9 <= said < 100
    assert said < millionths / 10**4 + 0.1
