"""Boosters that stop early by the validation rows, tell how far they are, and end in time."""

from __future__ import annotations

import pickle
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from lightgbm import LGBMClassifier
from threadpoolctl import threadpool_limits
from xgboost import XGBClassifier

from suite.fitting import fit_predict
from suite.models._stopping import Watch, held_out
from suite.models.catalogue import MODELS
from suite.schema import Context, Job, Task

BOOSTERS = ["xgboost", "lightgbm", "catboost"]
N, N_TRAIN = 400, 300
HELD = np.arange(2, N_TRAIN, 5)


@cache
def table(n_classes: int = 3) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(0)
    y = rng.integers(0, n_classes, N)
    y[:n_classes] = np.arange(n_classes)
    X = pd.DataFrame(
        {
            "f0": (rng.normal(size=N) + y).astype(np.float32),
            "f1": np.where(rng.random(N) < 0.2, np.nan, rng.normal(size=N)).astype(np.float32),
            "f2": pd.Categorical.from_codes(
                np.where(rng.random(N) < 0.2, -1, (y + rng.integers(0, 3, N)) % 5), [*"abcde"]
            ),
            "f3": pd.Categorical.from_codes(rng.integers(0, 90, N), [f"n{i}" for i in range(90)]),
        }
    )
    return X, y


def task_of(validation: np.ndarray = HELD, n_classes: int = 3) -> Task:
    return Task(
        kinds=("numeric", "numeric", "categorical", "categorical"),
        levels=(0, 0, 5, 90),
        n_train=N_TRAIN,
        n_features=4,
        n_classes=n_classes,
        validation=validation,
    )


def build(name: str, task: Task | None = None, context: Context | None = None, **options: Any) -> Any:
    spec = MODELS[name]
    params = {**spec.params, "n_estimators": 400, "early_stopping": 10, "learning_rate": 0.2, **options}
    return spec.build(task or task_of(), context or Context(seed=1, threads=1), **params)


def fit(name: str, y: np.ndarray | None = None, **given: Any) -> Any:
    X, labels = table()
    with threadpool_limits(1):
        return build(name, **given).fit(X[:N_TRAIN], (labels if y is None else y)[:N_TRAIN])


@pytest.mark.parametrize("name", BOOSTERS)
@pytest.mark.parametrize(("n_classes", "patience"), [(2, 10), (3, 10), (2, 1000)])
def test_it_is_the_model_of_its_best_rounds_on_the_rows_that_are_left(
    name: str, n_classes: int, patience: int
) -> None:
    X, y = table(n_classes)
    task, rounds = task_of(n_classes=n_classes), 400 if patience == 10 else 100
    with threadpool_limits(1):
        stopped = build(name, task, early_stopping=patience, n_estimators=rounds).fit(
            X[:N_TRAIN], y[:N_TRAIN]
        )
        last, left = stopped[-1], np.setdiff1d(np.arange(N_TRAIN), HELD)
        features = stopped[0].fit_transform(X[:N_TRAIN], y[:N_TRAIN])
        plain = build(name, **last.found_params_)[-1].fit(features.iloc[left], y[left])
    assert last.n_validation_ == len(HELD)
    assert last.found_params_.items() >= {"early_stopping": 0}.items()
    assert 1 <= last.found_params_["n_estimators"] < rounds - 5
    assert (last.notes_, last.is_cut_short_) == ((), False)
    np.testing.assert_array_equal(stopped.predict_proba(X), plain.predict_proba(stopped[0].transform(X)))
    assert stopped.predict(X).tolist() == stopped.predict_proba(X).argmax(axis=1).tolist()


@pytest.mark.parametrize("name", BOOSTERS)
def test_the_best_round_is_that_of_the_least_log_loss_on_the_rows_held_out(name: str) -> None:
    X, y = table()
    stopped = fit(name)
    losses = []
    with threadpool_limits(1):
        features = stopped[0].fit_transform(X[:N_TRAIN], y[:N_TRAIN])
        left, best = np.setdiff1d(np.arange(N_TRAIN), HELD), stopped[-1].found_params_["n_estimators"]
        for rounds in (best - 1, best, best + 1):
            plain = build(name, n_estimators=rounds, early_stopping=0)[-1].fit(features.iloc[left], y[left])
            proba = plain.predict_proba(features.iloc[HELD])
            losses.append(-np.log(proba[np.arange(len(HELD)), y[HELD]]).mean())
    assert losses[1] < min(losses[0], losses[2]) + 1e-6


@pytest.mark.parametrize("name", BOOSTERS)
def test_labels_of_the_rows_held_out_reach_no_encoding(name: str) -> None:
    X, y = table()
    other = y.copy()
    other[HELD] = (other[HELD] + 1) % 3
    one, two = (fit(name, labels)[0].transform(X[N_TRAIN:]) for labels in (y, other))
    pd.testing.assert_frame_equal(one, two)
    assert any(str(column).startswith("t") for column in one)


@pytest.mark.parametrize("name", BOOSTERS)
@pytest.mark.parametrize(
    ("validation", "said"),
    [
        (np.arange(20), "a class has validation rows alone"),
        (np.arange(0), "the protocol leaves no validation rows"),
    ],
)
def test_without_rows_to_stop_by_it_trains_on_all_and_says_so(
    name: str, validation: np.ndarray, said: str
) -> None:
    y = table()[1] % 2
    if len(validation):
        y[:20] = 2
    last = fit(name, y, task=task_of(validation), n_estimators=5)[-1]
    assert (last.n_validation_, last.found_params_) == (0, {})
    assert said in last.notes_[-1]
    assert last.classes_.tolist() == np.unique(y[:N_TRAIN]).tolist()


