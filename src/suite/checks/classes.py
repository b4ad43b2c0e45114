"""Classes with too few rows for a protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from suite.checks.repeats import Positions
from suite.errors import listed
from suite.schema.audits import ROWS, Finding

FEW = 10
"""Test rows of a class, over all splits, of which no figure of the class is worth much."""


def find_rare_classes(
    y: np.ndarray, classes: Sequence[str], splits: Mapping[str, Positions], protocol: str
) -> list[Finding]:
    """Return findings about classes that a split does not train on, or that have no or few test rows."""
    k = len(classes)
    tested = np.zeros(k, dtype=np.int64)
    trained = np.full(k, len(y))
    for train, test in splits.values():
        tested += np.bincount(y[test], minlength=k)
        trained = np.minimum(trained, np.bincount(y[train], minlength=k))
    found = []
    untrained = np.flatnonzero((trained == 0) & (tested > 0))
    untested = np.flatnonzero(tested == 0)
    few = np.flatnonzero((tested > 0) & (tested < FEW) & (trained > 0))
    said = (
        (untrained, "has no row to train on in a split", "every model gets its rows wrong there", "warning"),
        (untested, "has no test row", "no score says anything about it", "note"),
        (
            few,
            f"has fewer than {FEW} test rows",
            "its F1 moves by 5 points or more with a single row",
            "note",
        ),
    )
    for codes, what, effect, severity in said:
        if not len(codes):
            continue
        names = [f"{classes[code]} ({int((y == code).sum()):,} rows)" for code in codes.tolist()]
        if len(names) > 1:
            what = what.replace("has ", "have ")
            effect = effect.replace("its rows", "their rows").replace("about it", "about them")
            effect = effect.replace("its F1 moves", "their F1 moves")
        rows = np.flatnonzero(np.isin(y, codes))[:ROWS]
        found.append(
            Finding(
                code="rare-class",
                severity="warning" if severity == "warning" else "note",
                text=f"{listed(names, 5)} {what} with {protocol}",
                number=len(codes),
                effect=effect,
                rows=tuple(rows.tolist()),
            )
        )
    return found
