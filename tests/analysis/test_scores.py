"""Scores of one class, and what rare classes call for: from counts and predictions made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suite.analysis.scores import class_counts, positive_of, rare_class_warning, scores_of
from suite.metrics import METRICS, OF_ONE_CLASS, Scored, compute, confusion, per_class
from suite.schema import CellId, Record


def scored_record(
    counts: tuple[int, ...], classes: tuple[str, ...], positive: str = "", split: str = "a", seed: int = 0
) -> Record:
    """A record of a model that guesses, on test rows of each class as often as `counts` says; as many in train."""
    y = np.repeat(np.arange(len(counts)), counts)
    proba = np.random.default_rng(seed).dirichlet(np.ones(len(counts)), len(y))
    scored = Scored(y, proba, classes.index(positive) if positive else None)
    cell = CellId(dataset="made", fingerprint="f", protocol="holdout", split=split, model="guess", seed=seed)
    return Record(
        id=cell,
        key=f"{split}{seed}",
        n_train=sum(counts),
        n_test=sum(counts),
        classes=classes,
        train_classes=counts,
        positive=positive,
        metrics=compute(scored),
        per_class=per_class(scored, classes),
        confusion=confusion(scored),
    )


def of_earlier_suite(record: Record) -> Record:
    later = (*OF_ONE_CLASS, "average_precision")
    return replace(
        record,
        positive="",
        train_classes=(),
        metrics={name: value for name, value in record.metrics.items() if name not in later},
        per_class={
            name: {key: value for key, value in row.items() if key != "average_precision"}
            for name, row in record.per_class.items()
        },
    )


TWO = scored_record((30, 10), ("ok", "fraud"), "fraud")
THREE = scored_record((30, 10, 5), ("a", "b", "c"))


@pytest.mark.parametrize(
    ("record", "asked", "found"),
    [
        (TWO, None, "fraud"),
        (TWO, "ok", "ok"),
        (TWO, "of another board", "fraud"),
        (of_earlier_suite(TWO), None, "fraud"),
        (of_earlier_suite(scored_record((10, 30), ("ok", "fraud"))), None, "ok"),
        (THREE, None, None),
        (THREE, "b", "b"),
    ],
)
def test_the_positive_class_is_the_one_asked_for_or_the_rarer_of_two(
    record: Record, asked: str | None, found: str | None
) -> None:
    assert positive_of([record], asked) == found


def test_a_board_without_a_count_has_no_positive_class() -> None:
    failed = replace(of_earlier_suite(TWO), confusion=None, metrics={}, per_class={})
    assert positive_of([failed]) is None
    assert positive_of([]) is None
    assert class_counts([failed]) == ()
    assert rare_class_warning([failed], "accuracy") is None
    assert set(scores_of(failed, "fraud").values()) == {None}


@settings(deadline=None, max_examples=40)
@given(st.integers(2, 5), st.integers(0, 1000), st.data())
def test_scores_of_any_class_are_those_that_the_predictions_give(
    k: int, seed: int, data: st.DataObject
) -> None:
    counts = tuple(data.draw(st.lists(st.integers(0, 20), min_size=k, max_size=k).filter(any)))
    classes = tuple("abcde"[:k])
    record = scored_record(counts, classes, "b" if k == 2 else "", seed=seed)
    asked = data.draw(st.sampled_from(classes))
    y = np.repeat(np.arange(k), counts)
    proba = np.random.default_rng(seed).dirichlet(np.ones(k), len(y))
    assert scores_of(record, asked) == compute(Scored(y, proba, classes.index(asked)))
    assert scores_of(record, record.positive or None) == record.metrics


def test_scores_of_an_earlier_record_are_those_it_has() -> None:
    old, new = scores_of(of_earlier_suite(TWO), "fraud"), scores_of(TWO, "fraud")
    assert list(old) == list(METRICS)
    assert old == new | {"average_precision": None}


@pytest.mark.parametrize(
    ("counts", "classes", "metric", "positive", "said"),
    [
        (
            (124, 1),
            ("ok", "fraud"),
            "accuracy",
            "fraud",
            "'fraud' is 1 in 125 rows: accuracy hides it (always saying 'ok' is right in 99.2 % of the rows); "
            "rank by average precision: --metric average_precision",
        ),
        (
            (124, 1),
            ("ok", "a fraud"),
            "weighted_f1",
            "ok",
            "'a fraud' is 1 in 125 rows: weighted F1 hides it (always saying 'ok' is right in 99.2 % of the rows); "
            "rank by average precision: --metric average_precision --positive 'a fraud'",
        ),
        (
            (300, 100, 1, 2),
            ("a", "b", "c", "d"),
            "accuracy",
            None,
            "2 of 4 classes are 1 in 100 rows or rarer ('c' 1 in 403, 'd' 1 in 202): accuracy hides them (always "
            "saying 'a' is right in 74.4 % of the rows); rank by macro F1: --metric macro_f1",
        ),
        ((124, 1), ("ok", "fraud"), "average_precision", "fraud", None),
        ((124, 1), ("ok", "fraud"), "macro_f1", "fraud", None),
        ((98, 2), ("ok", "fraud"), "accuracy", "fraud", None),
        ((2,) * 150, tuple(map(str, range(150))), "accuracy", None, None),
    ],
)
def test_a_rare_class_is_named_with_the_metric_that_sees_it(
    counts: tuple[int, ...], classes: tuple[str, ...], metric: str, positive: str | None, said: str | None
) -> None:
    assert rare_class_warning([scored_record(counts, classes)], metric, positive) == said


def test_rows_are_counted_once_whatever_the_splits_and_seeds() -> None:
    records = [scored_record((30, 10), ("a", "b"), "b", split, seed) for split in "xy" for seed in (0, 1)]
    assert class_counts(records) == (60, 20)  # Train and test rows of one split.
    assert class_counts([of_earlier_suite(record) for record in records]) == (60, 20)  # Test rows of two.
