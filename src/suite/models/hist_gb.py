"""Histogram gradient boosting of scikit-learn, categories split natively."""

from __future__ import annotations

from typing import Any

from suite.features import native, native_draws
from suite.schema import Classifier, Context, ModelSpec, Task


def build(task: Task, context: Context, **params: Any) -> Classifier:
    """Return the pipeline, unfitted; above 10,000 train rows it stops early, as scikit-learn's does."""
    from sklearn.pipeline import make_pipeline

    from suite.models._hist_gb import StoppedHistGradientBoosting

    held_out = task.validation if task.n_train > 10_000 else None
    model = StoppedHistGradientBoosting(held_out, random_state=context.seed, **params)
    return make_pipeline(native(task, held_out=held_out, seed=context.seed), model)


SPEC = ModelSpec(
    name="hist_gb",
    family="boosting",
    summary="scikit-learn's histogram gradient boosting",
    build=build,
    params={"learning_rate": 0.1, "max_iter": 100, "max_leaf_nodes": 31},
    requires=("scikit-learn",),
    version=2,
    # Of more rows a sample gives the bins.
    seeded=lambda task: task.n_train > 200_000 or native_draws(task),
)
