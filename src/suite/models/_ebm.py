"""Explainable boosting whose bags are fitted by threads: no process starts, and memory is counted where it is used."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any, Self

import joblib
import numpy as np
import pandas as pd
from interpret.glassbox import ExplainableBoostingClassifier


class ThreadedEBM(ExplainableBoostingClassifier):
    """`ExplainableBoostingClassifier` for a DataFrame of numbers and pandas categories."""

    def fit(self, X: pd.DataFrame, y: np.ndarray, **options: Any) -> Self:
        """Fit on X of shape (n_samples, n_features) and labels y."""
        with joblib.parallel_config("threading"), _quiet():
            super().fit(X, y, **options)
        self.notes_ = (f"each of {self.outer_bags} bags stops early by rows of train that it draws",)
        return self

    def predict_proba(self, X: pd.DataFrame, *options: Any, **more: Any) -> Any:
        """Return probabilities, shape (n_samples, n_classes)."""
        with _quiet():
            return super().predict_proba(X, *options, **more)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Leave out that missing values cannot be drawn, which nobody does here."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Missing values detected", UserWarning)
        yield
