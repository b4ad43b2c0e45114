"""XGBoost: second-order boosting, categories split natively."""

from __future__ import annotations

from typing import Any

from suite.features import native_draws
from suite.models._boosting import LIMITS, ROUNDS, pipeline
from suite.schema import Classifier, Context, ModelSpec, Task

SAMPLED = {"subsample": 1.0, "colsample_bytree": 1.0, "colsample_bylevel": 1.0}


def build(task: Task, context: Context, early_stopping: int = 0, **params: Any) -> Classifier:
    """Return the pipeline, unfitted."""
    from xgboost import XGBClassifier

    from suite.models._xgboost import train

    shared = {"tree_method": "hist", "enable_categorical": True, "n_jobs": context.threads}
    model = XGBClassifier(**shared, random_state=context.seed, **params)
    return pipeline(model, train, task, context, early_stopping)


def space(trial: Any) -> dict[str, Any]:
    """Return what a search tries."""
    return ROUNDS | {
        "learning_rate": trial.suggest_float("learning_rate", 0.02, 0.3, log=True),
        "max_depth": trial.suggest_int("max_depth", 3, 10),
        "min_child_weight": trial.suggest_float("min_child_weight", 1e-3, 30.0, log=True),
        "subsample": trial.suggest_float("subsample", 0.5, 1.0),
        "colsample_bytree": trial.suggest_float("colsample_bytree", 0.4, 1.0),
        "colsample_bylevel": trial.suggest_float("colsample_bylevel", 0.4, 1.0),
        "reg_lambda": trial.suggest_float("reg_lambda", 1e-4, 30.0, log=True),
    }


# Tuned defaults of pytabkit (XGB-TD; its penalties are about 0, the least of the space), then the first three of
# AutoGluon's zeroshot_portfolio_2023 that are not too slow for two cores (r89, r194, r49).
_TD = {
    "learning_rate": 0.08,
    "min_child_weight": 1e-3,
    "subsample": 0.65,
    "colsample_bylevel": 0.9,
    "reg_lambda": 1e-4,
}
_AG = ROUNDS | SAMPLED | {"reg_lambda": 1.0}
PORTFOLIO = (
    ROUNDS | SAMPLED | {"max_depth": 6} | _TD,
    _AG | {"learning_rate": 0.0878, "max_depth": 5, "min_child_weight": 0.629, "colsample_bytree": 0.663},
    _AG | {"learning_rate": 0.0929, "max_depth": 7, "min_child_weight": 0.804, "colsample_bytree": 0.909},
    _AG | {"learning_rate": 0.0384, "max_depth": 7, "min_child_weight": 0.556, "colsample_bytree": 0.745},
)
SPEC = ModelSpec(
    name="xgboost",
    family="boosting",
    summary="XGBoost with histogram trees and native categories",
    build=build,
    params={"n_estimators": 100, "learning_rate": 0.3, "max_depth": 6},
    further={"early_stopping": 0, "min_child_weight": 1.0, "reg_alpha": 0.0, "reg_lambda": 1.0, **SAMPLED},
    space=space,
    portfolio=PORTFOLIO,
    requires=("scikit-learn", "xgboost"),
    cost=1.2,
    limits={**LIMITS, "learning_rate": "[0, inf)", "max_depth": "[0, inf)"},
    seeded=native_draws,
    draws=tuple(SAMPLED),
)
