"""LightGBM told of its categories by name, so that missing ones do not widen its input, and watched as it trains."""

from __future__ import annotations

from inspect import signature
from typing import Any, Self

import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier
from lightgbm.callback import CallbackEnv, EarlyStopException

from suite.models._stopping import Rows, Watch

_TAKES_PAIRS = "eval_X" not in signature(LGBMClassifier.fit).parameters
"""Before 4.7; since then, pairs are deprecated."""


class NarrowLGBMClassifier(LGBMClassifier):
    """`LGBMClassifier` for a DataFrame of float32 numbers and categories; the same trees in half the memory.

    LightGBM reads pandas categories as numbers with gaps, and pandas makes float64 of these: then the copy that
    LightGBM takes of the whole table is float64 as well.
    """

    def fit(self, X: pd.DataFrame, y: np.ndarray, others: Rows | None = None, **options: Any) -> Self:
        """Fit on X of shape (n_samples, n_features) and labels y; the loss of others is told to callbacks."""
        categories = [name for name in X if isinstance(X[name].dtype, pd.CategoricalDtype)]
        if others and _TAKES_PAIRS:
            options |= {"eval_set": [(_narrow(others.X), others.y)]}
        elif others:
            options |= {"eval_X": _narrow(others.X), "eval_y": others.y}
        super().fit(_narrow(X), y, categorical_feature=categories or "auto", **options)
        return self

    def predict_proba(self, X: pd.DataFrame, **options: Any) -> Any:
        """Return probabilities, shape (n_samples, n_classes)."""
        return super().predict_proba(_narrow(X), **options)


def train(
    model: NarrowLGBMClassifier, rows: Rows, others: Rows | None, watch: Watch
) -> tuple[Any, dict[str, Any]]:
    """Fit as `_stopping.Train` says."""

    def stop(env: CallbackEnv) -> None:
        # Before 4.7, they are tuples without names.
        losses = [result[2] for result in env.evaluation_result_list or ()]
        if not watch(*losses) or (others and env.iteration == env.end_iteration - 1):
            raise EarlyStopException(watch.best - 1, env.evaluation_result_list or [])

    model.fit(*rows, others, callbacks=[stop])
    return model, {}


def _narrow(X: pd.DataFrame) -> pd.DataFrame:
    """Return the same numbers, and categories as float32 codes with gaps."""
    return pd.DataFrame({name: _codes(X[name]) for name in X}, index=X.index, copy=False)


def _codes(column: pd.Series) -> pd.Series | np.ndarray:
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return column
    codes = column.cat.codes.to_numpy(np.float32)
    return np.where(codes < 0, np.float32(np.nan), codes)
