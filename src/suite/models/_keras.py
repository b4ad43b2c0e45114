"""What the Keras entries share: pipelines that draw on the context, what their parameters take, and their libraries."""

from __future__ import annotations

from typing import Any

from suite.features import n_coded, scaled
from suite.schema import Classifier, Context, Task

OPTIMIZERS = (
    "adadelta", "adafactor", "adagrad", "adam", "adamax", "ftrl", "lion", "muon", "nadam", "rmsprop",
    "schedulefreeadamw", "sgd",
)  # fmt: skip
ACTIVATIONS = (
    "celu", "elu", "exponential", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh",
    "leaky_relu", "linear", "log_sigmoid", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "silu",
    "soft_shrink", "softmax", "softplus", "softsign", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus",
    "swish", "tanh", "tanh_shrink",
)  # fmt: skip
LIMITS: dict[str, str | tuple[str, ...]] = {
    "optimizer": OPTIMIZERS,
    "activation": ACTIVATIONS,
    **dict.fromkeys(("epochs", "batch_size", "neurons", "members"), "[1, inf)"),
    **dict.fromkeys(("dropout", "label_smoothing"), "[0, 1)"),
    "validation": "(0, 1)",
    "learning_rate": "(0, inf)",
    "weight_decay": "[0, inf)",
}
MODERN: dict[str, Any] = {
    "epochs": 24,
    "batch_size": 256,
    "learning_rate": 0.002,
    "label_smoothing": 0.05,
    "weight_decay": 0.01,
}
"""Parameters of `modern`, and their defaults."""
SHARED: dict[str, Any] = {
    "family": "neural",
    "requires": ("scikit-learn", "keras", "tensorflow"),
    "limits": LIMITS,
}
"""What every entry has in its `ModelSpec`."""


def classifier(prepare: Any, network: Any, context: Context, **params: Any) -> Classifier:
    """Return features before a `KerasClassifier` that is seeded by the context, reports to it and ends in its time."""
    from sklearn.pipeline import make_pipeline

    from suite.neural.classifier import KerasClassifier

    model = KerasClassifier(
        network,
        random_state=context.seed,
        reuse=context.inner,
        report=context.report,
        deadline=context.deadline,
        **params,
    )
    return make_pipeline(prepare, model)


def modern(
    prepare: Any, network: Any, task: Task, context: Context, *, epochs: int, batch_size: int, **params: Any
) -> Classifier:
    """Return such a pipeline with AdamW on a cosine, its epochs and batches sized to the table."""
    from suite.neural.sizes import sized

    params |= sized(task.n_train, epochs, batch_size)._asdict()
    return classifier(prepare, network, context, optimizer="adamw", schedule="cosine", **params)


def embeddings(task: Task, context: Context, numbers: bool = False, **params: Any) -> Classifier:
    """Return such a pipeline on periodic and category embeddings, with or without the numbers beside them."""
    from suite.neural.networks import EmbeddingMlp

    prepare = scaled(task, scaling="quantile", categories="codes", seed=context.seed)
    network = EmbeddingMlp(categorical=range(n_coded(task)), numbers=numbers)
    return modern(prepare, network, task, context, **params)
