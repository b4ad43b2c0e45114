from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from suite.encoders import HeldOutTargetEncoder, NormalQuantiles, Winsorizer
from suite.features import n_coded, native, native_draws, scaled, scaled_draws
from suite.schema import Kind, Task


def table(n: int = 120) -> tuple[pd.DataFrame, np.ndarray]:
    generator = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "f0": generator.normal(5.0, 3.0, n).astype(np.float32),
            "f1": np.where(generator.random(n) < 0.2, np.nan, generator.exponential(size=n)),
            "f2": pd.Categorical(generator.choice(["a", "b", None], n), categories=["a", "b", "never"]),
            "f3": pd.Categorical([f"level {i % 40}" for i in range(n)]),
            "f4": pd.Categorical([f"name {i % 30}" for i in range(n)]),
            "f5": np.full(n, 7.0),
        }
    )
    return X, np.arange(n) % 3


def task_of(X: pd.DataFrame, y: np.ndarray) -> Task:
    kinds: tuple[Kind, ...] = ("numeric", "numeric", "categorical", "categorical", "text", "numeric")
    return Task(
        kinds=kinds,
        levels=(0, 0, 3, 40, 30, 0),
        n_train=len(y),
        n_features=X.shape[1],
        n_classes=len(np.unique(y)),
        validation=np.arange(len(y) - len(y) // 5, len(y)),
    )


@pytest.mark.parametrize("scaling", ["standard", "quantile"])
def test_scaled_gives_finite_float32_columns_of_comparable_size(scaling: str) -> None:
    X, y = table()
    matrix = scaled(task_of(X, y), scaling=scaling).fit_transform(X, y)
    assert matrix.dtype == np.float32
    assert np.isfinite(matrix).all()
    assert abs(matrix[:, 0].mean()) < 0.1
    assert np.abs(matrix).max() < 8
    n_missing_indicators, n_one_hot, n_target = 1, 3, 2 * 3
    assert matrix.shape == (len(y), 3 + n_missing_indicators + n_one_hot + n_target)


def test_codes_come_first_and_a_level_not_seen_in_fit_is_zero() -> None:
    X, y = table()
    task = task_of(X, y)
    train = X.copy()
    train.loc[train["f2"].eq("b"), "f2"] = "a"
    prepare = scaled(task, scaling="quantile", categories="codes").fit(train, y)
    matrix = prepare.transform(X)
    assert n_coded(task) == 2
    assert (matrix[:, 0] == 0).tolist() == X["f2"].eq("b").tolist()
    assert sorted(np.unique(matrix[:, 1])) == list(range(1, 41))


def test_scaled_learns_from_the_rows_of_fit_alone() -> None:
    X, y = table()
    prepare = scaled(task_of(X, y)).fit(X, y)
    alone = prepare.transform(X.iloc[:5])
    with_outlier = X.copy()
    with_outlier.loc[6:, "f0"] = 1e6
    assert np.array_equal(alone, prepare.transform(with_outlier.iloc[:5]))


def test_native_keeps_numbers_and_their_gaps_and_makes_categories_of_codes() -> None:
    X, y = table()
    frame = native(task_of(X, y)).fit_transform(X, y)
    assert np.array_equal(frame["f1"].to_numpy(), X["f1"].to_numpy(), equal_nan=True)
    assert isinstance(frame["f2"].dtype, pd.CategoricalDtype)
    assert frame["f2"].isna().equals(X["f2"].isna())
    assert list(frame["f2"].cat.categories) == [0, 1]


def test_a_level_first_seen_after_fit_is_missing_to_boosters() -> None:
    X, y = table()
    train, test = X.iloc[:60].copy(), X.iloc[60:].copy()
    train.loc[:, "f2"] = "a"
    prepare = native(task_of(X, y)).fit(train, y[:60])
    frame = prepare.transform(test)
    assert frame["f2"].isna().equals(test["f2"].ne("a"))
    assert list(frame["f2"].cat.categories) == [0]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**31 - 1))
def test_target_encoding_never_sees_the_labels_of_held_out_rows(seed: int) -> None:
    generator = np.random.default_rng(seed)
    n, held_out = 90, np.arange(60, 90)
    X = pd.DataFrame({"f0": pd.Categorical(generator.integers(0, 8, n).astype(str))})
    y = np.arange(n) % 3
    other = y.copy()
    other[held_out] = generator.permutation(other[held_out])
    one = HeldOutTargetEncoder(held_out, random_state=0).fit_transform(X, y)
    assert np.array_equal(one, HeldOutTargetEncoder(held_out, random_state=0).fit_transform(X, other))


@pytest.mark.parametrize("prepare", [scaled, native])
def test_no_features_learn_from_labels_that_are_held_out(prepare: Callable[..., Any]) -> None:
    X, y = table()
    held_out = np.arange(90, 120)
    other = y.copy()
    other[held_out] = 0
    one, two = (
        np.asarray(prepare(task_of(X, y), held_out=held_out).fit_transform(X, of)) for of in (y, other)
    )
    assert np.array_equal(one, two, equal_nan=True)
    assert not np.array_equal(one, np.asarray(prepare(task_of(X, y)).fit_transform(X, other)), equal_nan=True)


