"""A network on periodic embeddings of numbers and learned ones of categories."""

from __future__ import annotations

from suite.models import _keras, _modern
from suite.schema import ModelSpec

SPEC = ModelSpec(
    name="keras_embeddings",
    summary="periodic and category embeddings, 3 x 256",
    cost=0.75,
    build=_keras.embeddings,
    params=_keras.MODERN,
    further={"numbers": False},
    space=_modern.embedding_space,
    portfolio=_modern.EMBEDDING_PORTFOLIO,
    **_keras.SHARED,
)
