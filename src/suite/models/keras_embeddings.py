"""A network on periodic embeddings of numbers and learned ones of categories."""

from __future__ import annotations

from suite.models import _keras
from suite.schema import ModelSpec

SPEC = ModelSpec(
    name="keras_embeddings",
    family="neural",
    summary="periodic and category embeddings, 3 x 256",
    build=_keras.embeddings,
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
