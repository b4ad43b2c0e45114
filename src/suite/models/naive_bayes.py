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


SPEC = ModelSpec(
    name="naive_bayes",
    family="bayes",
    summary="Gaussian naive Bayes",
    build=build,
    params={"var_smoothing": 1e-9},
    requires=("scikit-learn",),
    seeded=scaled_draws,
)
