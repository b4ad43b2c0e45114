"""What the Keras entries share: classifiers that draw on the context, and what their parameters take."""

from __future__ import annotations

from typing import Any

from suite.features import n_coded, scaled
from suite.schema import Classifier, Context, Task

OPTIMIZERS = (
    *("adadelta", "adafactor", "adagrad", "adam", "adamax", "ftrl", "lion", "muon", "nadam", "rmsprop"),
    *("schedulefreeadamw", "sgd"),
)
ACTIVATIONS = (
    *(
        "celu",
        "elu",
        "exponential",
        "gelu",
        "hard_shrink",
        "hard_sigmoid",
        "hard_silu",
        "hard_swish",
        "hard_tanh",
    ),
    *(
        "leaky_relu",
        "linear",
        "log_sigmoid",
        "log_softmax",
        "mish",
        "relu",
        "relu6",
        "selu",
        "sigmoid",
        "silu",
    ),
    *("soft_shrink", "softmax", "softplus", "softsign", "sparse_plus", "sparse_sigmoid", "sparsemax"),
    *("squareplus", "swish", "tanh", "tanh_shrink"),
)
LIMITS: dict[str, str | tuple[str, ...]] = {
    "optimizer": OPTIMIZERS,
    "activation": ACTIVATIONS,
    **dict.fromkeys(("epochs", "batch_size", "neurons", "members"), "[1, inf)"),
    **dict.fromkeys(("dropout", "label_smoothing"), "[0, 1)"),
    "validation": "(0, 1)",
    "learning_rate": "(0, inf)",
    "weight_decay": "[0, inf)",
}


def classifier(network: Any, context: Context, **params: Any) -> Any:
    """Return a `KerasClassifier` seeded by the context, reporting to it and stopping at its deadline."""
    from suite.neural.classifier import KerasClassifier

    return KerasClassifier(
        network, random_state=context.seed, report=context.report, deadline=context.deadline, **params
    )


def modern(network: Any, task: Task, context: Context, *, epochs: int, batch_size: int, **params: Any) -> Any:
    """Return a classifier with AdamW on a cosine, its epochs and batches sized to the table."""
    from suite.neural.sizes import sized

    size = sized(task.n_train, epochs, batch_size)
    return classifier(network, context, optimizer="adamw", schedule="cosine", **params, **size._asdict())


def embeddings(task: Task, context: Context, **params: Any) -> Classifier:
    """Return a pipeline that ends in the classifier on periodic and category embeddings."""
    from sklearn.pipeline import make_pipeline

    from suite.neural.networks import EmbeddingMlp

    prepare = scaled(task, scaling="quantile", categories="codes", seed=context.seed)
    return make_pipeline(
        prepare, modern(EmbeddingMlp(categorical=range(n_coded(task))), task, context, **params)
    )
