"""X and y that are not data frames: arrays of any library, lists, sparse matrices."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from suite.errors import DataError, UsageError

SPARSE_VALUES = 50_000_000
"""The most values of a sparse matrix, zeros included: models here get dense columns."""


def columns(given: Any) -> np.ndarray:
    """Return the columns of X, an array, a list of rows or a sparse matrix, as the rows of an array.

    Raises `UsageError` if X is something else, does not have two dimensions, or is a sparse matrix above
    `SPARSE_VALUES`, and `DataError` if it has no rows or no columns.
    """
    sparse = sys.modules.get("scipy.sparse")
    if sparse is not None and sparse.issparse(given):
        given = _dense(given)
    array: Any = _rows(given) if isinstance(given, list | tuple) else _as_array(given, "X")
    if array.ndim != 2:
        dimensions = "1 dimension" if array.ndim == 1 else f"{array.ndim} dimensions"
        hint = "; X.reshape(-1, 1) makes it one column" if array.ndim == 1 else ""
        raise UsageError(f"X has {dimensions} and needs 2, rows and columns{hint}")
    if 0 in array.shape:
        raise DataError(f"X has {array.shape[0]:,} rows and {array.shape[1]:,} columns")
    return array.T


def labels(given: Any) -> np.ndarray:
    """Return y, an array or a list, as an array of one dimension.

    Raises `UsageError` if it is neither, or does not have one label a row.
    """
    if isinstance(given, list | tuple):
        array: Any = np.empty(len(given), dtype=object)
        for place, cell in enumerate(given):
            array[place] = cell
        return array
    array = _as_array(given, "y")
    if array.ndim == 2 and array.shape[1] == 1:
        return array.ravel()
    if array.ndim != 1:
        hint = "; y.argmax(axis=1) makes one of columns of 0 and 1" if array.ndim == 2 else ""
        raise UsageError(f"y has shape {array.shape} and needs one label a row{hint}")
    return array


def _as_array(given: Any, what: str) -> np.ndarray:
    if isinstance(given, str | bytes | Mapping | set) or given is None or not hasattr(given, "__array__"):
        raise UsageError(f"{what} is of type {type(given).__name__}, neither a table nor an array nor a list")
    array = given.astype(object) if isinstance(given, np.ma.MaskedArray) else np.asarray(given)
    if isinstance(array, np.ma.MaskedArray):
        array.data[np.ma.getmaskarray(array)] = None
        array = array.data
    if array.dtype.names:
        raise UsageError(f"{what} is a structured array; pandas.DataFrame makes a table of it")
    return array


def _rows(given: Sequence[Any]) -> np.ndarray:
    rows = [row.tolist() if hasattr(row, "tolist") else row for row in given]
    if others := [type(row).__name__ for row in rows if not isinstance(row, list | tuple)]:
        raise UsageError(
            f"X is a list of {others[0]}; it needs rows, lists of as many cells each, or pandas.DataFrame(X)"
        )
    if len({len(row) for row in rows}) > 1:
        raise UsageError("the rows of X are of different lengths")
    array = np.empty((len(rows), len(rows[0]) if rows else 0), dtype=object)
    for place, row in enumerate(rows):
        for column, cell in enumerate(row):
            array[place, column] = cell
    return array


def _dense(given: Any) -> np.ndarray:
    n_values = given.shape[0] * given.shape[1] if len(given.shape) == 2 else given.shape[0]
    if n_values > SPARSE_VALUES:
        raise UsageError(
            f"X is sparse with {' x '.join(f'{n:,}' for n in given.shape)} values, zeros included, and the limit is "
            f"{SPARSE_VALUES:,}: models here get dense columns; take fewer, for example with TruncatedSVD"
        )
    dense: np.ndarray = given.toarray()
    return dense
