"""The original enhanced network: BatchNorm, LeakyReLU and dropout on 256-128-64."""

from __future__ import annotations

from typing import Any

from suite.features import scaled
from suite.schema import Classifier, Context, ModelSpec, Task


def network(X: Any, n_classes: int) -> Any:
    """Return the Keras model for rows X of shape (n_samples, n_features)."""
    from suite.neural.networks import mlp

    return mlp((256, 128, 64), activation="leaky_relu", dropout=(0.3, 0.3, 0.2), batch_norm=True)(
        X, n_classes
    )


def build(task: Task, context: Context, **params: Any) -> Classifier:
    """Return the pipeline, unfitted."""
    from sklearn.pipeline import make_pipeline

    from suite.neural.classifier import KerasClassifier

    model = KerasClassifier(
        network, random_state=context.seed, report=context.report, deadline=context.deadline, **params
    )
    return make_pipeline(scaled(task, seed=context.seed), model)


SPEC = ModelSpec(
    name="keras_enhanced",
    family="neural",
    summary="the original enhanced: 256-128-64, BatchNorm, dropout",
    build=build,
    params={"optimizer": "adam", "epochs": 100, "batch_size": 32, "validation": 0.2},
    requires=("scikit-learn", "keras", "tensorflow"),
)
