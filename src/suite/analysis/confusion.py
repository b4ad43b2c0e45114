"""Confusion matrices: shares of a class's rows, the largest errors, the classes taken for each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

Matrix = Sequence[Sequence[int]]
"""Counts; row: true class, column: predicted class."""


class Mistake(NamedTuple):
    """Rows of one class that were called another, and their share of the class's rows."""

    true: int
    predicted: int
    rows: int
    share: float


class Confused(NamedTuple):
    """Two classes taken for each other; the direction with the larger share stands first."""

    there: Mistake
    back: Mistake


def shares(matrix: Matrix) -> list[list[float | None]]:
    """Return each count as a share of its row's sum; None in rows of classes that were not tested."""
    return [[count / total if (total := sum(row)) else None for count in row] for row in matrix]


def mistakes(matrix: Matrix) -> list[Mistake]:
    """Return every kind of mistake that was made, the most frequent first."""
    found = [
        Mistake(true, predicted, count, count / sum(row))
        for true, row in enumerate(matrix)
        for predicted, count in enumerate(row)
        if count and true != predicted
    ]
    return sorted(found, key=lambda mistake: (-mistake.rows, mistake.true, mistake.predicted))


def confused(matrix: Matrix) -> list[Confused]:
    """Return the pairs of classes between which rows were lost, the pair with most of them first."""
    made = {(m.true, m.predicted): m for m in mistakes(matrix)}
    pairs = []
    for one, two in {(min(ends), max(ends)) for ends in made}:
        both = (made.get((a, b), Mistake(a, b, 0, 0.0)) for a, b in ((one, two), (two, one)))
        there, back = sorted(both, key=lambda mistake: -mistake.share)
        pairs.append(Confused(there, back))
    return sorted(
        pairs, key=lambda pair: (-(pair.there.rows + pair.back.rows), pair.there.true, pair.back.true)
    )
