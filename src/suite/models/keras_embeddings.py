"""A network on periodic embeddings of numbers and learned ones of categories."""

from __future__ import annotations

from suite.models import _keras

SPEC = _keras.entry(
    "keras_embeddings", "periodic and category embeddings, 3 x 256", _keras.embeddings, _keras.MODERN
)
