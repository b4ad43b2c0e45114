"""The whole examination: ordinary tables give nothing, every planted fault is found."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from suite.checks import examine


@pytest.mark.parametrize(
    "seeds", [range(150), pytest.param(range(150, 500), marks=pytest.mark.slow)], ids=["first", "rest"]
)
def test_five_hundred_ordinary_tables_give_no_finding_and_lose_no_column(ordinary, seeds: range) -> None:
    for seed in seeds:
        audit = examine(*ordinary(seed))
        assert (audit.findings, dict(audit.left_out)) == ((), {}), seed


@pytest.mark.parametrize("seed", range(60))
def test_every_fault_planted_in_an_ordinary_table_is_found(seed: int, ordinary, typed) -> None:
    columns, y, classes = ordinary(seed, least=700)
    rng = np.random.default_rng(1000 + seed)
    n = len(y)
    order = np.argsort(y, kind="stable")
    columns = {name: (kind, v.iloc[order].reset_index(drop=True)) for name, (kind, v) in columns.items()}
    for name in ("year", "since", "month", "income"):
        columns.pop(name, None)
    y = y[order]
    changed = y.copy()
    changed[n // 2] = (y[n // 2] + 1) % len(classes)
    minutes = np.cumsum(rng.integers(1, 9, n))
    columns |= typed(
        {
            "row": rng.permutation(n) + 5000,
            "account": rng.permutation(n),
            "case_id": rng.choice(10**9, n, replace=False),
            "outcome": np.array([f"class {code}" for code in y]),
            "near": [str(code) for code in changed],
            "leak": y * 3.0 + rng.uniform(0, 2, n),
            "entered": pd.Timestamp("2021-01-01") + pd.to_timedelta(minutes, unit="min"),
        }
    )
    known = rng.random(n) < 0.7
    columns |= typed(
        {
            "confirmed": np.where(known, y + 3, np.nan),
            "final": np.where(known, y * 3.0 + rng.uniform(0, 2, n), np.nan),
        }
    )
    audit = examine(columns, y, classes)
    found = {(finding.code, name) for finding in audit.findings for name in finding.columns}
    assert found == {
        ("identifier", "account"),
        ("target-copy", "outcome"),
        ("target-copy", "near"),
        ("target-copy", "confirmed"),
        ("predicts-target", "leak"),
        ("predicts-target", "final"),
        ("sorted-rows", "entered"),
    }
    assert set(audit.left_out) == {"row", "account", "case_id", "outcome", "near", "confirmed"}
    codes = [finding.code for finding in audit.findings]
    assert codes == sorted(codes, key=["target-copy", "predicts-target", "sorted-rows", "identifier"].index)


def test_every_sentence_says_what_was_found_what_was_done_and_how_to_overrule_it(rng, typed) -> None:
    y = np.repeat([0, 1], 50)
    columns = typed({"id": np.arange(100), "x": rng.normal(size=100), "copy": y + 7, "z": np.arange(100)})
    audit = examine(columns, y, ("a", "b"))
    assert [finding.text for finding in audit.findings] == [
        "copy repeats the target in every row: left out; --keep copy uses it",
        "z counts the rows: left out; --keep z uses it",
    ]
    reasons = {"copy": "repeats the target in every row", "id": "counts the rows", "z": "counts the rows"}
    assert dict(audit.left_out) == reasons
    assert audit.notes == ("the rows are sorted by class",)


def test_a_column_that_is_kept_is_used_and_only_said_to_be_a_copy(rng, typed) -> None:
    y = np.repeat([0, 1], 50)
    columns = typed({"id": np.arange(100), "copy": y + 7, "x": rng.normal(size=100)})
    audit = examine(columns, y, ("a", "b"), keep=("id", "copy"))
    assert dict(audit.left_out) == {}
    assert [finding.text for finding in audit.findings] == [
        "copy repeats the target in every row: used, as --keep asks"
    ]


def test_columns_of_one_finding_share_a_sentence(rng, typed) -> None:
    y = rng.integers(0, 2, 100)
    columns = typed({f"x{i}": rng.permutation(100) for i in range(7)})
    (finding,) = examine(columns, y, ("a", "b")).findings
    assert finding.text == ("x0, x1, x2, x3, x4 and 2 more count the rows: left out; --keep COLUMN uses one")
    assert len(finding.columns) == 7


@pytest.mark.parametrize("n", [1, 2, 5])
def test_tables_of_almost_no_row_or_no_column_are_no_trouble(n: int, typed) -> None:
    y = np.arange(n) % 2
    assert examine({}, y, ("a", "b")).findings == ()
    odd = typed({"hole": [np.nan] * n, "text": ["a"] * n, "inf": [np.inf] * n, "none": [None] * n})
    assert [finding.code for finding in examine(odd, y, ("a", "b")).findings] == ["no-information"]


def test_a_table_without_information_is_said_to_have_none(rng, typed) -> None:
    y = rng.integers(0, 2, 100)
    constant = typed({"one": np.ones(100), "text": ["a"] * 100, "yes": [True] * 100})
    for columns in (constant, constant | typed({"id": np.arange(100)})):
        (finding,) = examine(columns, y, ("a", "b")).findings
        assert finding.code == "no-information"
        assert finding.text == (
            "every column that is used has one value: no model can do better than the largest class"
        )
    for varies in (rng.normal(size=100), np.where(np.arange(100) < 5, np.nan, 1)):
        assert examine(constant | typed({"x": varies}), y, ("a", "b")).findings == ()


def test_a_thousand_classes_take_no_tree_for_every_column(rng, typed) -> None:
    y = rng.integers(0, 1000, 20_000)
    columns = typed({f"c{i}": rng.normal(size=20_000) for i in range(20)})
    start = time.process_time()
    assert examine(columns, y, tuple(map(str, range(1000)))).findings == ()
    assert time.process_time() - start < 2


def test_fifty_thousand_rows_take_a_fraction_of_a_second(rng, typed) -> None:
    n = 50_000
    y = rng.integers(0, 10, n)
    columns = typed(
        {f"c{i}": rng.normal(size=n) if i % 3 else rng.integers(0, 10**6, n) for i in range(14)}
        | {"id": np.arange(n), "letter": rng.choice(list("abcdefg"), n), "copy": y * 1.5}
    )
    times = []
    for _ in range(3):
        start = time.process_time()
        examine(columns, y, tuple(map(str, range(10))))
        times.append(time.process_time() - start)
    assert min(times) < 0.5
