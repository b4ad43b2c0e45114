"""The original tuned network: what its search found, on all train rows.

RMSprop, 128 neurons, dropout 0.3, 100 epochs of batch 64 are the log's ``Best parameters``.
"""

from __future__ import annotations

from typing import Any

from suite.features import scaled
from suite.models import _keras
from suite.schema import Classifier, Context, ModelSpec, Task


def build(task: Task, context: Context, *, neurons: int, dropout: float, **params: Any) -> Classifier:
    """Return the pipeline, unfitted."""
    from suite.neural.networks import Mlp

    network = Mlp((neurons, neurons), dropout=dropout)
    return _keras.classifier(scaled(task, seed=context.seed), network, context, **params)


def space(trial: Any) -> dict[str, Any]:
    """Return what the original search tried: the log names these five parameters and their best values alone."""
    return {
        "optimizer": trial.suggest_categorical("optimizer", ["rmsprop", "adam"]),
        "epochs": trial.suggest_categorical("epochs", [50, 100]),
        "batch_size": trial.suggest_categorical("batch_size", [32, 64, 128]),
        "neurons": trial.suggest_categorical("neurons", [32, 64, 128]),
        "dropout": trial.suggest_categorical("dropout", [0.2, 0.3, 0.4, 0.5]),
    }


SPEC = ModelSpec(
    name="keras_tuned",
    summary="the original search's winner: 128-128, dropout, RMSprop",
    cost=0.33,
    build=build,
    params={"optimizer": "rmsprop", "epochs": 100, "batch_size": 64, "neurons": 128, "dropout": 0.3},
    space=space,
    # The defaults are the original winner; these are its neighbours.
    portfolio=(
        {"optimizer": "adam", "epochs": 100, "batch_size": 64, "neurons": 128, "dropout": 0.3},
        {"optimizer": "rmsprop", "epochs": 50, "batch_size": 64, "neurons": 128, "dropout": 0.2},
        {"optimizer": "rmsprop", "epochs": 100, "batch_size": 128, "neurons": 64, "dropout": 0.2},
    ),
    **_keras.SHARED,
)
