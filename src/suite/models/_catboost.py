"""CatBoost given its categories as codes, and watched while it trains."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd
from catboost import CatBoostClassifier
from sklearn.dummy import DummyClassifier

from suite.models._stopping import Rows, Watch


class CodedCatBoost(CatBoostClassifier):
    """`CatBoostClassifier` for a DataFrame with pandas categories, missing ones among them: these are a level more."""

    def fit(self, X: pd.DataFrame, y: np.ndarray, others: Rows | None = None, **options: Any) -> Self:
        """Fit on X of shape (n_samples, n_features) and labels y, and tell of the loss of others."""
        categories = [name for name in X if isinstance(X[name].dtype, pd.CategoricalDtype)]
        evaluated = (_coded(others.X), others.y) if others else None
        return super().fit(_coded(X), y, cat_features=categories, eval_set=evaluated, **options)

    def predict_proba(self, X: pd.DataFrame, **options: Any) -> Any:
        """Return probabilities, shape (n_samples, n_classes)."""
        return super().predict_proba(_coded(X), **options)


def train(model: CodedCatBoost, rows: Rows, others: Rows | None, watch: Watch) -> tuple[Any, dict[str, Any]]:
    """Fit as `_stopping.Train` says; what CatBoost chooses itself depends on the number of rounds."""
    if all(rows.X[name].nunique(dropna=False) < 2 for name in rows.X):
        return DummyClassifier().fit(*rows), {}  # CatBoost refuses what has nothing to be split by
    model.fit(*rows, others, callbacks=[_Stop(watch)], use_best_model=others is not None)
    given, chosen = model.get_params(), model.get_all_params()
    found = {
        name: chosen[name] for name in ("learning_rate", "leaf_estimation_iterations") if name not in given
    }
    return model, {name: round(value, 6) for name, value in found.items()}


class _Stop:
    def __init__(self, watch: Watch) -> None:
        self.watch = watch

    def after_iteration(self, info: Any) -> bool:
        """Tell whether to go on."""
        return self.watch(*(losses[-1] for losses in info.metrics.get("validation", {}).values()))


def _coded(X: pd.DataFrame) -> pd.DataFrame:
    """Return the same numbers, and categories as whole numbers: -1 where missing."""
    return pd.DataFrame(
        {
            name: X[name].cat.codes if isinstance(X[name].dtype, pd.CategoricalDtype) else X[name]
            for name in X
        },
        copy=False,
    )
