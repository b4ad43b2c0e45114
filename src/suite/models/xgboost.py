"""XGBoost: second-order boosting, categories split natively."""

from __future__ import annotations

from typing import Any

from suite.features import native, native_draws
from suite.schema import Classifier, Context, ModelSpec, Task


def build(task: Task, context: Context, **params: Any) -> Classifier:
    """Return the pipeline, unfitted."""
    from sklearn.pipeline import make_pipeline
    from xgboost import XGBClassifier

    model = XGBClassifier(
        tree_method="hist",
        enable_categorical=True,
        n_jobs=context.threads,
        random_state=context.seed,
        **params,
    )
    return make_pipeline(native(task, seed=context.seed), model)


SPEC = ModelSpec(
    name="xgboost",
    family="boosting",
    summary="XGBoost with histogram trees and native categories",
    build=build,
    params={"n_estimators": 100, "learning_rate": 0.3, "max_depth": 6},
    requires=("scikit-learn", "xgboost"),
    cost=1.2,
    limits={"n_estimators": "[1, inf)", "learning_rate": "[0, inf)", "max_depth": "[0, inf)"},
    seeded=native_draws,
)
