"""Logistic regression on standardised features: the linear reference point."""

from __future__ import annotations

from suite.features import scaled, scaled_draws
from suite.schema import Classifier, Context, ModelSpec, Task


def build(task: Task, context: Context, *, C: float, max_iter: int) -> Classifier:
    """Return the pipeline, unfitted."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = LogisticRegression(C=C, max_iter=max_iter, random_state=context.seed)
    return make_pipeline(scaled(task, seed=context.seed), model)


SPEC = ModelSpec(
    name="logistic",
    family="linear",
    summary="L2 logistic regression on standardised features",
    build=build,
    params={"C": 1.0, "max_iter": 1000},
    requires=("scikit-learn",),
    seeded=scaled_draws,
)
