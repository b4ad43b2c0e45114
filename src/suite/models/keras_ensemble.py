"""Five of `keras_embeddings`, each from weights and an order of its own: the mean of their probabilities."""

from __future__ import annotations

from suite.models import _keras

SPEC = _keras.entry(
    "keras_ensemble",
    "the mean of 5 embedding networks",
    _keras.embeddings,
    {**_keras.MODERN, "members": 5},
    version=2,
    cost=4.0,
)
