"""Extremely randomised trees: random thresholds, every tree sees all rows."""

from __future__ import annotations

from typing import Any

from suite.features import scaled
from suite.schema import Classifier, Context, ModelSpec, Task


def build(task: Task, context: Context, **params: Any) -> Classifier:
    """Return the pipeline, unfitted."""
    from sklearn.ensemble import ExtraTreesClassifier
    from sklearn.pipeline import make_pipeline

    model = ExtraTreesClassifier(n_jobs=context.threads, random_state=context.seed, **params)
    return make_pipeline(scaled(task, seed=context.seed), model)


SPEC = ModelSpec(
    name="extra_trees",
    family="tree ensemble",
    summary="trees with random thresholds",
    build=build,
    params={"n_estimators": 100, "max_features": "sqrt", "min_samples_leaf": 1},
    requires=("scikit-learn",),
)
