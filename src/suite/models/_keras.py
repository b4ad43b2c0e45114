"""What the Keras entries share: classifiers that draw on the context, and the embedding network's."""

from __future__ import annotations

from typing import Any

from suite.features import n_coded
from suite.schema import Context, Task


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


def embeddings(task: Task, context: Context, **params: Any) -> Any:
    """Return the classifier on periodic and category embeddings, for `scaled(categories="codes")`."""
    from suite.neural.networks import embedding_mlp

    return modern(embedding_mlp(range(n_coded(task))), task, context, **params)
