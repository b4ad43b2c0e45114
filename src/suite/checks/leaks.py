"""Noisy copies of the target, and columns that hold the target of a neighbouring row."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from suite.checks.columns import Columns, level_codes, sample
from suite.checks.copies import differing
from suite.checks.single import errors
from suite.schema.audits import ROWS, Finding

NOISY = 0.25
"""Share of the errors of always naming the largest class that a column with a level for each class may leave."""
STRONG = 0.15
"""The same for any other column."""
WEAKER = 3.0
"""How many times as many errors the next column has to leave then."""
SIGMAS = 2.0
"""Standard errors by which a column has to stay below these shares."""
FEWEST_OTHERS = 20
"""Rows outside the largest class: of fewer, an honest feature leaves none of them too often."""
MOST_ROWS = 20_000
"""Shares are known to half a percent then."""


def find_noisy_copies(
    columns: Columns, y: np.ndarray, n_classes: int, known: Collection[str] = ()
) -> list[Finding]:
    """Return findings about columns that tell the class nearly always and far better than all others.

    Columns in `known` have a finding already. A column's errors are counted row by row, by the labels of the other rows
    of its level or range. It counts if at most 15 % of the errors of always naming the largest class remain, and the
    best other column leaves three times as many: petal width and length among irises tell the class equally well, and
    neither counts. If it has a level for each class, as a copy with noise has, 25 % may remain, whatever others leave.
    """
    rows = sample(len(y), MOST_ROWS)
    labels = y[rows]
    wrong_by_guess = len(rows) - int(np.bincount(labels).max())
    if wrong_by_guess < FEWEST_OTHERS:
        return []
    left = {name: errors(column, rows, y, n_classes) for name, column in columns.items()}
    found = []
    for name, wrong in left.items():
        most = (wrong + SIGMAS * np.sqrt(max(wrong, 1.0))) / wrong_by_guess
        if name in known or most > NOISY:
            continue
        codes = level_codes(columns[name], rows)
        pairs_up = codes.max(initial=0) < n_classes + 1 and _class_of_levels(codes, labels, n_classes)
        rest = min((other for key, other in left.items() if key != name), default=float(wrong_by_guess))
        if not pairs_up and (most > STRONG or rest < WEAKER * max(wrong, 1.0)):
            continue
        right = 1 - wrong / len(rows)
        beside = (
            f"; the next best column alone gets {100 * (1 - rest / len(rows)):.1f} %" if len(left) > 1 else ""
        )
        text = f"{name} alone tells the class in {100 * right:.1f} % of the rows{beside}"
        found.append(
            Finding(
                code="noisy-copy",
                text=text,
                columns=(name,),
                number=round(right, 4),
                effect=f"any model gets about {100 * right:.0f} % from this column alone, against "
                f"{100 * (1 - wrong_by_guess / len(rows)):.0f} % by always naming the largest class",
            )
        )
    return found


def find_shifted(columns: Columns, y: np.ndarray, n_classes: int) -> list[Finding]:
    """Return findings about columns that hold the target of the row before or after, but for a few rows."""
    found = []
    for name, column in columns.items():
        if level_codes(column, sample(len(y), 200)).max(initial=0) > n_classes + 2:
            continue
        codes = level_codes(column)
        for step, where in ((1, "before"), (-1, "after")):
            inner = slice(1, None) if step == 1 else slice(None, -1)
            differ = differing(codes[inner], np.roll(y, step)[inner], n_classes)
            if differ is not None:
                text = f"{name} holds the target of the row {where}"
                text += f", but for {differ:,} row{'s' if differ > 1 else ''}" if differ else " in every row"
                found.append(
                    Finding(
                        code="shifted-target",
                        text=text,
                        columns=(name,),
                        number=len(y) - 1 - differ,
                        effect="in rows of any other order it tells nothing, in these it may tell the class",
                        rows=tuple(range(min(ROWS, len(y)))),
                    )
                )
                break
    return found


def _class_of_levels(codes: np.ndarray, y: np.ndarray, n_classes: int) -> bool:
    """Return whether every class is the most frequent one of some level."""
    n_levels = int(codes.max()) + 1
    counts = np.bincount(codes * n_classes + y, minlength=n_levels * n_classes).reshape(n_levels, n_classes)
    return len(np.unique(counts.argmax(axis=1))) == n_classes
