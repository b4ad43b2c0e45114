"""Five of `keras_embeddings`, each from weights and an order of its own: the mean of their probabilities."""

from __future__ import annotations

from typing import Any

from suite.features import scaled
from suite.models import _keras
from suite.schema import Classifier, Context, ModelSpec, Task


def build(task: Task, context: Context, **params: Any) -> Classifier:
    """Return the pipeline, unfitted."""
    from sklearn.pipeline import make_pipeline

    prepare = scaled(task, scaling="quantile", categories="codes", seed=context.seed)
    return make_pipeline(prepare, _keras.embeddings(task, context, **params))


SPEC = ModelSpec(
    name="keras_ensemble",
    family="neural",
    summary="the mean of 5 embedding networks",
    build=build,
    params={
        "epochs": 24,
        "batch_size": 256,
        "learning_rate": 0.002,
        "label_smoothing": 0.05,
        "weight_decay": 0.01,
        "members": 5,
    },
    requires=("scikit-learn", "keras", "tensorflow"),
    version=2,
    cost=4.0,
)
