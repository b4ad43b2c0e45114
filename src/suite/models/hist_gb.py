"""Histogram gradient boosting of scikit-learn, categories split natively."""

from __future__ import annotations

from typing import Any, Literal

from suite.features import native, native_draws
from suite.schema import Classifier, Context, ModelSpec, Task


def build(
    task: Task, context: Context, early_stopping: bool | Literal["auto"] = "auto", **params: Any
) -> Classifier:
    """Return the pipeline, unfitted; it stops early above 10,000 train rows, as scikit-learn's does, or where set."""
    from sklearn.pipeline import make_pipeline

    from suite.models._hist_gb import StoppedHistGradientBoosting

    stops = task.n_train > 10_000 if early_stopping == "auto" else early_stopping
    held_out = task.validation if stops else None
    model = StoppedHistGradientBoosting(held_out, random_state=context.seed, **params)
    return make_pipeline(native(task, held_out=held_out, seed=context.seed), model)


def space(trial: Any) -> dict[str, Any]:
    """Return what a search tries."""
    return ROUNDS | {
        "learning_rate": trial.suggest_float("learning_rate", 0.02, 0.3, log=True),
        "max_leaf_nodes": trial.suggest_int("max_leaf_nodes", 4, 128, log=True),
        "min_samples_leaf": trial.suggest_int("min_samples_leaf", 1, 100, log=True),
        "l2_regularization": trial.suggest_float("l2_regularization", 1e-4, 30.0, log=True),
        "max_features": trial.suggest_float("max_features", 0.3, 1.0),
    }


ROUNDS: dict[str, Any] = {"max_iter": 1000, "early_stopping": True, "n_iter_no_change": 20}
# Its columns and leaves are LightGBM's: the tuned defaults of that (pytabkit), and AutoGluon's first configurations.
_TRIED = ((0.04, 50, 40, 1e-4, 1.0), (0.031, 24, 1, 0.58, 0.49), (0.095, 23, 13, 0.034, 0.78))
_NAMES = ("learning_rate", "max_leaf_nodes", "min_samples_leaf", "l2_regularization", "max_features")
SPEC = ModelSpec(
    name="hist_gb",
    family="boosting",
    summary="scikit-learn's histogram gradient boosting",
    build=build,
    params={"learning_rate": 0.1, "max_iter": 100, "max_leaf_nodes": 31},
    further={
        "early_stopping": "auto",
        "n_iter_no_change": 10,
        "min_samples_leaf": 20,
        "l2_regularization": 0.0,
        "max_features": 1.0,
    },
    space=space,
    portfolio=tuple(ROUNDS | dict(zip(_NAMES, values, strict=True)) for values in _TRIED),
    requires=("scikit-learn",),
    version=2,
    limits={"early_stopping": ("auto", True, False)},
    # Of more rows a sample gives the bins.
    seeded=lambda task: task.n_train > 200_000 or native_draws(task),
    draws=("max_features",),
)
