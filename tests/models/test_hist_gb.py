"""Early stopping by the validation rows that all models share."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from suite.models._hist_gb import StoppedHistGradientBoosting
from suite.models.catalogue import MODELS
from suite.schema import Context, Task


def table(n: int = 300) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(n, 3)), columns=list("abc"))
    return X, (X["a"] + rng.normal(size=n) > 0).to_numpy().astype(int)


def test_it_stops_by_the_rows_it_is_given_and_trains_on_the_others() -> None:
    X, y = table()
    held = np.arange(5, 300, 7)
    model = StoppedHistGradientBoosting(held, random_state=0).fit(X, y)
    left = np.setdiff1d(np.arange(300), held)
    plain = HistGradientBoostingClassifier(early_stopping=True, random_state=0)
    plain.fit(X.iloc[left], y[left], X_val=X.iloc[held], y_val=y[held])
    np.testing.assert_array_equal(model.predict_proba(X), plain.predict_proba(X))
    assert model.n_iter_ == plain.n_iter_ < 100
    assert model.n_validation_ == len(held)


def test_what_it_found_is_the_round_of_the_least_loss_and_no_more_stopping() -> None:
    X, y = table()
    model = StoppedHistGradientBoosting(np.arange(5, 300, 7), random_state=0).fit(X, y)
    best = model.found_params_["max_iter"]
    assert model.found_params_ == {"max_iter": best, "early_stopping": False}
    assert 1 <= best < model.n_iter_
    assert model.validation_score_[best] == max(model.validation_score_[1:])


@pytest.mark.parametrize(
    ("n", "early_stopping", "stops"),
    [(300, "auto", False), (300, True, True), (10_001, "auto", True), (10_001, False, False)],
)
def test_the_entry_stops_early_where_it_is_told_to(n: int, early_stopping: str | bool, stops: bool) -> None:
    X, y = table(n)
    task = Task(
        kinds=("numeric",) * 3,
        levels=(0,) * 3,
        n_train=n,
        n_features=3,
        n_classes=2,
        validation=np.arange(0, n, 5),
    )
    params = {**MODELS["hist_gb"].params, "max_iter": 3, "early_stopping": early_stopping}
    model = MODELS["hist_gb"].build(task, Context(seed=0, threads=1), **params)
    with threadpool_limits(1):
        model.fit(X, y)
    assert bool(model[-1].n_validation_) == bool(model[-1].found_params_) == stops


def test_without_rows_to_hold_out_it_is_scikit_learns() -> None:
    X, y = table()
    model = StoppedHistGradientBoosting(learning_rate=0.2, max_iter=9, max_leaf_nodes=5).fit(X, y)
    plain = HistGradientBoostingClassifier(learning_rate=0.2, max_iter=9, max_leaf_nodes=5).fit(X, y)
    np.testing.assert_array_equal(model.predict_proba(X), plain.predict_proba(X))
    assert (model.n_validation_, model.notes_) == (0, ())


def test_a_class_that_only_validation_rows_have_is_learnt_all_the_same() -> None:
    X, y = table()
    y[:3] = 2
    model = StoppedHistGradientBoosting(np.arange(30), max_iter=5).fit(X, y)
    assert model.classes_.tolist() == [0, 1, 2]
    assert model.n_validation_ == 0
    assert "it does not stop early" in model.notes_[0]


def test_parameters_survive_a_clone() -> None:
    model = clone(StoppedHistGradientBoosting([1, 2], max_iter=7))
    assert (model.validation, model.max_iter) == ([1, 2], 7)


@pytest.mark.parametrize(("n", "n_validation"), [(10_000, 0), (10_001, 2001)])
def test_the_entry_holds_rows_out_above_ten_thousand(n: int, n_validation: int) -> None:
    X, y = table(n)
    task = Task(
        kinds=("numeric",) * 3,
        levels=(0,) * 3,
        n_train=n,
        n_features=3,
        n_classes=2,
        validation=np.arange(0, n, 5),
    )
    model = MODELS["hist_gb"].build(
        task, Context(seed=0, threads=1), **MODELS["hist_gb"].params | {"max_iter": 5}
    )
    with threadpool_limits(1):
        model.fit(X, y)
    assert model[-1].n_validation_ == n_validation
    assert bool(model[-1].notes_) == bool(n_validation)
