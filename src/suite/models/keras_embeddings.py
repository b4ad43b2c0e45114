"""A network on periodic embeddings of numbers and learned ones of categories."""

from __future__ import annotations

from suite.models import _keras, _modern
from suite.schema import ModelSpec

SPEC = ModelSpec(
    name="keras_embeddings",
    summary="periodic and category embeddings, 3 x 256",
    build=_keras.embeddings,
    params=_keras.MODERN,
    space=_modern.space,
    portfolio=_modern.PORTFOLIO,
    **_keras.SHARED,
)
