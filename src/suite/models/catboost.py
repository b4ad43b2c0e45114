"""CatBoost: symmetric trees, categories by ordered statistics of the labels."""

from __future__ import annotations

from typing import Any

from suite.models._boosting import LIMITS, ROUNDS, pipeline
from suite.schema import Classifier, Context, ModelSpec, Task

OWN = ("learning_rate", "leaf_estimation_iterations", "subsample")


def build(task: Task, context: Context, early_stopping: int = 0, **params: Any) -> Classifier:
    """Return the pipeline, unfitted; of the parameters in `OWN`, 0 is what CatBoost chooses itself."""
    from suite.models._catboost import CodedCatBoost, train

    params = {name: value for name, value in params.items() if value or name not in OWN}
    if "subsample" in params:
        params["bootstrap_type"] = "Bernoulli"
    # As documented; by itself CatBoost combines fewer categories where fewer rounds are asked for.
    params["max_ctr_complexity"] = 4
    quiet = {"logging_level": "Silent", "allow_writing_files": False}
    model = CodedCatBoost(thread_count=context.threads, random_seed=context.seed, **params, **quiet)
    return pipeline(model, train, task, context, early_stopping, always=True)


def space(trial: Any) -> dict[str, Any]:
    """Return what a search tries."""
    return ROUNDS | {
        "learning_rate": trial.suggest_float("learning_rate", 0.03, 0.3, log=True),
        "depth": trial.suggest_int("depth", 4, 8),
        "l2_leaf_reg": trial.suggest_float("l2_leaf_reg", 1e-4, 10.0, log=True),
        "subsample": trial.suggest_float("subsample", 0.5, 1.0),
        "random_strength": trial.suggest_float("random_strength", 0.0, 2.0),
        "one_hot_max_size": trial.suggest_int("one_hot_max_size", 2, 100, log=True),
    }


_NAMES = ("learning_rate", "depth", "l2_leaf_reg", "subsample", "random_strength", "one_hot_max_size")
# Tuned defaults of pytabkit (CatBoost-TD), then the first symmetric ones of AutoGluon's zeroshot_portfolio_2023
# (r177, r137), which leave the sample and the strength of chance at the defaults of CatBoost for two classes.
_TRIED = ((0.08, 7, 1e-4, 0.9, 0.8, 15), (0.0686, 6, 2.15, 0.8, 1.0, 10), (0.0494, 4, 4.56, 0.8, 1.0, 3))
SPEC = ModelSpec(
    name="catboost",
    family="boosting",
    summary="CatBoost with symmetric trees, 1,000 rounds",
    build=build,
    params={"n_estimators": 1000, "learning_rate": 0.0, "depth": 6},
    further={
        "early_stopping": 0,
        "l2_leaf_reg": 3.0,
        "leaf_estimation_iterations": 0,
        "subsample": 0.0,
        "random_strength": 1.0,
        "one_hot_max_size": 2,
    },
    space=space,
    portfolio=tuple(ROUNDS | dict(zip(_NAMES, values, strict=True)) for values in _TRIED),
    requires=("scikit-learn", "catboost"),
    cost=12.0,
    limits={
        **LIMITS,
        **dict.fromkeys(("learning_rate", "subsample"), "[0, 1]"),
        "depth": "[1, 16]",
        **dict.fromkeys(("l2_leaf_reg", "random_strength", "leaf_estimation_iterations"), "[0, inf)"),
        "one_hot_max_size": "[1, 255]",
    },
)
