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


SPEC = ModelSpec(
    name="keras_tuned",
    summary="the original search's winner: 128-128, dropout, RMSprop",
    build=build,
    params={"optimizer": "rmsprop", "epochs": 100, "batch_size": 64, "neurons": 128, "dropout": 0.3},
    **_keras.SHARED,
)
