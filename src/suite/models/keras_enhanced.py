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


def space(trial: Any) -> dict[str, Any]:
    """Return what a search tries."""
    return {
        "optimizer": trial.suggest_categorical("optimizer", ["adam", "rmsprop", "nadam"]),
        "epochs": trial.suggest_int("epochs", 20, 100, log=True),
        "batch_size": trial.suggest_categorical("batch_size", [32, 64, 128, 256]),
        "activation": trial.suggest_categorical("activation", ["leaky_relu", "relu", "elu", "silu"]),
    }


SPEC = ModelSpec(
    name="keras_enhanced",
    summary="the original enhanced: 256-128-64, BatchNorm, dropout",
    cost=0.95,
    build=build,
    params={
        "optimizer": "adam",
        "epochs": 100,
        "batch_size": 32,
        "activation": "leaky_relu",
        "validation": 0.2,
    },
    space=space,
    # The log suggests to experiment with the activation; larger batches leave BatchNorm less noise.
    portfolio=(
        {"optimizer": "adam", "epochs": 100, "batch_size": 128, "activation": "silu"},
        {"optimizer": "adam", "epochs": 60, "batch_size": 128, "activation": "relu"},
    ),
    **_keras.SHARED,
)
