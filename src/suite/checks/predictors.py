"""Columns that predict the class alone, though they are not copies of it: perhaps known only afterwards."""

from __future__ import annotations

import warnings

import numpy as np

from suite.checks.columns import Column, Columns, filled, level_codes, ranks, sample, sentence
from suite.schema import Finding

ERRORS = 0.02
"""Share of the errors of always naming the largest class that a column may leave."""
SMALLEST_LEAF = 5
"""Fewer rows tell of nothing."""
FEWEST_OTHERS = 20
"""Rows outside the largest class: of fewer, an honest feature gets all right too often."""
MOST_ROWS = 20_000
"""The most rows that are looked at; of larger tables, a sample."""
LOOKED_AT = 2000
"""Rows of the sample that rules most columns out."""
LOOKED_AT_A_CLASS = 10
"""The least rows a class in that sample: with fewer than 2 K rows in all, any column predicts each."""


def find_predictors(columns: Columns, y: np.ndarray, n_classes: int) -> list[Finding]:
    """Return findings about columns that each predict the class nearly always; they are used.

    Numbers are cut into at most 2 K ranges of five rows or more by a decision tree, missing values above the largest;
    of text, each value of five rows or more stands for its most frequent class. A column counts if at most 2 % of the
    errors remain that always naming the largest class makes. Petal width among irises (6 %) and odor among mushrooms
    (3.1 %) do not count: honest features can be as good. Tables with fewer than 20 rows outside the largest class are
    not examined: of those with 20 to 25, classes two standard deviations apart are separated without an error in 3 %.

    A column that has no value in some rows, and predicts the class in the others by the same rules, counts as well.
    """
    every = np.arange(len(y))
    findings = []
    for name, column in columns.items():
        share, where = _predicts(column, every, y, n_classes), ""
        if share is None and (there := filled(column)) is not None:
            share, where = _predicts(column, there, y, n_classes), f"{len(there):,} "
        if share is None:
            continue
        found = f"alone tells the class in {share} % of the {where}rows"
        found += " where it has a value" if where else ""
        text = sentence([name], found, found, "used, though it may be known only afterwards", "--drop")
        findings.append(Finding(code="predicts-target", text=text, columns=(name,)))
    return findings


def _predicts(column: Column, among: np.ndarray, y: np.ndarray, n_classes: int) -> str | None:
    """Return the percentage of rows whose class a column predicts; None if it does not, or the rows are too few."""
    if _guessed_wrong(y[among]) < FEWEST_OTHERS:
        return None
    first = among[sample(len(among), max(LOOKED_AT, LOOKED_AT_A_CLASS * n_classes))]
    rows = among[sample(len(among), MOST_ROWS)]
    is_ordered = column[0] in ("numeric", "datetime", "boolean")
    coded = ranks if is_ordered else level_codes
    could_tell, count_errors = (_cuts_could, _cut_errors) if is_ordered else (_levels_could, _level_errors)
    if not could_tell(coded(column, first), y[first], n_classes):
        return None
    labels = y[rows]
    errors = count_errors(coded(column, rows), labels, n_classes)
    if errors > ERRORS * _guessed_wrong(labels):
        return None
    return f"{(1000 * (len(rows) - errors)) // len(rows) / 10:g}"


def _guessed_wrong(y: np.ndarray) -> int:
    return len(y) - int(np.bincount(y).max())


def _most(y: np.ndarray) -> float:
    """Return how many errors in a sample a column may make and still be looked at: twice as many, and five."""
    return 5 + 2 * ERRORS * _guessed_wrong(y)


def _levels_could(codes: np.ndarray, y: np.ndarray, n_classes: int) -> bool:
    # A value of one row says nothing for or against.
    return _level_errors(codes, y, n_classes, smallest=1) <= _most(y)


def _cuts_could(codes: np.ndarray, y: np.ndarray, n_classes: int) -> bool:
    changes = int((np.diff(y[np.lexsort((y, codes))]) != 0).sum())
    # An error changes the class twice where it stands, and a value of two classes once more.
    return changes < 2 * n_classes + 3 * _most(y)


def _level_errors(codes: np.ndarray, y: np.ndarray, n_classes: int, smallest: int = SMALLEST_LEAF) -> int:
    """Return how many rows are not of the most frequent class of their level; all rows of a small level count."""
    pairs, counts = np.unique(codes * n_classes + y, return_counts=True)
    levels = pairs // n_classes
    starts = np.flatnonzero(np.diff(levels, prepend=-1))
    most, total = np.maximum.reduceat(counts, starts), np.add.reduceat(counts, starts)
    return len(y) - int(most[total >= smallest].sum())


def _cut_errors(codes: np.ndarray, y: np.ndarray, n_classes: int) -> int:
    """Return how many rows a tree of few leaves gets wrong by a column's ranks: none is missing or infinite."""
    from sklearn.tree import DecisionTreeClassifier

    tree = DecisionTreeClassifier(
        max_leaf_nodes=2 * n_classes, min_samples_leaf=SMALLEST_LEAF, random_state=0
    )
    ranks = codes.reshape(-1, 1)
    with warnings.catch_warnings():
        # It warns of labels that are nearly all different, which the labels' own check has said better.
        warnings.simplefilter("ignore", UserWarning)
        return int((tree.fit(ranks, y).predict(ranks) != y).sum())
