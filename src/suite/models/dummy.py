"""Class frequencies of the train rows for every row: what any model has to beat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from suite.schema import ModelSpec

if TYPE_CHECKING:
    import numpy as np


class PriorClassifier:
    """Predict the class frequencies seen in `fit`, whatever the features."""

    def fit(self, X: Any, y: np.ndarray) -> PriorClassifier:
        """Count the labels y, shape (n_samples,)."""
        import numpy as np

        self.classes_, counts = np.unique(y, return_counts=True)
        self.prior_ = counts / counts.sum()
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the same frequencies for every row, shape (n_samples, n_classes)."""
        import numpy as np

        return np.tile(self.prior_, (len(X), 1))


SPEC = ModelSpec(
    name="dummy",
    family="baseline",
    summary="class frequencies",
    build=lambda task, context: PriorClassifier(),
    requires=("numpy",),
    seeded=False,
)
