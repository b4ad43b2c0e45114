"""Histogram gradient boosting that stops early by the validation rows that all models share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

from suite.models._stopping import NOT_STOPPED, held_out


class StoppedHistGradientBoosting(HistGradientBoostingClassifier):
    """`HistGradientBoostingClassifier` that stops early by rows it is given, and never by rows it draws.

    `validation` are positions within the train rows: it does not train on them. Without any it does not stop early.
    `n_validation_` is the number of rows that were held out, `found_params_` with what to fit to all rows instead, and
    `notes_` what a reader of a record should know.
    """

    def __init__(
        self,
        validation: np.ndarray | Sequence[int] | None = None,
        *,
        learning_rate: float = 0.1,
        max_iter: int = 100,
        max_leaf_nodes: int | None = 31,
        min_samples_leaf: int = 20,
        l2_regularization: float = 0.0,
        max_features: float = 1.0,
        n_iter_no_change: int = 10,
        random_state: int | None = None,
    ) -> None:
        super().__init__(
            learning_rate=learning_rate,
            max_iter=max_iter,
            max_leaf_nodes=max_leaf_nodes,
            min_samples_leaf=min_samples_leaf,
            l2_regularization=l2_regularization,
            max_features=max_features,
            n_iter_no_change=n_iter_no_change,
            random_state=random_state,
        )
        self.validation = validation

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> Self:
        """Fit on X of shape (n_samples, n_features) and labels y."""
        validation = np.asarray([] if self.validation is None else self.validation, dtype=np.int64)
        held = held_out(validation, y)
        self.n_validation_ = int(held.sum())
        self.notes_: tuple[str, ...] = ()
        self.found_params_: dict[str, Any] = {}
        self.early_stopping = bool(self.n_validation_)
        if self.early_stopping:
            super().fit(X[~held], y[~held], X_val=X.iloc[validation], y_val=y[validation])
            best = max(1, int(np.argmax(self.validation_score_)))
            self.found_params_ = {"max_iter": best, "early_stopping": False}
            self.notes_ = ("it stops early by the validation rows, which it does not train on",)
        else:
            super().fit(X, y)
            if len(validation):
                self.notes_ = (NOT_STOPPED,)
        return self
