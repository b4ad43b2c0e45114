"""Another threshold between two classes: which one, and what records say at it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from suite.errors import UsageError
from suite.metrics import Scored, compute, confusion, per_class
from suite.options import PRIOR
from suite.schema import Predictions, Record


def thresholds(records: Iterable[Record], asked: float | str, positive: str) -> dict[str, float]:
    """Return the threshold of each split: the number asked for, or with `prior` the positive class's share of train.

    No test row has a say in it.

    Raises
    ------
    UsageError
        If the share is asked for, and no record of a split says how many train rows each class has, or all train
        rows are of one class.
    """
    found: dict[str, float | None] = {}
    for record in records:
        found[record.split] = found.get(record.split) or (
            _share(record, positive) if asked == PRIOR else float(asked)
        )
    for split, threshold in found.items():
        if not threshold or threshold == 1:
            why = "was run by an earlier suite, which did not count the train rows of each class"
            why = why if threshold is None else "has train rows of one class only"
            raise UsageError(
                f"no threshold at the share of {positive!r}: {split} {why}; give a number instead"
            )
    return {split: threshold for split, threshold in found.items() if threshold is not None}


def _share(record: Record, positive: str) -> float | None:
    if not record.train_classes:
        return None
    return record.train_classes[record.classes.index(positive)] / sum(record.train_classes)


def at(record: Record, predictions: Predictions, positive: str, threshold: float | None = None) -> Record:
    """Return a record with the figures that its predictions give for a positive class and at a threshold.

    Parameters
    ----------
    record : Record
        Of two classes; without a threshold, of any number.
    predictions : Predictions
        Its own.
    positive : str
        What precision, recall, F1 and average precision are about.
    threshold : float, optional
        The probability from which on a row counts as positive; without it, the more probable class counts.

    Raises
    ------
    ValueError
        If there is no such class, or a threshold is asked for where there are not two classes.
    """
    scored = Scored(predictions.y_true, predictions.proba, record.classes.index(positive), threshold)
    return replace(
        record,
        positive=positive,
        metrics=compute(scored),
        per_class=per_class(scored, record.classes),
        confusion=confusion(scored),
    )
