"""Nearest neighbours on standardised features: no training, all the work at prediction."""

from __future__ import annotations

from suite.features import scaled, scaled_draws
from suite.schema import Classifier, Context, ModelSpec, Task


def build(task: Task, context: Context, *, n_neighbors: int, weights: str) -> Classifier:
    """Return the pipeline, unfitted."""
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline

    model = KNeighborsClassifier(min(n_neighbors, task.n_train), weights=weights, n_jobs=context.threads)
    return make_pipeline(scaled(task, seed=context.seed), model)


SPEC = ModelSpec(
    name="knn",
    family="neighbours",
    summary="k nearest neighbours on standardised features",
    build=build,
    params={"n_neighbors": 5, "weights": "uniform"},
    requires=("scikit-learn",),
    limits={"n_neighbors": "[1, inf)", "weights": ("uniform", "distance")},
    seeded=scaled_draws,
)
