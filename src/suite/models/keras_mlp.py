"""A modern network on normal quantiles; see docs/decisions/networks.md."""

from __future__ import annotations

from typing import Any

from suite.features import scaled
from suite.models import _keras
from suite.schema import Classifier, Context, ModelSpec, Task


def build(task: Task, context: Context, **params: Any) -> Classifier:
    """Return the pipeline, unfitted."""
    from suite.neural.networks import Mlp

    network = Mlp((256, 256, 256), activation="silu", dropout=0.15)
    prepare = scaled(task, scaling="quantile", seed=context.seed)
    return _keras.modern(prepare, network, task, context, **params)


SPEC = ModelSpec(
    name="keras_mlp",
    summary="3 x 256 on normal quantiles, AdamW, cosine",
    build=build,
    params=_keras.MODERN,
    **_keras.SHARED,
)
