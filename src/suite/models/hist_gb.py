"""Histogram gradient boosting of scikit-learn, categories split natively."""

from __future__ import annotations

from suite.features import native
from suite.schema import Classifier, Context, ModelSpec, Task


def build(
    task: Task, context: Context, *, learning_rate: float, max_iter: int, max_leaf_nodes: int
) -> Classifier:
    """Return the pipeline, unfitted."""
    from sklearn.pipeline import make_pipeline

    from suite.models._hist_gb import AnyClassHistGradientBoosting

    model = AnyClassHistGradientBoosting(
        learning_rate=learning_rate,
        max_iter=max_iter,
        max_leaf_nodes=max_leaf_nodes,
        random_state=context.seed,
    )
    return make_pipeline(native(task, seed=context.seed), model)


SPEC = ModelSpec(
    name="hist_gb",
    family="boosting",
    summary="scikit-learn's histogram gradient boosting",
    build=build,
    params={"learning_rate": 0.1, "max_iter": 100, "max_leaf_nodes": 31},
    requires=("scikit-learn",),
)