@pytest.mark.parametrize("name", BOOSTERS)
def test_it_reports_every_ten_rounds_and_stops_when_asked(name: str) -> None:
    told: list[tuple[int, Mapping[str, float]]] = []

    def report(step: int, values: Mapping[str, float]) -> bool:
        told.append((step, values))
        return step < 20

    stopped = fit(name, context=Context(seed=1, threads=1, report=report), early_stopping=200)
    assert [step for step, _ in told] == [10, 20]
    assert all(set(values) == {"val_loss"} and 0 < values["val_loss"] < 3 for _, values in told)
    assert stopped[-1].notes_ == ("stopped on request after 20 of 400 rounds",)
    assert stopped[-1].found_params_["n_estimators"] <= 20
    assert len(pickle.dumps(stopped)) > 1000  # what it reported to stays behind


@pytest.mark.parametrize("name", BOOSTERS)
def test_it_ends_at_the_deadline_with_what_there_is(name: str) -> None:
    X, _ = table()
    stopped = fit(name, context=Context(seed=1, threads=1, deadline=time.monotonic()))
    assert stopped[-1].notes_ == ("stopped by the deadline after 1 of 400 rounds",)
    assert stopped[-1].is_cut_short_
    assert stopped[-1].found_params_["n_estimators"] == 1
    assert np.isfinite(stopped.predict_proba(X)).all()


def test_a_record_says_that_a_booster_was_cut_short() -> None:
    X, y = table()
    job = Job(
        model="lightgbm",
        params={**MODELS["lightgbm"].params, "n_estimators": 10**6, "early_stopping": 10**6},
        task=task_of(),
        X_train=X[:N_TRAIN],
        y_train=y[:N_TRAIN],
        X_test=X[N_TRAIN:].reset_index(drop=True),
        seed=1,
        threads=1,
        time_limit_s=1.0,
    )
    output = fit_predict(job)
    assert output.status == "ok", output.failure
    assert (output.resources.cut_short_at_s, output.n_validation) == (1.0, len(HELD))
    assert "stopped by the deadline" in output.notes[0]


def test_without_patience_the_entries_are_the_plain_boosters() -> None:
    X, y = table()
    shared = {"n_jobs": 1, "random_state": 1}
    plain = {
        "xgboost": XGBClassifier(tree_method="hist", enable_categorical=True, **shared, n_estimators=9),
        "lightgbm": LGBMClassifier(force_row_wise=True, verbose=-1, **shared, n_estimators=9),
    }
    for name, model in plain.items():
        entry = MODELS[name].build(task_of(), Context(seed=1, threads=1), n_estimators=9)
        with threadpool_limits(1):
            entry.fit(X[:N_TRAIN], y[:N_TRAIN])
            model.fit(entry[0].fit_transform(X[:N_TRAIN], y[:N_TRAIN]), y[:N_TRAIN])
        assert type(entry[-1]).__name__ != "StoppedBooster"
        np.testing.assert_array_equal(
            entry.predict_proba(X), model.predict_proba(entry[0].transform(X)), err_msg=name
        )


def test_catboost_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    monkeypatch.chdir(tmp_path)
    fit("catboost", n_estimators=20)
    assert not [*tmp_path.iterdir()]
    assert capfd.readouterr() == ("", "")


def test_what_catboost_chooses_itself_is_kept_for_all_rows() -> None:
    found = fit("catboost", learning_rate=0.0, n_estimators=300)[-1]
    assert found.found_params_["learning_rate"] == pytest.approx(found.model_.learning_rate_)
    assert found.found_params_["leaf_estimation_iterations"] == 1


@pytest.mark.parametrize("early_stopping", [0, 10])
def test_catboost_predicts_the_frequencies_where_no_column_varies(early_stopping: int) -> None:
    _, y = table()
    X = pd.DataFrame({"a": np.full(N, 7.0), "b": np.full(N, np.nan)})
    task = replace(task_of(), kinds=("numeric", "numeric"), levels=(0, 0), n_features=2)
    constant = build("catboost", task, early_stopping=early_stopping).fit(X[:N_TRAIN], y[:N_TRAIN])
    left = np.setdiff1d(np.arange(N_TRAIN), HELD) if early_stopping else np.arange(N_TRAIN)
    np.testing.assert_allclose(constant.predict_proba(X[:1])[0], np.bincount(y[left]) / len(left))


def test_lightgbm_draws_rows_for_each_tree_where_it_takes_a_part_of_them() -> None:
    X, _ = table()
    whole, part = (fit("lightgbm", early_stopping=0, n_estimators=5, **o) for o in ({}, {"subsample": 0.5}))
    assert not np.array_equal(whole.predict_proba(X), part.predict_proba(X))


def test_rows_are_held_out_unless_a_class_would_have_no_other() -> None:
    y = np.array([0, 1, 0, 1, 2])
    assert held_out([0, 1], y).tolist() == [True, True, False, False, False]
    assert not held_out([0, 4], y).any()
    assert not held_out(None, y).any()


def test_a_watch_ends_after_its_patience_and_knows_the_best_round() -> None:
    watch = Watch(Context(seed=0, threads=1), rounds=100, patience=3)
    assert [watch(loss) for loss in (3.0, 1.0, 2.0, 1.0, 2.0)] == [True, True, True, True, False]
    assert (watch.best, watch.done, watch.notes) == (2, 5, ())


def test_a_loss_that_is_no_number_is_never_the_best() -> None:
    watch = Watch(Context(seed=0, threads=1), rounds=100, patience=2)
    assert [watch(loss) for loss in (float("nan"), 2.0, float("nan"), float("nan"))] == [
        True,
        True,
        True,
        False,
    ]
    assert watch.best == 2
