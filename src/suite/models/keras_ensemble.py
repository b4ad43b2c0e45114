"""Eight of `keras_embeddings` by k-fold bagging: every train row counts, none is its own judge."""

from __future__ import annotations

from typing import Any

from suite.features import scaled
from suite.models import _keras
from suite.schema import Classifier, Context, ModelSpec, Task


def build(task: Task, context: Context, *, members: int, **params: Any) -> Classifier:
    """Return the pipeline, unfitted."""
    from sklearn.pipeline import make_pipeline

    from suite.neural.ensemble import KFoldEnsemble

    prepare = scaled(task, scaling="quantile", categories="codes", seed=context.seed)
    member = _keras.embeddings(task, context, **params)
    return make_pipeline(prepare, KFoldEnsemble(member, members=members, random_state=context.seed))


SPEC = ModelSpec(
    name="keras_ensemble",
    family="neural",
    summary="8 embedding networks by k-fold bagging",
    build=build,
    params={
        "epochs": 16,
        "batch_size": 256,
        "learning_rate": 0.003,
        "label_smoothing": 0.05,
        "weight_decay": 0.01,
        "members": 8,
    },
    requires=("scikit-learn", "keras", "tensorflow"),
)
