"""Gaussian naive Bayes: the cheapest model that looks at every feature."""

from __future__ import annotations

from typing import Any

from suite.features import scaled, scaled_draws
from suite.schema import Classifier, Context, ModelSpec, Task


def build(task: Task, context: Context, **params: Any) -> Classifier:
    """Return the pipeline, unfitted."""
    from sklearn.naive_bayes import GaussianNB
    from sklearn.pipeline import make_pipeline

    return make_pipeline(scaled(task, seed=context.seed), GaussianNB(**params))


def space(trial: Any) -> dict[str, Any]:
    """Return what a search tries."""
    return {"var_smoothing": trial.suggest_float("var_smoothing", 1e-9, 1.0, log=True)}


SPEC = ModelSpec(
    name="naive_bayes",
    family="bayes",
    summary="Gaussian naive Bayes",
    build=build,
    params={"var_smoothing": 1e-9},
    space=space,
    # A tenth and a hundredth of the largest variance, on features of variance 1: this project's.
    portfolio=({"var_smoothing": 0.1}, {"var_smoothing": 0.01}),
    requires=("scikit-learn",),
    seeded=scaled_draws,
)
