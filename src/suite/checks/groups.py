"""Columns that name groups of rows: a level stands in several rows, and these share their class."""

from __future__ import annotations

import shlex
from collections.abc import Collection

import numpy as np

from suite.checks.columns import Columns, level_codes, ranks, sample
from suite.checks.single import is_ordered, level_errors
from suite.schema.audits import ROWS, Finding

FEWEST_LEVELS = 12
"""Fewer are populations, such as regions or months, of which new ones are rarely met."""
A_CLASS = 2
"""Levels of several rows for each class: with one for each, a column is the class under other names."""
SHARED = 0.5
"""Share of the rows that stand in levels of several rows: of fewer, most test rows have a group of their own."""
LEFT = 0.6
"""Share of the errors of always naming the largest class that the other rows of the levels leave."""
SIGMAS = 4.0
"""Standard errors by which guesses have to differ: with 1,000 columns, chance gives that in one of 30 tables."""
SMOOTH = 1.5
"""How many times as many errors the next numbers have to leave: other groups tell nothing."""
MOST_COUNTS = 20_000_000
"""Counts of classes in levels that are held at once."""
MOST_ROWS = 100_000
"""Groups that tell much show in fewer as well, and larger tables cost no more."""


def find_groups(
    columns: Columns,
    y: np.ndarray,
    n_classes: int,
    used: Collection[str],
    first: np.ndarray | None = None,
) -> list[Finding]:
    """Return findings about columns that name groups, the most telling first; left-out ones count as well.

    Each row's class is guessed by the other rows of its level. A column names groups if it has at least 12 levels, two
    of several rows for each class, half of the rows stand in levels of several, and the guesses leave at most 60 % of
    the errors of always naming the largest class. Of numbers, the two next larger and smaller ones must leave 1.5
    times as many: else it is an amount. `first` says which rows are the first with their features: copies
    of rows make groups of any number. Levels are compared in at most 100,000 rows, in one piece from each tenth of the
    table.
    """
    rows = np.arange(len(y)) if first is None else np.flatnonzero(first)
    if len(rows) > MOST_ROWS:
        # Groups often stand together; single rows drawn at random would part them.
        rows = np.concatenate([part[: MOST_ROWS // 10] for part in np.array_split(rows, 10)])
    labels = y[rows]
    by_guess = len(rows) - int(np.bincount(labels).max())
    found = []
    for name, column in columns.items():
        few = level_codes(column, rows[sample(len(rows), 2000)])
        if few.max(initial=0) + 1 < FEWEST_LEVELS:
            continue
        codes = level_codes(column, rows)
        sizes = np.bincount(codes)
        if np.count_nonzero(sizes > 1) < A_CLASS * n_classes:
            continue
        in_several = int(sizes[sizes > 1].sum())
        if in_several < SHARED * len(rows) or len(sizes) > 0.5 * len(rows):
            continue
        wrong = level_errors(codes, labels, n_classes)
        if wrong > LEFT * by_guess or by_guess - wrong < SIGMAS * np.sqrt(by_guess):
            continue
        if is_ordered(column):
            if len(sizes) * n_classes > MOST_COUNTS:
                continue
            beside = _errors_beside(ranks(column, rows), labels, n_classes)
            if beside < SMOOTH * wrong or beside - wrong < SIGMAS * np.sqrt(beside):
                continue
        right = 100 * (1 - wrong / len(rows))
        usual = 100 * (1 - by_guess / len(rows))
        n_levels = int(np.unique(level_codes(column)).size) if len(rows) < len(y) else len(sizes)
        where = "is used" if name in used else "is left out"
        of_one = np.flatnonzero(codes == np.where(sizes <= 2 * ROWS, sizes, 0).argmax())
        found.append(
            (
                wrong,
                Finding(
                    code="group-column",
                    text=f"{name} names groups: {n_levels:,} values, {100 * in_several / len(rows):.0f} % of the rows "
                    f"share theirs with others, which tell the class of {right:.0f} % of the rows; it {where}",
                    columns=(name,),
                    number=n_levels,
                    effect=f"rows split at random are known by their group: {right:.0f} % right without any other "
                    f"column, against {usual:.0f} % for a group never seen",
                    rows=tuple(rows[of_one][:ROWS].tolist()),
                    advice=f"--protocol {shlex.quote(f'grouped:{name}')} scores groups never seen",
                ),
            )
        )
    return [finding for _, finding in sorted(found, key=lambda pair: pair[0])]


def _errors_beside(codes: np.ndarray, y: np.ndarray, n_classes: int) -> float:
    """Return how many rows get another label than the most frequent one of the two levels on either side of theirs."""
    n_levels = int(codes.max()) + 1
    counts = np.bincount(codes * n_classes + y, minlength=n_levels * n_classes).reshape(n_levels, n_classes)
    near = np.zeros_like(counts)
    for step in (1, 2):
        near[step:] += counts[:-step]
        near[:-step] += counts[step:]
    return float(len(y) - counts[np.arange(n_levels), near.argmax(axis=1)].sum())
