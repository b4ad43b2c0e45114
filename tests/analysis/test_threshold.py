from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from suite.analysis.threshold import at, thresholds
from suite.errors import UsageError
from suite.metrics import Scored, compute, confusion, per_class
from suite.schema import CellId, Predictions, Record

CLASSES = ("stays", "churns")
UNMOVED = ("log_loss", "roc_auc", "brier", "ece")


def cell(seed: int = 0, train: tuple[int, ...] = (90, 10), split: str = "a") -> tuple[Record, Predictions]:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, 60)
    score = np.round(np.clip(0.4 * y + 0.6 * rng.random(60), 0, 1), 1)
    predictions = Predictions(
        proba=np.column_stack([1 - score, score]).astype(np.float32), y_true=y, rows=np.arange(60)
    )
    scored = Scored(y, predictions.proba, positive=1)
    record = Record(
        id=CellId(dataset="d", fingerprint="f", protocol="holdout", split=split, model="m"),
        key="k",
        classes=CLASSES,
        train_classes=train,
        positive="churns",
        metrics=compute(scored),
        per_class=per_class(scored, CLASSES),
        confusion=confusion(scored),
    )
    return record, predictions


@settings(deadline=None, max_examples=50)
@given(
    st.integers(0, 1000),
    st.sampled_from(CLASSES),
    st.sampled_from([0.1, 0.3, 0.5, 0.7]) | st.floats(0.01, 0.99),
)
def test_figures_at_a_threshold_are_scikit_learns_and_those_of_probabilities_stay(
    seed: int, positive: str, threshold: float
) -> None:
    record, predictions = cell(seed)
    moved, code = at(record, predictions, positive, threshold), CLASSES.index(positive)
    is_positive = predictions.proba[:, code] >= np.float32(threshold)
    said = np.where(is_positive, code, 1 - code)
    truth = predictions.y_true
    assert moved.metrics["accuracy"] == pytest.approx(reference.accuracy_score(truth, said))
    assert moved.metrics["recall"] == pytest.approx(reference.recall_score(truth, said, pos_label=code))
    assert moved.confusion == tuple(
        map(tuple, reference.confusion_matrix(truth, said, labels=[0, 1]).tolist())
    )
    f1 = reference.f1_score(truth, said, average=None, labels=[0, 1])
    assert [moved.per_class[name]["f1"] for name in CLASSES] == pytest.approx(f1)
    assert [moved.metrics[name] for name in UNMOVED] == [record.metrics[name] for name in UNMOVED]
    assert moved.metrics["average_precision"] == record.per_class[positive]["average_precision"]
    assert moved.positive == positive
    figures = ("metrics", "per_class", "confusion", "positive")
    assert replace(moved, **{name: getattr(record, name) for name in figures}) == record


def test_without_a_threshold_a_record_stays_as_it_is() -> None:
    record, predictions = cell()
    assert at(record, predictions, "churns") == record


def test_a_lower_threshold_never_finds_fewer() -> None:
    record, predictions = cell()
    found = [at(record, predictions, "churns", t).metrics["recall"] for t in np.linspace(0.01, 0.99, 30)]
    assert found == sorted(found, reverse=True)


def test_a_number_is_the_threshold_of_every_split_and_the_share_is_that_of_its_train_rows() -> None:
    records = [cell(train=(90, 10), split="a")[0], cell(train=(60, 40), split="b")[0]]
    assert thresholds(records, 0.3, "churns") == {"a": 0.3, "b": 0.3}
    assert thresholds(records, "prior", "churns") == {"a": 0.1, "b": 0.4}
    assert thresholds(records, "prior", "stays") == {"a": 0.9, "b": 0.6}


def test_train_rows_that_one_record_of_a_split_has_counted_hold_for_the_split() -> None:
    new, old = cell()[0], cell(train=())[0]
    assert thresholds([old, new], "prior", "churns") == {"a": 0.1}


@pytest.mark.parametrize(("train", "why"), [((), "by an earlier suite"), ((100, 0), "of one class only")])
def test_a_share_that_is_not_known_or_no_threshold_is_refused(train: tuple[int, ...], why: str) -> None:
    with pytest.raises(UsageError, match=why) as refused:
        thresholds([cell(train=train)[0]], "prior", "churns")
    assert "\n" not in str(refused.value)
