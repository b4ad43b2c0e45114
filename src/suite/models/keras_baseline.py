"""The original baseline network: 128-64 ReLU, the last fifth of train for validation.

The log gives batch size, epochs and validation split; the layer sizes are this project's.
"""

from __future__ import annotations

from typing import Any

from suite.features import scaled
from suite.models import _keras
from suite.schema import Classifier, Context, ModelSpec, Task


def network(X: Any, n_classes: int) -> Any:
    """Return the Keras model for rows X of shape (n_samples, n_features)."""
    from keras import Sequential, layers

    hidden = [layers.Dense(128, activation="relu"), layers.Dense(64, activation="relu")]
    return Sequential([*hidden, layers.Dense(n_classes, activation="softmax")])


def build(task: Task, context: Context, **params: Any) -> Classifier:
    """Return the pipeline, unfitted."""
    return _keras.classifier(scaled(task, seed=context.seed), network, context, **params)


def space(trial: Any) -> dict[str, Any]:
    """Return what a search tries."""
    return {
        "optimizer": trial.suggest_categorical("optimizer", ["adam", "rmsprop", "nadam"]),
        "epochs": trial.suggest_int("epochs", 5, 50, log=True),
        "batch_size": trial.suggest_categorical("batch_size", [32, 64, 128, 256]),
    }


SPEC = ModelSpec(
    name="keras_baseline",
    summary="the original baseline: 128-64 ReLU, Adam",
    cost=0.15,
    build=build,
    params={"optimizer": "adam", "epochs": 50, "batch_size": 32, "validation": 0.2},
    space=space,
    # It overfits in 50 epochs (the log says so): fewer of them, and larger batches.
    portfolio=(
        {"optimizer": "adam", "epochs": 15, "batch_size": 64},
        {"optimizer": "adam", "epochs": 30, "batch_size": 256},
    ),
    **_keras.SHARED,
)
