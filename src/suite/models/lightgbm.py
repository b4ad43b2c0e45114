"""LightGBM: leaf-wise boosting, categories split natively."""

from __future__ import annotations

from typing import Any

from suite.features import native, native_draws
from suite.schema import Classifier, Context, ModelSpec, Task


def build(task: Task, context: Context, **params: Any) -> Classifier:
    """Return the pipeline, unfitted."""
    from sklearn.pipeline import make_pipeline

    from suite.models._lightgbm import NarrowLGBMClassifier

    model = NarrowLGBMClassifier(
        n_jobs=context.threads,
        random_state=context.seed,
        **params,
        deterministic=True,
        force_row_wise=True,
        verbose=-1,
    )
    return make_pipeline(native(task, seed=context.seed), model)


SPEC = ModelSpec(
    name="lightgbm",
    family="boosting",
    summary="LightGBM with leaf-wise trees and native categories",
    build=build,
    params={"n_estimators": 100, "learning_rate": 0.1, "num_leaves": 31},
    requires=("scikit-learn", "lightgbm"),
    limits={"n_estimators": "[1, inf)", "learning_rate": "(0, inf)", "num_leaves": "[2, 131072]"},
    # Of more rows a sample gives the bins.
    seeded=lambda task: task.n_train > 200_000 or native_draws(task),
)
