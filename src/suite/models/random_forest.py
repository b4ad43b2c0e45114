"""Random forest: bagged trees, each split choosing among random features."""

from __future__ import annotations

from typing import Any

from suite.features import scaled
from suite.models._forest import space
from suite.schema import Classifier, Context, ModelSpec, Task


def build(task: Task, context: Context, **params: Any) -> Classifier:
    """Return the pipeline, unfitted."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.pipeline import make_pipeline

    model = RandomForestClassifier(n_jobs=context.threads, random_state=context.seed, **params)
    return make_pipeline(scaled(task, seed=context.seed), model)


SPEC = ModelSpec(
    name="random_forest",
    family="tree ensemble",
    summary="bagged trees, random features at each split",
    build=build,
    params={"n_estimators": 100, "max_features": "sqrt", "min_samples_leaf": 1},
    further={"criterion": "gini"},
    space=space,
    # Of AutoGluon's zeroshot_portfolio_2023 (Entr, r39, r127); its bounds on leaves bind on no table of this size.
    portfolio=(
        {"n_estimators": 200, "criterion": "entropy", "max_features": "sqrt", "min_samples_leaf": 1},
        {"n_estimators": 200, "criterion": "gini", "max_features": 0.75, "min_samples_leaf": 2},
        {"n_estimators": 200, "criterion": "gini", "max_features": 1.0, "min_samples_leaf": 5},
    ),
    requires=("scikit-learn",),
)
