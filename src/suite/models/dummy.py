"""Class frequencies of the train rows for every row: what any model has to beat."""

from __future__ import annotations

from typing import Any

import numpy as np

from suite.schema import Classifier, Context, ModelSpec, Task


class PriorClassifier:
    """Predict the class frequencies seen in `fit`, whatever the features."""

    def fit(self, X: Any, y: np.ndarray) -> PriorClassifier:
        """Count the labels y, shape (n_samples,)."""
        self.classes_, counts = np.unique(y, return_counts=True)
        self.prior_ = counts / counts.sum()
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the same frequencies for every row, shape (n_samples, n_classes)."""
        return np.tile(self.prior_, (len(X), 1))


def build(task: Task, context: Context) -> Classifier:
    """Return a `PriorClassifier`."""
    return PriorClassifier()


SPEC = ModelSpec(
    name="dummy",
    family="baseline",
    summary="class frequencies",
    build=build,
    requires=("numpy",),
    seeded=False,
)
