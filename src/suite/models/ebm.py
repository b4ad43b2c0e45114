"""An explainable boosting machine: a sum of learnt curves of one column each, for two classes of pairs too."""

from __future__ import annotations

from typing import Any

from suite.features import native
from suite.schema import Classifier, Context, ModelSpec, Task


def build(task: Task, context: Context, interactions: float, **params: Any) -> Classifier:
    """Return the pipeline, unfitted; for more than two classes without pairs, which could not be shown there."""
    from sklearn.pipeline import make_pipeline

    from suite.models._ebm import ThreadedEBM

    pairs = f"{interactions:g}x" if interactions and task.n_classes == 2 else 0
    model = ThreadedEBM(interactions=pairs, n_jobs=context.threads, random_state=context.seed, **params)
    return make_pipeline(native(task, seed=context.seed), model)


def space(trial: Any) -> dict[str, Any]:
    """Return what a search tries."""
    return {
        "learning_rate": trial.suggest_float("learning_rate", 0.01, 0.2, log=True),
        "interactions": trial.suggest_float("interactions", 0.0, 5.0),
        "max_leaves": trial.suggest_int("max_leaves", 2, 4),
        "min_samples_leaf": trial.suggest_int("min_samples_leaf", 2, 50, log=True),
        "smoothing_rounds": trial.suggest_int("smoothing_rounds", 0, 500),
    }


_NAMES = ("learning_rate", "interactions", "max_leaves", "min_samples_leaf", "smoothing_rounds")
# The pairs of the library's default, with a leaf more; a sum of single columns alone, in larger steps, which is fast.
_TRIED = ((0.02, 3.0, 3, 4, 75), (0.05, 0.0, 2, 10, 200))
SPEC = ModelSpec(
    name="ebm",
    family="boosting",
    summary="explainable boosting: a sum of curves",
    build=build,
    params={"outer_bags": 8, "learning_rate": 0.015, "max_rounds": 50_000, "interactions": 1.0},
    further={"max_leaves": 2, "min_samples_leaf": 4, "smoothing_rounds": 75},
    space=space,
    portfolio=tuple(dict(zip(_NAMES, values, strict=True)) for values in _TRIED),
    requires=("scikit-learn", "interpret-core"),
    cost=8.0,
    limits={
        **dict.fromkeys(("outer_bags", "max_rounds", "min_samples_leaf"), "[1, inf)"),
        **dict.fromkeys(("interactions", "smoothing_rounds"), "[0, inf)"),
        "learning_rate": "(0, inf)",
        "max_leaves": "[2, inf)",
    },
)
