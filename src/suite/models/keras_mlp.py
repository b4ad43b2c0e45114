"""A modern network on normal quantiles; see docs/decisions/networks.md."""

from __future__ import annotations

from typing import Any

from suite.features import scaled
from suite.models import _keras, _modern
from suite.schema import Classifier, Context, ModelSpec, Task


def build(task: Task, context: Context, dropout: float = 0.15, **params: Any) -> Classifier:
    """Return the pipeline, unfitted."""
    from suite.neural.networks import Mlp

    network = Mlp((256, 256, 256), activation="silu", dropout=dropout)
    prepare = scaled(task, scaling="quantile", seed=context.seed)
    return _keras.modern(prepare, network, task, context, **params)


def space(trial: Any) -> dict[str, Any]:
    """Return what a search tries."""
    return _modern.space(trial) | {"dropout": trial.suggest_float("dropout", 0.0, 0.5)}


SPEC = ModelSpec(
    name="keras_mlp",
    summary="3 x 256 on normal quantiles, AdamW, cosine",
    cost=0.45,
    build=build,
    params=_keras.MODERN,
    further={"dropout": 0.15},
    space=space,
    portfolio=tuple(tried | {"dropout": 0.15} for tried in _modern.PORTFOLIO),
    **_keras.SHARED,
)
