from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from suite.checks.predictors import find_predictors
from suite.datasets.columns.column_reading import ColumnReading
from suite.datasets.columns.typed import Column, type_of, typed


def type_column(values: pd.Series) -> Column:
    return typed(ColumnReading(name="x", read_as=type_of(values)), values)


def said(values: object, y: np.ndarray, n_classes: int) -> list[str]:
    return [finding.text for finding in find_predictors({"x": type_column(pd.Series(values))}, y, n_classes)]


@pytest.mark.parametrize("n_classes", [2, 3, 10])
def test_a_number_a_date_a_gap_or_a_text_that_tells_the_class_is_said(n_classes: int, rng) -> None:
    y = rng.integers(0, n_classes, 1500)
    scores = y + rng.uniform(0, 1.004, 1500)
    days = pd.Timestamp("2020-01-01") + pd.to_timedelta((scores * 100).astype(int), unit="D")
    texts = [f"{code}{letter}" for code, letter in zip(y, rng.choice(list("abcdefgh"), 1500), strict=True)]
    for values in (scores, -1e30 * scores, days, texts):
        (text,) = said(values, y, n_classes)
        assert text.startswith("x alone tells the class in ")
        assert text.endswith("used, though it may be known only afterwards; --drop x leaves it out")


def test_a_value_that_only_one_class_has_tells_it(rng) -> None:
    y = rng.integers(0, 2, 500)
    assert said(np.where(y == 1, rng.normal(size=500), np.nan), y, 2)
    assert said(np.where(y == 1, rng.normal(size=500), np.inf), y, 2)


def test_a_column_is_judged_by_the_rows_that_have_a_value(rng) -> None:
    y = rng.integers(0, 2, 1000)
    for share, n in ((0.7, 700), (0.2, 200)):
        there = np.arange(1000) < 1000 * share
        (text,) = said(np.where(there, y * 3.0 + rng.uniform(0, 2, 1000), np.nan), y, 2)
        assert text.startswith(f"x alone tells the class in 100 % of the {n} rows where it has a value: used")
        assert said(np.where(there, y * 2.0 + rng.normal(size=1000), np.nan), y, 2) == []
    # Too few rows to be judged by.
    assert said(np.where(np.arange(1000) < 90, y * 3.0 + rng.uniform(0, 2, 1000), np.nan), y, 2) == []


@pytest.mark.parametrize(("wrong", "is_said"), [(5, True), (10, True), (11, False), (100, False)])
def test_two_percent_of_the_errors_of_guessing_may_remain(wrong: int, is_said: bool, rng) -> None:
    y = np.arange(1000) % 2
    codes = y.copy()
    codes[rng.choice(1000, wrong, replace=False)] ^= 1
    texts = [f"{code}{letter}" for code, letter in zip(codes, rng.choice(list("abc"), 1000), strict=True)]
    assert bool(said(texts, y, 2)) == is_said
    assert bool(said(codes + rng.choice([0.0, 0.3], 1000), y, 2)) == is_said


def test_the_share_is_never_rounded_up_to_all(rng) -> None:
    y = np.arange(20_000) % 2
    codes = y.copy()
    codes[0] = 1
    assert "in 99.9 % of the rows" in said(codes + rng.choice([0.0, 0.3], 20_000), y, 2)[0]


def test_values_that_nearly_every_row_has_for_itself_tell_nothing(rng) -> None:
    y = rng.integers(0, 2, 400)
    assert said([f"name {i}" for i in range(400)], y, 2) == []
    assert said([f"name {i // 2}" for i in range(400)], np.repeat(y[:200], 2), 2) == []
    assert said(rng.permutation(400), y, 2) == []


def test_good_features_are_no_suspects(typed) -> None:
    from sklearn.datasets import load_breast_cancer, load_iris, load_wine

    for load in (load_iris, load_wine, load_breast_cancer):
        X, y = load(return_X_y=True)
        columns = typed({f"x{i}": column for i, column in enumerate(X.T)})
        assert find_predictors(columns, y, int(y.max()) + 1) == []


def test_few_rows_outside_the_largest_class_tell_nothing(rng) -> None:
    y = np.repeat([0, 1], [200, 19])
    assert said(y + rng.uniform(0, 0.5, 219), y, 2) == []
    y = np.repeat([0, 1], [200, 20])
    assert said(y + rng.uniform(0, 0.5, 220), y, 2) != []
