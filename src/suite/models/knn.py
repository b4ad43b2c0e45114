"""Nearest neighbours on standardised features: no training, all the work at prediction."""

from __future__ import annotations

from typing import Any

from suite.features import scaled, scaled_draws
from suite.schema import Classifier, Context, ModelSpec, Task


def build(task: Task, context: Context, *, n_neighbors: int, weights: str, p: float = 2.0) -> Classifier:
    """Return the pipeline, unfitted."""
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline

    k = min(n_neighbors, task.n_train)
    model = KNeighborsClassifier(k, weights=weights, p=p, n_jobs=context.threads)
    return make_pipeline(scaled(task, seed=context.seed), model)


def space(trial: Any) -> dict[str, Any]:
    """Return what a search tries."""
    return {
        "n_neighbors": trial.suggest_int("n_neighbors", 1, 200, log=True),
        "weights": trial.suggest_categorical("weights", ["uniform", "distance"]),
        "p": trial.suggest_categorical("p", [1.0, 2.0]),
    }


SPEC = ModelSpec(
    name="knn",
    family="neighbours",
    summary="k nearest neighbours on standardised features",
    build=build,
    params={"n_neighbors": 5, "weights": "uniform"},
    further={"p": 2.0},
    space=space,
    # TabArena's default number of neighbours, and more of them; distances of both kinds.
    portfolio=(
        {"n_neighbors": 20, "weights": "distance", "p": 2.0},
        {"n_neighbors": 20, "weights": "distance", "p": 1.0},
        {"n_neighbors": 60, "weights": "distance", "p": 1.0},
    ),
    requires=("scikit-learn",),
    limits={"n_neighbors": "[1, inf)", "p": "[1, inf)", "weights": ("uniform", "distance")},
    seeded=scaled_draws,
)
