"""Gaussian naive Bayes: the cheapest model that looks at every feature."""

from __future__ import annotations

from suite.features import scaled, scaled_draws
from suite.schema import Classifier, Context, ModelSpec, Task


def build(task: Task, context: Context, *, var_smoothing: float) -> Classifier:
    """Return the pipeline, unfitted."""
    from sklearn.naive_bayes import GaussianNB
    from sklearn.pipeline import make_pipeline

    return make_pipeline(scaled(task, seed=context.seed), GaussianNB(var_smoothing=var_smoothing))


SPEC = ModelSpec(
    name="naive_bayes",
    family="bayes",
    summary="Gaussian naive Bayes",
    build=build,
    params={"var_smoothing": 1e-9},
    requires=("scikit-learn",),
    seeded=scaled_draws,
)
