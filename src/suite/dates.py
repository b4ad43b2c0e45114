"""What the calendar says of dates that are seconds since 1970: for features, beside the seconds themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin

PARTS = ("year", "month", "weekday", "hour")
_LAST = 9e15
"""Seconds, some 280 million years: no date is later."""


class Calendar(TransformerMixin, BaseEstimator):
    """Columns of a date: the 4 of `PARTS`, or with `cyclic` 6, the sine and cosine of its place in year, week and day.

    Missing dates are missing.
    """

    def __init__(self, cyclic: bool = False) -> None:
        self.cyclic = cyclic

    def fit(self, X: pd.DataFrame, y: np.ndarray | None = None) -> Calendar:
        """Learn nothing from X, shape (n_samples, n_columns)."""
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: pd.DataFrame) -> np.ndarray:
        """Return the columns, float32, those of each date beside each other."""
        columns = [self._of(X.iloc[:, position].to_numpy(np.float64)) for position in range(X.shape[1])]
        return np.column_stack(columns).astype(np.float32)

    def _of(self, seconds: np.ndarray) -> np.ndarray:
        known = np.abs(seconds) < _LAST  # false for gaps
        time = np.where(known, seconds, 0.0).astype(np.int64).view("M8[s]")
        day, year = time.astype("M8[D]"), time.astype("M8[Y]")
        hour = (time - day).astype(np.int64) / 3600.0
        weekday = (day.astype(np.int64) + 3) % 7  # 1970 began on a Thursday; Monday is 0
        if self.cyclic:
            turns = np.column_stack(
                [(day - year).astype(np.int64) / 365.25 + hour / 8766, (weekday + hour / 24) / 7, hour / 24]
            )
            found = np.hstack([np.sin(2 * np.pi * turns), np.cos(2 * np.pi * turns)])
        else:
            month = (time.astype("M8[M]") - year.astype("M8[M]")).astype(np.int64) + 1
            found = np.column_stack([year.astype(np.int64) + 1970, month, weekday, np.floor(hour)])
        return np.where(known[:, None], found, np.nan)
