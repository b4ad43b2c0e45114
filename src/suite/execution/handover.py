"""What a cell's fitting side is given: plain columns."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from suite.datasets import cache, columns
from suite.datasets.cache import Held
from suite.errors import UsageError
from suite.schema import Dataset

if TYPE_CHECKING:
    import pandas as pd

LARGE_BYTES = 30_000_000
"""The size above which a table's columns stay in a file: what reading them anew costs is small beside fitting them."""
_LARGEST = float(np.finfo(np.float32).max)


def plain_columns(X: pd.DataFrame) -> pd.DataFrame:
    """Return X with a fresh index, infinities as missing, and numbers within float32's range."""
    import pandas as pd

    return pd.DataFrame({str(name): _plain(X[name]) for name in X.columns}, copy=False)


def keep_table(dataset: Dataset) -> Held:
    """Return a data set's columns as children read them, held in the cache; written if they are not there.

    Raises
    ------
    OSError
        If no cache can be written to.
    """
    key = cache.table_key(dataset.fingerprint, list(map(str, dataset.X.columns)), dataset.kinds)
    return cache.find(key) or cache.keep(plain_columns(dataset.X), key)


class Tables(ExitStack):
    """The tables of a run in the cache, held while it works; a context manager."""

    def __init__(self) -> None:
        super().__init__()
        self._folders: dict[object, Path] = {}

    def folder(self, dataset: Dataset) -> Path:
        """Return the folder of a data set's columns, written if they are not in the cache.

        Raises
        ------
        UsageError
            If no cache can be written to.
        """
        key = dataset.fingerprint, dataset.kinds, tuple(dataset.X.columns)
        if key not in self._folders:
            try:
                self._folders[key] = self.enter_context(keep_table(dataset)).folder
            except OSError as error:
                raise UsageError(
                    f"the columns of {dataset.name} cannot be kept for workers: {error}"
                ) from error
        return self._folders[key]


def lighten(dataset: Dataset) -> Dataset:
    """Return the data set with the columns of a large table left in the cache's file, where they can be."""
    if dataset.X.memory_usage(deep=False).sum() < LARGE_BYTES:
        return dataset
    try:
        # Held only until it is mapped: one that is evicted later loses its name, and is readable as long as its map.
        with keep_table(dataset) as table:
            X = columns.mapped(table.folder)
    except OSError:
        return dataset
    return replace(dataset, X=X)


def _plain(column: pd.Series) -> pd.Series:
    import pandas as pd

    if not pd.api.types.is_float_dtype(column.dtype):
        return column.reset_index(drop=True)
    values = column.to_numpy()
    if np.isinf(values).any():
        values = np.where(np.isinf(values), np.nan, values)
    if values.dtype == np.float64 and (np.abs(values) > _LARGEST).any():
        values = np.clip(values, -_LARGEST, _LARGEST)
    return pd.Series(values)
