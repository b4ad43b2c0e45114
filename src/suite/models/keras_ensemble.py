"""Five of `keras_embeddings`, each from weights and an order of its own: the mean of their probabilities."""

from __future__ import annotations

from suite.models import _keras
from suite.schema import ModelSpec

SPEC = ModelSpec(
    name="keras_ensemble",
    family="neural",
    summary="the mean of 5 embedding networks",
    build=_keras.embeddings,
    params={
        "epochs": 24,
        "batch_size": 256,
        "learning_rate": 0.002,
        "label_smoothing": 0.05,
        "weight_decay": 0.01,
        "members": 5,
    },
    requires=("scikit-learn", "keras", "tensorflow"),
    limits=_keras.LIMITS,
    version=2,
    cost=4.0,
)