@pytest.mark.parametrize(
    ("kind", "levels", "of_numbers", "of_boosters"),
    [
        ("numeric", 0, False, False),
        ("categorical", 10, False, False),
        ("categorical", 11, False, True),  # of fewer than 20 rows each
        ("categorical", 33, True, True),
        ("text", 2, True, True),
    ],
)
def test_the_seed_changes_features_where_a_column_is_target_encoded(
    kind: Kind, levels: int, of_numbers: bool, of_boosters: bool
) -> None:
    n = 200
    codes = np.random.default_rng(0).integers(0, max(levels, 1), n)
    column = (
        pd.Categorical.from_codes(codes, pd.Index([f"{i:02}" for i in range(levels)]))
        if levels
        else codes * 1.0
    )
    X, y = pd.DataFrame({"a": column}), np.random.default_rng(1).integers(0, 2, n)
    task = Task(
        kinds=(kind,), levels=(levels,), n_train=n, n_features=1, n_classes=2, validation=np.arange(10)
    )
    assert (scaled_draws(task), native_draws(task)) == (of_numbers, of_boosters)
    for prepare, draws in ((scaled, of_numbers), (native, of_boosters)):
        one, two = (np.asarray(prepare(task, seed=seed).fit_transform(X, y)) for seed in (1, 2))
        assert np.array_equal(one, two) != draws


def test_target_encoding_of_two_classes_is_one_column() -> None:
    X, _ = table()
    y = np.arange(len(X)) % 2
    assert HeldOutTargetEncoder(random_state=0).fit_transform(X[["f3"]], y).shape == (len(X), 1)


def test_a_column_that_is_mostly_zero_keeps_its_zeros_near_the_middle_of_their_quantiles() -> None:
    values = np.concatenate([np.zeros(900), np.arange(1.0, 101.0)])[:, None]
    quantiles = NormalQuantiles(random_state=0).fit_transform(values)
    assert abs(quantiles[0, 0] - norm.ppf(0.45)) < 0.2
    assert quantiles[-1, 0] == 4.0
    assert (np.diff(quantiles[900:, 0]) >= 0).all()


def test_quantiles_of_a_constant_and_of_a_gap() -> None:
    values = np.array([[7.0, np.nan], [7.0, 1.0], [7.0, 2.0]])
    quantiles = NormalQuantiles(n_quantiles=3, random_state=0).fit_transform(values)
    assert np.isfinite(quantiles[:, 0]).all()
    assert np.isnan(quantiles[0, 1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numbers_out_of_all_proportion_are_pulled_to_the_others_and_heavy_tails_stay(dtype: type) -> None:
    rng = np.random.default_rng(0)
    values = np.column_stack([rng.normal(size=1000), np.exp(rng.normal(size=1000))]).astype(dtype)
    values[5, 1] = np.nan
    odd = values.copy()
    odd[:10, 0] = 999999
    tamed = Winsorizer().fit(odd).transform(odd)
    assert tamed.dtype == dtype
    assert 5 < tamed[:10, 0].min() == tamed[:10, 0].max() < 8
    np.testing.assert_array_equal(tamed[10:], values[10:])
    np.testing.assert_array_equal(tamed[:, 1], values[:, 1])
    fitted = Winsorizer().fit(values)
    np.testing.assert_array_equal(fitted.transform(values), values)
    assert 300 < fitted.transform(odd)[0, 0] < 400


def test_bounds_of_columns_that_are_mostly_zero_constant_or_missing() -> None:
    train = np.zeros((500, 3))
    train[:20, 0] = np.arange(1, 21)
    train[20, 0] = 1e300
    train[:, 1] = 7.0
    train[:, 2] = np.nan
    tamed = (
        Winsorizer().fit(train).transform(np.vstack([train, np.full((1, 3), 1e300), np.full((1, 3), 9.0)]))
    )
    np.testing.assert_array_equal(tamed[:20], train[:20])
    assert tamed[20, 0] == tamed[500, 0] == pytest.approx(2 * 20, rel=0.1)
    assert tamed[500, 1:].tolist() == [707.0, 100.0]
    assert tamed[501].tolist() == [9.0, 9.0, 9.0]


@pytest.mark.parametrize("scaling", ["standard", "quantile"])
@pytest.mark.parametrize("odd", [1e308, -1e300, 999999.0])
def test_ten_odd_cells_leave_the_others_apart(scaling: str, odd: float) -> None:
    X, y = table(1200)
    before = scaled(task_of(X, y), scaling=scaling).fit_transform(X, y)[:, 0]
    X["f0"] = X["f0"].astype(float)
    X.loc[:9, "f0"] = odd
    after = scaled(task_of(X, y), scaling=scaling).fit_transform(X, y)[:, 0]
    assert after[10:].std() > 0.7 * before[10:].std()
    assert np.abs(after).max() < 8


def test_quantiles_of_the_largest_numbers_are_finite() -> None:
    values = np.array([[1e300], [-1e300], [1.0], [2.0]] * 10)
    assert np.isfinite(NormalQuantiles(n_quantiles=40, random_state=0).fit_transform(values)).all()
