"""Rows sorted by class, and the columns that follow their order: those give the class away."""

from __future__ import annotations

import numpy as np
import pandas as pd

from suite.checks.columns import Columns, sample, sentence
from suite.schema import Finding

ROWS_A_CLASS = 20
"""Of fewer rows a class, runs of equal labels mean nothing."""
FEWER = 10
"""How many times fewer changes of class a sorted file has than rows in random order."""
FOLLOWS = 0.95
"""Rank correlation of a column with the rows' positions in the whole file."""
FOLLOWS_WITHIN = 0.5
"""The same within a class, on average over the rows."""
MOST_ROWS = 20_000


def is_sorted_by_class(y: np.ndarray, n_classes: int) -> bool:
    """Return whether the rows stand class by class: about as few changes of class as there can be.

    At most one and a half times K - 1 changes, as a file may be joined from two; of at least 20 rows a class on
    average; and ten times fewer than rows in any order would have, so that a class of two rows does not count.
    """
    if n_classes < 2 or len(y) < ROWS_A_CLASS * n_classes:
        return False
    changes = int((y[1:] != y[:-1]).sum())
    shares = np.bincount(y, minlength=n_classes) / len(y)
    expected = len(y) * (1 - float((shares**2).sum()))
    return changes <= 1.5 * (n_classes - 1) and expected >= FEWER * changes


def find_order(columns: Columns, y: np.ndarray, n_classes: int) -> list[Finding]:
    """Return a finding about numbers and dates that follow the order of rows sorted by class, see `is_sorted_by_class`.

    A feature that differs between classes rises with them too: of ten ordered classes, the class itself has a rank
    correlation of 0.995 with the position. So a column has to follow the rows within the classes as well, which a
    counter, a date of entry or a file's number does, and a feature does not.
    """
    rows = sample(len(y), MOST_ROWS)
    labels = y[rows]
    following = []
    for name, (kind, values) in columns.items():
        if kind not in ("numeric", "datetime"):
            continue
        numbers = values.to_numpy()[rows]
        known = ~np.isnan(numbers)
        if known.sum() < 0.5 * len(rows) or _correlation(numbers[known]) < FOLLOWS:
            continue
        parts = [numbers[known & (labels == code)] for code in range(n_classes)]
        within = sum(len(part) * _correlation(part) for part in parts) / known.sum()
        if within >= FOLLOWS_WITHIN:
            following.append(name)
    if not following:
        return []
    one, several = (f"{verb} the rows, which are sorted by class" for verb in ("follows", "follow"))
    done = "used, but gives the class away" if len(following) == 1 else "used, but give the class away"
    text = sentence(following, one, several, done, "--drop")
    return [Finding(code="sorted-rows", text=text, columns=tuple(following))]


def _correlation(numbers: np.ndarray) -> float:
    """Return how well numbers follow their positions, up or down: the absolute rank correlation, ties averaged."""
    if len(numbers) < 3:
        return 0.0
    ranks = pd.Series(numbers).rank().to_numpy()
    if ranks.min() == ranks.max():
        return 0.0
    return abs(float(np.corrcoef(ranks, np.arange(len(ranks)))[0, 1]))
