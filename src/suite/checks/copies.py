"""Columns that repeat the target: under its own values or others, in all rows, all but a few or all that have one."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection

import numpy as np

from suite.checks.columns import NAMED, Columns, filled, level_codes, sample, sentence
from suite.errors import listed
from suite.schema import Finding

MISMATCHED = 0.005
"""Share of the rows in which a copy may differ, and one row in any table large enough."""
OF_THE_OTHERS = 0.05
"""Share of the rows outside the largest class in which a copy may differ: far fewer than guessing gets wrong."""
ENOUGH_OTHERS = 20
"""With this many rows outside the largest class or more, one row may differ."""
CHANCE = 1e-4
"""A column of the same level sizes must line up with the classes by chance less often than this."""
LOOKED_AT = 2000
"""Rows of the sample that rules most columns out as copies."""


def find_copies(
    columns: Columns, y: np.ndarray, n_classes: int, keep: Collection[str] = ()
) -> tuple[dict[str, str], list[Finding]]:
    """Return columns that repeat the target with their reasons, and findings about them.

    A level is matched with a class if each is the other's most frequent; a missing value is a level. All rows outside
    these pairs differ. That covers 0 and 1 for no and yes, class codes and every one-to-one function of them, and a
    value that only one class has. Chance is ruled out by counting: of all ways to place the levels in the rows, the
    share that agrees so well. In 20 rows of two even classes that is 1 in 92,378; in 10 rows it is 1 in 126, so a
    table that small has no copies but those that `assemble` knows by their values. Columns in `keep` are used all the
    same, and the finding says so.
    """
    rows = sample(len(y), LOOKED_AT)
    # In a sample, a copy has few levels beside its matched ones: five times what is allowed, and then some.
    few = n_classes + 20 + int(5 * MISMATCHED * len(rows))
    groups: dict[tuple[int, int, bool], list[str]] = defaultdict(list)
    for name, column in columns.items():
        if level_codes(column, rows).max(initial=0) >= few:
            continue
        n_filled = len(y)
        differ = differing(level_codes(column), y, n_classes)
        if differ is None and (there := filled(column)) is not None:
            n_filled = len(there)
            differ = differing(level_codes(column, there), y[there], n_classes)
        if differ is not None:
            groups[differ, n_filled, name in keep].append(name)
    reasons: dict[str, str] = {}
    findings = []
    for (differ, n_filled, kept), names in sorted(groups.items()):
        where = f"but for {differ:,} row{'s' if differ > 1 else ''}" if differ else "in every row"
        if n_filled < len(y):
            where = f"where there is a value, in {n_filled:,} rows" + (f", {where}" if differ else "")
        one, several = f"repeats the target {where}", f"repeat the target {where}"
        if kept:
            text = f"{listed(names, NAMED)} {several if len(names) > 1 else one}: used, as --keep asks"
        else:
            text = sentence(names, one, several, "left out", "--keep")
            reasons |= dict.fromkeys(names, one)
        findings.append(Finding(code="target-copy", text=text, columns=tuple(names)))
    return reasons, findings


def differing(codes: np.ndarray, y: np.ndarray, n_classes: int) -> int | None:
    """Return the number of rows in which a copy differs from the target; None if the column is not a copy."""
    sizes = np.bincount(y, minlength=n_classes)
    others = len(y) - int(sizes.max())
    allowed = min(
        max(1, int(MISMATCHED * len(y))),
        max(int(OF_THE_OTHERS * others), 1 if others >= ENOUGH_OTHERS else 0),
    )
    if codes.max(initial=0) >= n_classes + allowed:
        return None
    differ = _mismatches(codes, y, n_classes)
    return differ if differ <= allowed and _chance(sizes, differ) <= CHANCE else None


def _mismatches(codes: np.ndarray, y: np.ndarray, n_classes: int) -> int:
    """Return the number of rows in which the pairing of levels and classes does not hold."""
    n_levels = int(codes.max()) + 1
    counts = np.bincount(codes * n_classes + y, minlength=n_levels * n_classes).reshape(n_levels, n_classes)
    level_of = counts.argmax(axis=0)
    class_of = counts.argmax(axis=1)
    paired = np.flatnonzero(class_of[level_of] == np.arange(n_classes))
    return len(y) - int(counts[level_of[paired], paired].sum())


def _chance(sizes: np.ndarray, differ: int) -> float:
    """Return about how often, by chance, levels of these sizes agree with the classes in all but `differ` rows."""
    n, n_classes = int(sizes.sum()), len(sizes)
    ways = math.lgamma(n + 1) - sum(math.lgamma(int(size) + 1) for size in sizes)
    near = math.lgamma(n + 1) - math.lgamma(differ + 1) - math.lgamma(n - differ + 1)
    near += differ * math.log(n_classes) + math.lgamma(n_classes + 1)
    return math.exp(min(0.0, near - ways))
