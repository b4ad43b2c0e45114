"""Every registered model fits every table that the suite accepts, and ten cells do not take its scores down."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import balanced_accuracy_score

from suite.datasets.column_store import plain_columns
from suite.fitting import fit_predict
from suite.models.catalogue import MODELS
from suite.schema import FitOutput, Job, Kind, Task

QUICK = {"epochs": 2, "n_estimators": 10, "max_iter": 20, "members": 2, "max_rounds": 20, "outer_bags": 2}
QUICKLY = {"epochs": 15, "n_estimators": 30, "members": 2, "max_rounds": 300, "outer_bags": 2}
# keras_ensemble is five networks of keras_embeddings; the other two are the slowest that are no networks.
HEAVY = ("keras_ensemble", "catboost", "ebm")
EVERY = [pytest.param(name, marks=pytest.mark.slow) if name in HEAVY else name for name in MODELS]
NOT_NEURAL = [name for name, spec in MODELS.items() if spec.family != "neural"]
NOT_NEURAL_MARKED = [
    pytest.param(name, marks=pytest.mark.slow) if name in HEAVY else name for name in NOT_NEURAL
]


def fit(
    model: str,
    X: pd.DataFrame,
    y: np.ndarray,
    n_train: int,
    quick: dict[str, int] = QUICK,
    text: bool = False,
    dates: bool = False,
) -> FitOutput:
    """Fit on the first rows and predict the others, columns as children read them."""
    train = y[:n_train]
    spec = MODELS[model]
    plain = plain_columns(X)
    levels = tuple(len(getattr(dtype, "categories", ())) for dtype in X.dtypes)
    named: Kind = "text" if text else "categorical"
    job = Job(
        model=model,
        params={name: quick.get(name, value) for name, value in spec.params.items()},
        task=Task(
            kinds=tuple(named if n else "datetime" if dates else "numeric" for n in levels),
            levels=levels,
            n_train=n_train,
            n_features=X.shape[1],
            n_classes=len(np.unique(train)),
            validation=np.arange(n_train - max(1, n_train // 5), n_train),
        ),
        X_train=plain.iloc[:n_train],
        y_train=train,
        X_test=plain.iloc[n_train:].reset_index(drop=True),
        seed=5,
        threads=1,
    )
    return fit_predict(job)


def numbers(n: int, columns: int = 4) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(n, columns))


def names(n: int, levels: int) -> pd.Categorical:
    """Return a column where half of the levels are first seen in the last rows."""
    codes = np.random.default_rng(1).integers(0, levels, n)
    codes[: n - 30] //= 2
    return pd.Categorical.from_codes(codes, pd.Index([f"level {i}" for i in range(levels)]))


def rare(n: int, rows: int) -> np.ndarray:
    """Return two common classes, and one of so many train rows."""
    y = np.arange(n) % 2
    y[7 : 7 + rows] = 2
    return y


def columns(**named: object) -> pd.DataFrame:
    return pd.DataFrame(named)


def awkward() -> dict[str, tuple[pd.DataFrame, np.ndarray, int]]:
    n, train = 150, 120
    y = np.arange(n) % 3
    plain = pd.DataFrame(numbers(n), columns=list("abcd"))
    empty, constant, infinite = plain.copy(), plain.copy(), plain.copy()
    empty.loc[: train - 1, "b"] = np.nan
    constant["b"], constant["c"] = 7.0, 0.0
    constant.loc[train:, "c"] = 1e300
    infinite.loc[::9, "b"], infinite.loc[4::9, "b"] = np.inf, -np.inf
    category = columns(a=names(n, 5), b=numbers(n)[:, 0])
    category.loc[: train - 1, "a"] = None
    many = pd.DataFrame(numbers(390), columns=list("abcd"))
    return {
        "a class of one train row": (plain, rare(n, 1), train),
        "two rows a class": (plain[:36], np.arange(36) % 3, 6),
        "60 classes": (many, np.arange(390) % 60, 360),
        "one number": (plain[["a"]], y, train),
        "one category": (columns(a=names(n, 5)), y, train),
        "categories only": (columns(a=names(n, 3), b=names(n, 40), c=names(n, 300)), y, train),
        "a column empty in train": (empty, y, train),
        "a category empty in train": (category, y, train),
        "constant columns": (constant, y, train),
        "infinities": (infinite, y, train),
        "a rare class beside categories": (columns(a=names(n, 40), b=numbers(n)[:, 0]), rare(n, 1), train),
    }


# Where numbers are odd, a network could still diverge late: there it trains for as long as it would in a run.
LONG = ("constant columns", "infinities")


@pytest.mark.parametrize(
    ("case", "model"),
    [
        pytest.param(
            case,
            model,
            marks=[pytest.mark.slow] if model in HEAVY or (case in LONG and model not in NOT_NEURAL) else [],
        )
        for case in awkward()
        for model in MODELS
    ],
)
def test_every_model_fits(case: str, model: str, request: pytest.FixtureRequest) -> None:
    if case not in LONG:
        request.getfixturevalue("few_steps")
    X, y, n_train = awkward()[case]
    check(fit(model, X, y, n_train), len(y) - n_train, len(np.unique(y[:n_train])))


def check(output: FitOutput, n_test: int, n_classes: int) -> None:
    assert output.status == "ok", output.failure
    assert output.proba is not None
    assert output.proba.shape == (n_test, n_classes)
    assert np.isfinite(output.proba).all()


@pytest.mark.parametrize("model", NOT_NEURAL_MARKED)
@pytest.mark.parametrize("rows", [1, 2])
def test_a_rare_class_in_a_larger_table(rows: int, model: str) -> None:
    X, y = pd.DataFrame(numbers(10_130, 2), columns=["a", "b"]), rare(10_130, rows)
    output = fit(model, X, y, 10_100)
    check(output, 30, 3)


@pytest.mark.usefixtures("few_steps")
@pytest.mark.parametrize("model", EVERY)
def test_dates_with_gaps_and_a_date_empty_in_train(model: str) -> None:
    X = pd.DataFrame({"a": 1e9 + 1e8 * numbers(150)[:, 0], "b": np.where(np.arange(150) < 120, np.nan, 1e9)})
    X.loc[::7, "a"] = np.nan
    check(fit(model, X, np.arange(150) % 3, 120, dates=True), 30, 3)


@pytest.mark.usefixtures("few_steps")
@pytest.mark.parametrize("model", EVERY)
def test_text_of_many_levels(model: str) -> None:
    X = columns(a=names(6000, 5000), b=numbers(6000)[:, 0])
    check(fit(model, X, np.arange(6000) % 3, 5970, {**QUICK, "epochs": 1}, text=True), 30, 3)


@cache
def score(model: str, odd: float | None) -> float:
    X, y = numbers(900, 6), np.arange(900) % 3
    X[:, 0] += 3 * (y == 1)
    X[:, 1] += 1.5 * (y == 2)
    if odd is not None:
        X[np.random.default_rng(2).choice(600, 10, replace=False), 0] = odd
    output = fit(model, pd.DataFrame(X, columns=list("abcdef")), y, 600, QUICKLY)
    assert output.proba is not None, output.failure
    return float(balanced_accuracy_score(y[600:], output.proba.argmax(axis=1)))


# Networks take seconds each: of the four they get the two that differ most, before the scaling all have in common.
ODD = [
    pytest.param(model, odd, marks=[pytest.mark.slow] if model in HEAVY or model not in NOT_NEURAL else [])
    for odd in (1e308, 999999.0, -1e300, np.inf)
    for model in MODELS
    if model in NOT_NEURAL or (odd in (1e308, 999999.0) and model != "keras_ensemble")
]


@pytest.mark.parametrize(("model", "odd"), ODD)
def test_ten_odd_cells_cost_no_more_than_a_few_points(model: str, odd: float) -> None:
    assert score(model, odd) > score(model, None) - 0.05
    assert model == "dummy" or score(model, None) > 0.7


@pytest.mark.parametrize("model", ["hist_gb", "lightgbm", "xgboost", "logistic", "random_forest"])
@pytest.mark.parametrize(("levels", "n"), [(12, 180), (40, 390)])
def test_levels_of_a_few_rows_each_that_decide_are_learnt(model: str, levels: int, n: int) -> None:
    generator = np.random.default_rng(0)
    level = generator.integers(0, levels, n)
    y = (generator.permutation(levels) % 2)[level]
    X = pd.DataFrame(
        {
            "name": pd.Categorical.from_codes(level, [f"n{i:02}" for i in range(levels)]),
            "noise": generator.normal(size=n).astype(np.float32),
        }
    )
    n_train = 2 * n // 3
    proba = fit(model, X, y, n_train, QUICKLY).proba
    assert proba is not None
    assert balanced_accuracy_score(y[n_train:], proba.argmax(axis=1)) > 0.85
