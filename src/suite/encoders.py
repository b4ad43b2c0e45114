"""The scikit-learn transformers behind `features`, for columns of pandas categories."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import sklearn
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import QuantileTransformer, TargetEncoder

from suite.dates import Calendar

_SPLITS_ITSELF = tuple(map(int, sklearn.__version__.split(".")[:2])) < (1, 9)
"""Before 1.9, scikit-learn's target encoder takes no folds, and makes the same ones from their number and a seed."""


def codes(X: pd.DataFrame) -> np.ndarray:
    """Return the category codes of every column, shape as X, int32; -1 where missing."""
    return np.column_stack([X[column].cat.codes.to_numpy(np.int32) for column in X.columns])


def from_zero(X: np.ndarray) -> np.ndarray:
    """Return codes that begin at -1 as codes that begin at 0."""
    return X + 1.0


class Winsorizer(TransformerMixin, BaseEstimator):
    """Pull numbers that lie far out of all proportion, as 999999 does among ages, to the edge of the others.

    A column's spread is the distance of its 5th and its 95th percentile; where these are equal, the 95th percentile of
    the distances from its median that are not 0. A column with a cell further than 100 spreads from its median
    is clipped at 2 spreads, so that what is scaled by variance keeps the other cells apart. All others, with the
    usual heavy tails among them, stay as they are, and are clipped at 100 spreads when new rows come. Missing values
    pass through.

    References
    ----------
    Tukey (1962), The Future of Data Analysis, https://doi.org/10.1214/aoms/1177704711, who names winsorizing after
    Charles P. Winsor. Clipping only beyond 100 spreads is this project's.
    """

    far, edge = 100.0, 2.0

    def fit(self, X: pd.DataFrame | np.ndarray, y: np.ndarray | None = None) -> Winsorizer:
        """Learn the bounds of the columns of X, shape (n_samples, n_columns)."""
        bounds = [self._bounds(column[~np.isnan(column)].astype(np.float64)) for column in np.asarray(X).T]
        self.low_, self.high_ = np.array(bounds).reshape(-1, 2).T
        return self

    def transform(self, X: pd.DataFrame | np.ndarray) -> np.ndarray:
        """Return X within the bounds, in its own dtype."""
        values = np.asarray(X)
        outside = (values < self.low_) | (values > self.high_)
        if not outside.any():
            return values
        return np.clip(values, self.low_.astype(values.dtype), self.high_.astype(values.dtype))

    def _bounds(self, values: np.ndarray) -> tuple[float, float]:
        if not len(values):
            return -self.far, self.far
        low, median, high = np.percentile(values, (5, 50, 95))
        with np.errstate(over="ignore"):
            distances = np.abs(values - median)
            spread = high - low
            if not spread:
                apart = distances[distances > 0]
                spread = np.percentile(apart, 95) if len(apart) else max(abs(median), 1.0)
            reach = spread * (self.edge if distances.max() > self.far * spread else self.far)
            return median - reach, median + reach


class NormalQuantiles(QuantileTransformer):
    """Numbers to normal quantiles, learnt from values with a little noise, clipped to [-4, 4].

    The noise, a thousandth of each column's standard deviation, spreads values that many rows share over the
    quantiles they take up. Without it a column that is mostly 0 would be thrown to the lowest quantile
    there. Missing values pass through.

    References
    ----------
    Gorishniy et al. (2021), Revisiting Deep Learning Models for Tabular Data, whose published code fits its
    quantiles in this way.
    """

    def __init__(self, n_quantiles: int = 1000, random_state: int | None = None) -> None:
        super().__init__(n_quantiles=n_quantiles, output_distribution="normal", random_state=random_state)

    def fit(self, X: np.ndarray, y: np.ndarray | None = None) -> NormalQuantiles:
        """Learn the quantiles of X, shape (n_samples, n_columns)."""
        values = np.asarray(X, dtype=np.float64)
        spread = _deviation(values) if len(values) else np.zeros(values.shape[1])
        noise = np.random.default_rng(self.random_state).normal(size=values.shape)
        super().fit(values + 1e-3 * np.where(spread > 0, spread, 1.0) * noise)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return the normal quantiles of X, float64."""
        return np.clip(super().transform(np.asarray(X, dtype=np.float64)), -4.0, 4.0)

    def fit_transform(self, X: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
        """Learn the quantiles of X and return them."""
        return self.fit(X).transform(X)


def _deviation(values: np.ndarray) -> np.ndarray:
    """Return the standard deviation of each column, without squares that overflow."""
    largest = np.nanmax(np.abs(values), axis=0, initial=0.0)
    unit = np.where(largest > 1e100, largest, 1.0)
    return unit * np.nanstd(values / unit, axis=0)


def _crossing(kind: str, folds: int, seed: int | None) -> TargetEncoder:
    """Return scikit-learn's target encoder with stratified folds of a seed."""
    if _SPLITS_ITSELF:
        return TargetEncoder(target_type=kind, cv=folds, shuffle=True, random_state=seed)
    return TargetEncoder(target_type=kind, cv=StratifiedKFold(folds, shuffle=True, random_state=seed))


