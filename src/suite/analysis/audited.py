"""What an audit found, joined with predictions: how models do on rows that have a twin in train, and on the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from suite.schema import AuditReport, Predictions
from suite.schema.bounds import Count, Share

FEWEST = 20
"""Of fewer rows, no accuracy is told."""
POINTS = 0.02
"""What twins have to add to a model's accuracy, or take from it, to be worth a sentence of its own."""
Predicted: TypeAlias = Mapping[str, Mapping[tuple[str, int], Predictions]]
"""By model, in the order of the board, and by split and seed."""


@dataclass(frozen=True, kw_only=True)
class TwinScores:
    """One model's accuracy on test rows by their twins in train: rows with the same features."""

    model: str
    n_other: Count
    """Test rows, over splits and seeds, of which a twin has another label."""
    n_same: Count
    """Those whose twins all have their label."""
    n_alone: Count
    """Those without a twin."""
    other: Share | None
    """Accuracy on them; None where there are none."""
    same: Share | None
    alone: Share | None

    @property
    def all(self) -> float:
        """Accuracy on all of these rows."""
        return sum(n * (share or 0.0) for n, share in self._parts()) / sum(n for n, _ in self._parts())

    def contradictions(self) -> Iterator[str]:
        """Yield what cannot be, as a file may say anything."""
        if any((n == 0) != (share is None) for n, share in self._parts()) or not any(
            n for n, _ in self._parts()
        ):
            yield "an accuracy is of no rows, or rows have none"

    def _parts(self) -> tuple[tuple[int, float | None], ...]:
        return (self.n_other, self.other), (self.n_same, self.same), (self.n_alone, self.alone)


def on_twins(report: AuditReport, predicted: Predicted) -> tuple[TwinScores, ...]:
    """Return how each model does on rows with and without a twin in train, in the order given.

    Splits whose twins were not kept count for nothing, and neither do models without predictions on the others. A
    split is pooled with the others row by row, as are seeds.
    """
    found = []
    for model, cells in predicted.items():
        right, total = np.zeros(3, dtype=np.int64), np.zeros(3, dtype=np.int64)
        for (split, _), predictions in cells.items():
            if split not in report.twins:
                continue
            twins = report.twins[split]
            kind = np.full(len(predictions.rows), 2)
            kind[np.isin(predictions.rows, np.array(twins.other, dtype=np.int64))] = 0
            kind[np.isin(predictions.rows, np.array(twins.same, dtype=np.int64))] = 1
            hit = predictions.proba.argmax(axis=1) == predictions.y_true
            right += np.bincount(kind[hit], minlength=3)
            total += np.bincount(kind, minlength=3)
        if total.sum():
            other, same, alone = (
                float(r / n) if n else None for r, n in zip(right.tolist(), total.tolist(), strict=True)
            )
            n_other, n_same, n_alone = total.tolist()
            found.append(
                TwinScores(
                    model=model,
                    n_other=n_other,
                    n_same=n_same,
                    n_alone=n_alone,
                    other=other,
                    same=same,
                    alone=alone,
                )
            )
    return tuple(found)


def sentences(scores: Sequence[TwinScores]) -> Iterator[str]:
    """Yield what twins do to scores, in sentences: of the first model, and of the one that they move most."""
    if not scores:
        return
    first = scores[0]
    if first.n_other >= FEWEST:
        yield (
            f"{_share(first.n_other, first)} of the test rows have an identical twin in train with another label: "
            f"{first.model} gets {first.other:.2f} of them{_beside(first)}."
        )
    if first.n_same >= FEWEST:
        yield (
            f"{_share(first.n_same, first)} of the test rows stand in train as well, with the same label: "
            f"{first.model} gets {first.same:.2f} of them{_beside(first)}."
        )
    moved = max(scores, key=_moved)
    if _moved(moved) >= POINTS and moved.alone is not None:
        yield (
            f"Without the rows that have a twin in train, the accuracy of {moved.model} is {moved.alone:.3f} instead "
            f"of {moved.all:.3f}."
        )


def _moved(scores: TwinScores) -> float:
    return abs(scores.all - scores.alone) if scores.alone is not None else 0.0


def _share(n: int, scores: TwinScores) -> str:
    return f"{100 * n / (scores.n_other + scores.n_same + scores.n_alone):.1f} %"


def _beside(scores: TwinScores) -> str:
    return "" if scores.alone is None else f", and {scores.alone:.2f} of those without a twin"
