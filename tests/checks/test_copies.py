from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.checks.copies import find_copies
from suite.datasets.columns.column_reading import ColumnReading
from suite.datasets.columns.typed import Column, type_of, typed


def type_column(values: pd.Series) -> Column:
    return typed(ColumnReading(name="x", read_as=type_of(values)), values)


def reason(values: object, y: np.ndarray, n_classes: int) -> str | None:
    return find_copies({"x": type_column(pd.Series(values))}, y, n_classes)[0].get("x")


@pytest.mark.parametrize("n_classes", [2, 3, 12])
def test_a_copy_is_known_under_any_values(n_classes: int, rng) -> None:
    y = rng.integers(0, n_classes, 400)
    days = pd.Timestamp("2020-02-03") + pd.to_timedelta(y * 40, unit="D")
    copies = [y, -y, y**3 / 7, 1e300 * y, [f"level {(code * 5) % 13}" for code in y], days]
    copies.append([None if code == 1 else str(code) for code in y])
    copies.append(np.where(y == 1, np.nan, y))
    for values in copies:
        assert reason(values, y, n_classes) == "repeats the target in every row"
    if n_classes == 2:
        assert reason(y.astype(bool), y, 2) == "repeats the target in every row"


@pytest.mark.parametrize(
    ("n", "differ", "is_copy"), [(400, 1, 1), (400, 2, 1), (400, 3, 0), (60, 1, 1), (60, 2, 0)]
)
def test_a_copy_may_differ_in_half_a_percent_of_the_rows_or_in_one(n, differ, is_copy, rng) -> None:
    y = rng.permutation(np.arange(n) % 2)
    values = y.copy()
    values[:differ] = 1 - values[:differ]
    rows = "1 row" if differ == 1 else f"{differ} rows"
    assert reason(values, y, 2) == (f"repeats the target but for {rows}" if is_copy else None)
    odd = [str(code) for code in y]
    odd[:differ] = [f"typo {i}" for i in range(differ)]
    assert reason(odd, y, 2) == (f"repeats the target but for {rows}" if is_copy else None)


def test_rows_that_differ_are_few_beside_those_outside_the_largest_class(rng) -> None:
    y = np.zeros(4000, dtype=int)
    y[:100] = 1
    values = y.copy()
    values[:5] = 0
    assert reason(values, y, 2) == "repeats the target but for 5 rows"
    values[:6] = 0
    # 20 rows are half a percent, but more than one in twenty of the smaller class.
    assert reason(values, y, 2) is None
    assert reason(np.zeros(4000), y, 2) is None


def test_agreement_that_chance_explains_is_none() -> None:
    even = np.arange(10) % 2
    assert reason(even, even, 2) is None
    one = np.arange(1000) == 500
    assert reason(one, one.astype(int), 2) is None
    assert reason(np.arange(20) % 2, np.arange(20) % 2, 2) == "repeats the target in every row"


def test_levels_that_split_or_join_classes_are_no_copy(rng) -> None:
    y = rng.integers(0, 3, 600)
    assert reason(np.minimum(y, 1), y, 3) is None
    assert reason(y * 2 + rng.integers(0, 2, 600), y, 3) is None


def test_a_copy_among_many_rows_is_found(rng) -> None:
    y = rng.integers(0, 5, 200_000)
    values = np.where(rng.random(200_000) < 0.003, 9999 + np.arange(200_000), y)
    assert (reason(values, y, 5) or "").startswith("repeats the target but for ")


@pytest.mark.parametrize(("share", "found"), [(0.7, True), (0.3, True), (0.05, False)])
def test_a_copy_is_known_by_the_rows_that_have_a_value(share: float, found: bool, rng) -> None:
    y = rng.integers(0, 3, 1000)
    there = np.arange(1000) < 1000 * share
    numbers, texts = np.where(there, y * 7 + 1, np.nan), np.where(there, y.astype(str), None)
    said = f"repeats the target where there is a value, in {int(1000 * share)} rows, in every row"
    for values in (numbers, texts):
        assert reason(values, y, 3) == (said.removesuffix(", in every row") if found else None)
    numbers[0] = 1 + 7 * ((y[0] + 1) % 3)
    assert reason(numbers, y, 3) == (said.replace("in every row", "but for 1 row") if found else None)
    numbers[:20] = 1 + 7 * ((y[:20] + 1) % 3)
    assert reason(numbers, y, 3) is None


def test_values_that_only_rows_of_one_class_have_are_no_copy(rng) -> None:
    y = rng.integers(0, 2, 1000)
    assert reason(np.where((y == 1) & (rng.random(1000) < 0.7), 1, np.nan), y, 2) is None


labels = st.lists(st.integers(0, 3), min_size=30, max_size=80)


@given(y=labels, noise=st.integers(0, 2), seed=st.integers(0, 99))
def test_nothing_depends_on_the_names_of_the_classes_or_on_the_order_of_the_rows(y, noise, seed) -> None:
    rng = np.random.default_rng(seed)
    labels = np.array(y)
    values = labels.copy()
    values[:noise] = rng.integers(0, 4, noise)
    found = reason(values, labels, 4)
    assert reason(values, rng.permutation(4)[labels], 4) == found
    assert reason(rng.permutation(4)[values] + 0.5, labels, 4) == found
    rows = rng.permutation(len(labels))
    assert reason(values[rows], labels[rows], 4) == found
