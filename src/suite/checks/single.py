"""What one column tells of the class: how many errors its levels or ranges leave, cross-fitted."""

from __future__ import annotations

import numpy as np

from suite.checks.columns import Column, level_codes

RANGES = 200
ROWS_A_RANGE = 10


def level_errors(codes: np.ndarray, y: np.ndarray, n_classes: int) -> float:
    """Return how many rows get another label than the most frequent one of the other rows of their level.

    Half an error for each tie, as guessing makes; a row alone in its level is guessed by the most frequent class.
    """
    pairs, counts = np.unique(codes.astype(np.int64) * n_classes + y, return_counts=True)
    levels = pairs // n_classes
    starts = np.flatnonzero(np.diff(levels, prepend=-1))
    of_level = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(levels))))
    most = np.maximum.reduceat(counts, starts)
    is_most = counts == most[of_level]
    n_most = np.add.reduceat(is_most.astype(int), starts)
    second = np.maximum.reduceat(np.where(is_most, 0, counts), starts)
    second = np.where(n_most > 1, most, second)
    # Without the row itself: what is left of its own label, against the most of any other.
    left = counts - 1
    other = np.where(is_most, second[of_level], most[of_level])
    wrong = np.where(left > other, 0.0, np.where(left == other, 0.5, 1.0))
    alone = np.add.reduceat(counts, starts)[of_level] == 1
    overall = np.bincount(y, minlength=n_classes).argmax()
    wrong = np.where(alone, (pairs % n_classes != overall).astype(float), wrong)
    return float((wrong * counts).sum())


def ranges(column: Column, rows: np.ndarray) -> np.ndarray:
    """Return the range of each row's number, of up to 200 with equally many rows; gaps have one of their own."""
    values = column[1].to_numpy(dtype=np.float64, na_value=np.nan)[rows]
    known = np.sort(values[~np.isnan(values)])
    n_bins = int(np.clip(len(rows) // ROWS_A_RANGE, 2, RANGES))
    if not len(known):
        return np.zeros(len(rows), dtype=np.int64)
    edges = np.unique(known[(np.arange(1, n_bins) * len(known)) // n_bins])
    found = np.searchsorted(edges, values, side="right").astype(np.int64)
    found[np.isnan(values)] = len(edges) + 1
    return found


def is_ordered(column: Column) -> bool:
    """Return whether a column's values have an order."""
    return column[0] in ("numeric", "datetime", "boolean")


def errors(column: Column, rows: np.ndarray, y: np.ndarray, n_classes: int) -> float:
    """Return the errors that a column alone leaves among these rows; `y` is of all rows."""
    codes = ranges(column, rows) if is_ordered(column) else level_codes(column, rows)
    return level_errors(codes, y[rows], n_classes)
