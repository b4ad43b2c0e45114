"""The original enhanced network: BatchNorm, LeakyReLU and dropout on 256-128-64."""

from __future__ import annotations

from typing import Any

from suite.features import scaled
from suite.models import _keras
from suite.schema import Classifier, Context, ModelSpec, Task


def build(task: Task, context: Context, *, activation: str, **params: Any) -> Classifier:
    """Return the pipeline, unfitted."""
    from suite.neural.networks import Mlp

    network = Mlp((256, 128, 64), activation=activation, dropout=(0.3, 0.3, 0.2), batch_norm=True)
    return _keras.classifier(scaled(task, seed=context.seed), network, context, **params)


SPEC = ModelSpec(
    name="keras_enhanced",
    summary="the original enhanced: 256-128-64, BatchNorm, dropout",
    build=build,
    params={
        "optimizer": "adam",
        "epochs": 100,
        "batch_size": 32,
        "activation": "leaky_relu",
        "validation": 0.2,
    },
    **_keras.SHARED,
)
