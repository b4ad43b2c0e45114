"""Histogram gradient boosting that stops early by the validation rows that all models share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier


class StoppedHistGradientBoosting(HistGradientBoostingClassifier):
    """`HistGradientBoostingClassifier` that stops early by rows it is given, and never by rows it draws.

    `validation` are positions within the train rows: it does not train on them. Without any it does not stop early.
    `n_validation_` is the number of rows that were held out, and `notes_` what a reader of a record should know.
    """

    def __init__(
        self,
        validation: np.ndarray | Sequence[int] | None = None,
        *,
        learning_rate: float = 0.1,
        max_iter: int = 100,
        max_leaf_nodes: int | None = 31,
        random_state: int | None = None,
    ) -> None:
        super().__init__(
            learning_rate=learning_rate,
            max_iter=max_iter,
            max_leaf_nodes=max_leaf_nodes,
            random_state=random_state,
        )
        self.validation = validation

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> Self:
        """Fit on X of shape (n_samples, n_features) and labels y."""
        held = np.asarray([] if self.validation is None else self.validation, dtype=np.int64)
        train = np.ones(len(y), bool)
        train[held] = False
        self.n_validation_ = 0
        self.notes_: tuple[str, ...] = ()
        self.early_stopping = bool(len(held) and np.isin(y[held], y[train]).all())
        if self.early_stopping:
            super().fit(X[train], y[train], X_val=X.iloc[held], y_val=y[held])
            self.n_validation_ = len(held)
            self.notes_ = (
                "above 10,000 train rows it stops early by the validation rows, which it does not train on",
            )
        else:
            super().fit(X, y)
            if len(held):
                self.notes_ = ("it does not stop early: a class has validation rows alone",)
        return self
