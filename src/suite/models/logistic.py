"""Logistic regression on standardised features: the linear reference point."""

from __future__ import annotations

from typing import Any

from suite.features import scaled, scaled_draws
from suite.schema import Classifier, Context, ModelSpec, Task


def build(task: Task, context: Context, **params: Any) -> Classifier:
    """Return the pipeline, unfitted."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = LogisticRegression(random_state=context.seed, **params)
    return make_pipeline(scaled(task, seed=context.seed), model)


def space(trial: Any) -> dict[str, Any]:
    """Return what a search tries."""
    return {"C": trial.suggest_float("C", 1e-3, 1e3, log=True)}


SPEC = ModelSpec(
    name="logistic",
    family="linear",
    summary="L2 logistic regression on standardised features",
    build=build,
    params={"C": 1.0, "max_iter": 1000},
    space=space,
    # Steps of ten from the default, the stronger penalty first: wide tables of few rows are the common ones.
    portfolio=({"C": 0.1}, {"C": 10.0}, {"C": 0.01}),
    requires=("scikit-learn",),
    seeded=scaled_draws,
)
