"""Five of `keras_embeddings`, each from weights and an order of its own: the mean of their probabilities."""

from __future__ import annotations

from suite.models import _keras, _modern
from suite.schema import ModelSpec

SPEC = ModelSpec(
    name="keras_ensemble",
    summary="the mean of 5 embedding networks",
    build=_keras.embeddings,
    params={**_keras.MODERN, "members": 5},
    version=2,
    cost=2.4,
    further={"numbers": False},
    space=_modern.embedding_space,
    portfolio=_modern.EMBEDDING_PORTFOLIO,
    **_keras.SHARED,
)
