"""What the boosting entries share: pipelines that can stop early, and what their parameters take."""

from __future__ import annotations

from typing import Any

from suite.features import native
from suite.schema import Classifier, Context, Task

LIMITS = {
    "n_estimators": "[1, inf)",
    "early_stopping": "[0, inf)",
    **dict.fromkeys(("subsample", "colsample_bytree", "colsample_bylevel"), "(0, 1]"),
    **dict.fromkeys(("reg_alpha", "reg_lambda", "min_child_weight"), "[0, inf)"),
}
ROUNDS: dict[str, Any] = {"n_estimators": 2000, "early_stopping": 50}
"""Of every trial: the slowest learning rates of the spaces take about as many rounds on a large table."""


def pipeline(
    model: Any, train: Any, task: Task, context: Context, patience: int, always: bool = False
) -> Classifier:
    """Return native features before a booster; with patience it stops early by the validation rows.

    These are then seen by no encoding that learns from labels. `train` is a `_stopping.Train`; it is used `always`, so
    that the deadline is kept, or where the booster stops early.
    """
    from sklearn.pipeline import make_pipeline

    from suite.models._stopping import StoppedBooster

    held = task.validation if patience else None
    if patience or always:
        model = StoppedBooster(model, train, validation=held, patience=patience, context=context)
    return make_pipeline(native(task, held_out=held, seed=context.seed), model)
