"""The original tuned network: what its search found, on all train rows.

RMSprop, 128 neurons, dropout 0.3, 100 epochs of batch 64 are the log's ``Best parameters``.
"""

from __future__ import annotations

from typing import Any

from suite.features import scaled
from suite.schema import Classifier, Context, ModelSpec, Task


def network(X: Any, n_classes: int) -> Any:
    """Return the Keras model for rows X of shape (n_samples, n_features)."""
    from suite.neural.networks import mlp

    return mlp((128, 128), dropout=0.3)(X, n_classes)


def build(task: Task, context: Context, **params: Any) -> Classifier:
    """Return the pipeline, unfitted."""
    from sklearn.pipeline import make_pipeline

    from suite.neural.classifier import KerasClassifier

    model = KerasClassifier(
        network, random_state=context.seed, report=context.report, deadline=context.deadline, **params
    )
    return make_pipeline(scaled(task, seed=context.seed), model)


SPEC = ModelSpec(
    name="keras_tuned",
    family="neural",
    summary="the original search's winner: 128-128, dropout, RMSprop",
    build=build,
    params={"optimizer": "rmsprop", "epochs": 100, "batch_size": 64},
    requires=("scikit-learn", "keras", "tensorflow"),
)
