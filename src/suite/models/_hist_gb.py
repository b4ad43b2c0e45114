"""Histogram gradient boosting that also fits where a class is too rare to be held out."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier


class AnyClassHistGradientBoosting(HistGradientBoostingClassifier):
    """`HistGradientBoostingClassifier`; it stops early only where its held-out tenth can have a row of every class.

    Attributes
    ----------
    notes_ : tuple of str
        What a reader of a record should know of the fit.
    """

    def fit(self, X: Any, y: np.ndarray) -> Self:
        """Fit on X of shape (n_samples, n_features) and labels y."""
        _, counts = np.unique(y, return_counts=True)
        held_out = len(y) * self.validation_fraction
        chosen = self.get_params()["early_stopping"]
        too_rare = chosen == "auto" and len(y) > 10_000 and (counts.min() < 2 or held_out < len(counts))
        try:
            if too_rare:
                self.set_params(early_stopping=False)
            super().fit(X, y)
        finally:
            self.set_params(early_stopping=chosen)
        self.notes_: tuple[str, ...] = ()
        if self.do_early_stopping_:
            self.notes_ = ("above 10,000 train rows it holds out its own tenth for early stopping",)
        elif too_rare:
            self.notes_ = ("it does not stop early: a class has too few train rows to be held out",)
        return self
