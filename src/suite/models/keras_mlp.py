"""A modern network on normal quantiles; see docs/decisions/networks.md."""

from __future__ import annotations

from typing import Any

from suite.features import scaled
from suite.models import _keras
from suite.schema import Classifier, Context, ModelSpec, Task


def build(task: Task, context: Context, **params: Any) -> Classifier:
    """Return the pipeline, unfitted."""
    from sklearn.pipeline import make_pipeline

    from suite.neural.networks import Mlp

    network = Mlp((256, 256, 256), activation="silu", dropout=0.15)
    prepare = scaled(task, scaling="quantile", seed=context.seed)
    return make_pipeline(prepare, _keras.modern(network, task, context, **params))


SPEC = ModelSpec(
    name="keras_mlp",
    family="neural",
    summary="3 x 256 on normal quantiles, AdamW, cosine",
    build=build,
    params={
        "epochs": 24,
        "batch_size": 256,
        "learning_rate": 0.002,
        "label_smoothing": 0.05,
        "weight_decay": 0.01,
    },
    requires=("scikit-learn", "keras", "tensorflow"),
    limits=_keras.LIMITS,
)
