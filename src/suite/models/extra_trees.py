"""Extremely randomised trees: random thresholds, every tree sees all rows."""

from __future__ import annotations

from suite.features import scaled
from suite.schema import Classifier, Context, ModelSpec, Task


def build(
    task: Task, context: Context, *, n_estimators: int, max_features: float | str, min_samples_leaf: int
) -> Classifier:
    """Return the pipeline, unfitted."""
    from sklearn.ensemble import ExtraTreesClassifier
    from sklearn.pipeline import make_pipeline

    model = ExtraTreesClassifier(
        n_estimators,
        max_features=max_features,
        min_samples_leaf=min_samples_leaf,
        n_jobs=context.threads,
        random_state=context.seed,
    )
    return make_pipeline(scaled(task, seed=context.seed), model)


SPEC = ModelSpec(
    name="extra_trees",
    family="tree ensemble",
    summary="trees with random thresholds",
    build=build,
    params={"n_estimators": 100, "max_features": "sqrt", "min_samples_leaf": 1},
    requires=("scikit-learn",),
)
