"""Logistic regression on normal quantiles and smooth curves along them: linear in the classes, not in the columns."""

from __future__ import annotations

from typing import Any

from suite.features import scaled, scaled_draws
from suite.schema import Classifier, Context, ModelSpec, Task

NUMBERS = ("numeric", "boolean", "datetime")


def build(task: Task, context: Context, *, n_knots: int, **params: Any) -> Classifier:
    """Return the pipeline, unfitted; `scaled` puts numbers first, mapped to [-4, 4]."""
    import numpy as np
    from sklearn.compose import ColumnTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import FeatureUnion, make_pipeline
    from sklearn.preprocessing import SplineTransformer

    kinds = [kind for kind in task.kinds if kind in NUMBERS]
    curved = [at for at, kind in enumerate(kinds) if kind != "boolean"]
    knots = np.linspace(-4.0, 4.0, n_knots)[:, np.newaxis].repeat(len(curved), axis=1)
    curves = ColumnTransformer([("curves", SplineTransformer(knots=knots, include_bias=False), curved)])
    features = FeatureUnion([("as_they_are", "passthrough"), ("curves", curves if curved else "drop")])
    model = LogisticRegression(random_state=context.seed, **params)
    return make_pipeline(scaled(task, scaling="quantile", seed=context.seed), features, model)


def space(trial: Any) -> dict[str, Any]:
    """Return what a search tries."""
    return {
        "C": trial.suggest_float("C", 1e-3, 1e2, log=True),
        "n_knots": trial.suggest_int("n_knots", 3, 16),
    }


SPEC = ModelSpec(
    name="logistic_splines",
    family="linear",
    summary="L2 logistic regression on splines of quantiles",
    build=build,
    params={"C": 1.0, "max_iter": 1000, "n_knots": 8},
    space=space,
    # Stiffer for few rows, finer for many: see docs/decisions/models.md.
    portfolio=({"C": 1.0, "n_knots": 4}, {"C": 3.0, "n_knots": 12}, {"C": 0.1, "n_knots": 5}),
    requires=("scikit-learn",),
    cost=3.0,
    limits={"n_knots": "[2, inf)"},
    seeded=lambda task: scaled_draws(task) or any(kind in NUMBERS for kind in task.kinds),
)
