"""LightGBM: leaf-wise boosting, categories split natively."""

from __future__ import annotations

from typing import Any

from suite.features import native_draws
from suite.models._boosting import LIMITS, ROUNDS, pipeline
from suite.schema import Classifier, Context, ModelSpec, Task


def build(task: Task, context: Context, early_stopping: int = 0, **params: Any) -> Classifier:
    """Return the pipeline, unfitted; where it takes a part of the rows, it draws them anew for each tree."""
    from suite.models._lightgbm import NarrowLGBMClassifier, train

    if "subsample" in params:
        params["subsample_freq"] = 1
    exact = {"deterministic": True, "force_row_wise": True, "verbose": -1}
    model = NarrowLGBMClassifier(n_jobs=context.threads, random_state=context.seed, **params, **exact)
    return pipeline(model, train, task, context, early_stopping)


def space(trial: Any) -> dict[str, Any]:
    """Return what a search tries."""
    return ROUNDS | {
        "learning_rate": trial.suggest_float("learning_rate", 0.015, 0.3, log=True),
        "num_leaves": trial.suggest_int("num_leaves", 4, 200, log=True),
        "min_child_samples": trial.suggest_int("min_child_samples", 1, 100, log=True),
        "subsample": trial.suggest_float("subsample", 0.5, 1.0),
        "colsample_bytree": trial.suggest_float("colsample_bytree", 0.4, 1.0),
        "reg_alpha": trial.suggest_float("reg_alpha", 1e-4, 10.0, log=True),
        "reg_lambda": trial.suggest_float("reg_lambda", 1e-4, 30.0, log=True),
        "extra_trees": trial.suggest_categorical("extra_trees", [False, True]),
    }


def _tried(*values: Any) -> dict[str, Any]:
    names = ("learning_rate", "num_leaves", "min_child_samples", "subsample", "colsample_bytree")
    return ROUNDS | dict(zip((*names, "reg_alpha", "reg_lambda", "extra_trees"), values, strict=True))


# Tuned defaults of pytabkit (LGBM-TD; its penalties are 0, here the least of the space), then of AutoGluon's
# zeroshot_portfolio_cpu_2025_12_18 the first of plain features, and the next that are not too slow (r177, r63, r39).
PORTFOLIO = (
    _tried(0.04, 50, 40, 0.75, 1.0, 1e-4, 1e-4, False),
    _tried(0.0179, 39, 3, 0.877, 0.462, 0.238, 0.355, True),
    _tried(0.0309, 24, 1, 0.78, 0.49, 0.642, 0.581, False),
    _tried(0.0947, 23, 13, 0.704, 0.782, 0.37, 0.0342, True),
)
FURTHER = {
    "subsample": 1.0,
    "colsample_bytree": 1.0,
    "reg_alpha": 0.0,
    "reg_lambda": 0.0,
    "extra_trees": False,
}
SPEC = ModelSpec(
    name="lightgbm",
    family="boosting",
    summary="LightGBM with leaf-wise trees and native categories",
    build=build,
    params={"n_estimators": 100, "learning_rate": 0.1, "num_leaves": 31},
    further={"early_stopping": 0, "min_child_samples": 20, **FURTHER},
    space=space,
    portfolio=PORTFOLIO,
    requires=("scikit-learn", "lightgbm"),
    limits={
        **LIMITS,
        "learning_rate": "(0, inf)",
        "num_leaves": "[2, 131072]",
        "min_child_samples": "[0, inf)",
    },
    # Of more rows a sample gives the bins.
    seeded=lambda task: task.n_train > 200_000 or native_draws(task),
    draws=("subsample", "colsample_bytree", "extra_trees"),
)
