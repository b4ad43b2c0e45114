"""A network on periodic embeddings of numbers and learned ones of categories."""

from __future__ import annotations

from suite.models import _keras
from suite.schema import ModelSpec

SPEC = ModelSpec(
    name="keras_embeddings",
    summary="periodic and category embeddings, 3 x 256",
    build=_keras.embeddings,
    params=_keras.MODERN,
    **_keras.SHARED,
)
