from __future__ import annotations

import numpy as np
import pytest

from suite.analysis.audited import on_twins, sentences
from suite.schema import AuditReport, Predictions, Twins


def report(**changes) -> AuditReport:
    told = {"dataset": "d", "fingerprint": "f", "state": "s", "target": "y", "protocol": "holdout"}
    return AuditReport(**(told | changes))


def predicted(rows, right) -> Predictions:
    rows, right = np.asarray(rows), np.asarray(right)
    return Predictions(
        proba=np.stack([right, 1 - right], axis=1).astype(np.float32),
        y_true=np.zeros(len(rows), dtype=np.int64),
        rows=rows,
    )


def test_accuracy_is_counted_by_twins_over_splits_and_seeds():
    rng = np.random.default_rng(3)
    twins = {"f0": Twins(same=(1, 5), other=(7, 9, 11)), "f1": Twins(other=(2, 4))}
    found = report(twins=twins)
    cells, by_kind = {}, {"other": [], "same": [], "alone": []}
    for split, rows in (("f0", np.arange(1, 40, 2)), ("f1", np.arange(0, 40, 2)), ("f2", np.arange(40, 60))):
        for seed in (0, 1):
            rows = rng.permutation(rows)
            right = rng.integers(0, 2, len(rows))
            cells[split, seed] = predicted(rows, right)
            for row, hit in zip(rows, right, strict=True):
                if split in twins:
                    kind = (
                        "other"
                        if row in twins[split].other
                        else "same"
                        if row in twins[split].same
                        else "alone"
                    )
                    by_kind[kind].append(hit)
    (scores,) = on_twins(found, {"m": cells})
    assert (scores.n_other, scores.n_same, scores.n_alone) == tuple(map(len, by_kind.values()))
    assert (scores.other, scores.same, scores.alone) == pytest.approx([np.mean(v) for v in by_kind.values()])
    assert scores.all == pytest.approx(np.mean([hit for hits in by_kind.values() for hit in hits]))


def test_the_sentence_is_of_the_first_model_and_of_the_one_that_twins_move_most():
    found = report(twins={"s": Twins(other=tuple(range(50)))})
    rows = np.arange(1000)
    first = predicted(rows, np.where(rows < 50, rows < 12, rows % 5 > 0).astype(int))
    moved = predicted(rows, np.where(rows < 50, 0, rows % 5 > 0).astype(int))
    said = list(sentences(on_twins(found, {"net": {("s", 0): first}, "knn": {("s", 0): moved}})))
    assert said == [
        "5.0 % of the test rows have an identical twin in train with another label: net gets 0.24 of them, and 0.80 of "
        "those without a twin.",
        "Without the rows that have a twin in train, the accuracy of knn is 0.800 instead of 0.760.",
    ]


def test_few_twins_and_none_give_no_sentence():
    cells = {("s", 0): predicted(np.arange(400), np.ones(400, dtype=int))}
    for twins in ({}, {"s": Twins()}, {"s": Twins(other=(1, 2, 3))}, {"other": Twins(same=(1,))}):
        assert list(sentences(on_twins(report(twins=twins), {"m": cells}))) == []