class HeldOutTargetEncoder(TransformerMixin, BaseEstimator):
    """Cross-fitted target encoding of category columns.

    It never learns from the rows at the positions `held_out` among those passed to `fit_transform`. The seed is that of
    the cross-fitting folds.

    References
    ----------
    Micci-Barreca (2001), https://doi.org/10.1145/507533.507538; the cross-fitting is scikit-learn's.
    """

    def __init__(self, held_out: np.ndarray | None = None, random_state: int | None = None) -> None:
        self.held_out = held_out
        self.random_state = random_state

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> HeldOutTargetEncoder:
        """Learn the encodings of X, shape (n_samples, n_columns)."""
        self.fit_transform(X, y)
        return self

    def fit_transform(self, X: pd.DataFrame, y: np.ndarray) -> np.ndarray:
        """Learn, and return the encodings: cross-fitted for learnt rows, plain for held-out rows."""
        table, y = codes(X), np.asarray(y)
        learnt = np.ones(len(y), dtype=bool)
        if self.held_out is not None:
            learnt[self.held_out] = False
        kind = "multiclass" if len(np.unique(y[learnt])) > 2 else "binary"
        folds = max(2, min(5, int(np.bincount(np.unique(y[learnt], return_inverse=True)[1]).min())))
        self.encoder_ = _crossing(kind, folds, self.random_state)
        first = self.encoder_.fit_transform(table[learnt], y[learnt])
        encoded = np.empty((len(y), first.shape[1]))
        encoded[learnt] = first
        if not learnt.all():
            encoded[~learnt] = self.encoder_.transform(table[~learnt])
        return encoded

    def transform(self, X: pd.DataFrame) -> np.ndarray:
        """Return the encodings of X, shape (n_samples, n_columns or n_columns x n_classes)."""
        return np.asarray(self.encoder_.transform(codes(X)))


class NativeEncoder(TransformerMixin, BaseEstimator):
    """A DataFrame for boosters: numbers as they are, categories as integer codes seen in `fit`.

    Numbers of which `fit` sees none are 0 in all rows: scikit-learn's booster finds no bins for them. The columns are
    named by their positions: `encoded` ones are target-encoded, see `HeldOutTargetEncoder`; `dates` are those among the
    numbers whose parts are added.
    """

    def __init__(
        self,
        numeric: list[int],
        categorical: list[int],
        encoded: list[int],
        dates: Sequence[int] = (),
        held_out: np.ndarray | None = None,
        random_state: int | None = None,
    ) -> None:
        self.numeric = numeric
        self.categorical = categorical
        self.encoded = encoded
        self.dates = dates
        self.held_out = held_out
        self.random_state = random_state

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> NativeEncoder:
        """Learn the levels present in X, shape (n_samples, n_columns), and the target encodings."""
        self.fit_transform(X, y)
        return self

    def fit_transform(self, X: pd.DataFrame, y: np.ndarray) -> pd.DataFrame:
        """Learn, and return the encoded rows."""
        self.empty_ = [position for position in self.numeric if not X.iloc[:, position].notna().any()]
        self.levels_ = {}
        for position in self.categorical:
            seen = np.unique(X.iloc[:, position].cat.codes)
            self.levels_[position] = seen[seen >= 0]
        self.target_ = HeldOutTargetEncoder(self.held_out, self.random_state)
        encoded = self.target_.fit_transform(X.iloc[:, self.encoded], y) if self.encoded else None
        return self._assemble(X, encoded)

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return the encoded rows of X."""
        return self._assemble(X, self.target_.transform(X.iloc[:, self.encoded]) if self.encoded else None)

    def _assemble(self, X: pd.DataFrame, encoded: np.ndarray | None) -> pd.DataFrame:
        columns = {f"f{position}": X.iloc[:, position] for position in self.numeric}
        columns |= {f"f{position}": pd.Series(0.0, index=X.index) for position in self.empty_}
        for position, seen in self.levels_.items():
            level = X.iloc[:, position].cat.codes.to_numpy()
            place = np.where(np.isin(level, seen), np.searchsorted(seen, level), -1)
            categories = pd.Categorical.from_codes(place, pd.Index(seen))
            columns[f"f{position}"] = pd.Series(categories, index=X.index)
        if dates := [position for position in self.dates if position not in self.empty_]:
            parts = Calendar().fit_transform(X.iloc[:, dates])
            columns |= {f"d{i}": pd.Series(part, index=X.index) for i, part in enumerate(parts.T)}
        if encoded is not None:
            columns |= {f"t{i}": pd.Series(column, index=X.index) for i, column in enumerate(encoded.T)}
        # Without a copy of the numbers, which may be most of what a fit takes.
        return pd.DataFrame(columns, index=X.index, copy=False)


class Restorer(TransformerMixin, BaseEstimator):
    """The table as its owner knows it: booleans and dates from numbers, and with `as_text` categories as strings."""

    def __init__(self, kinds: Sequence[str], as_text: bool = False) -> None:
        self.kinds = kinds
        self.as_text = as_text

    def fit(self, X: pd.DataFrame, y: np.ndarray | None = None) -> Restorer:
        """Learn which booleans have gaps in X, shape (n_samples, n_columns)."""
        self.gaps_ = [bool(X.iloc[:, position].isna().any()) for position in range(X.shape[1])]
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return X with its columns restored."""
        pairs = zip(X.columns, self.kinds, self.gaps_, strict=True)
        columns = {name: self._restored(X[name], kind, gaps) for name, kind, gaps in pairs}
        return pd.DataFrame(columns, index=X.index, copy=False)

    def _restored(self, column: pd.Series, kind: str, gaps: bool) -> pd.Series:
        if kind == "datetime":
            micro = np.round(column.to_numpy(np.float64) * 1e6)
            known = np.abs(micro) < 2.0**63  # false for gaps too
            whole = np.where(known, micro, 0.0).astype(np.int64)
            dates = np.where(known, whole, np.iinfo(np.int64).min).view("M8[us]")
            return pd.Series(dates, index=column.index)
        if kind == "boolean":
            missing, true = column.isna(), column.eq(1.0)
            # What pandas reads from a file: with gaps, a column of objects.
            return true.astype(object).mask(missing) if gaps or missing.any() else true
        if kind in ("categorical", "text") and self.as_text:
            return column.astype(column.cat.categories.dtype)
        return column
