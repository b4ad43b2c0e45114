"""What the second attempt at a cell says of the first: of one model under one set of conditions, and by how much."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from suite.execution.repeat import difference, kept
from suite.schema import CellId, Predictions, Provenance, Record, Resources
from suite.store import Store

HERE = Provenance(
    host="here", cpu="a", cores=2, os="linux", python="3.11.7", packages={"numpy": "2.4"}, suite="1"
)


def predictions(*first: float) -> Predictions:
    proba = np.array([[p, 1 - p] for p in first], dtype=np.float32)
    return Predictions(proba=proba, y_true=np.zeros(len(first), dtype=int), rows=np.arange(len(first)))


@pytest.fixture
def record() -> Record:
    cell = CellId(dataset="t", fingerprint="0" * 16, protocol="holdout", split="holdout-42", model="mine")
    return Record(id=cell, key="0" * 12, provenance=HERE, resources=Resources(threads=2))


def test_a_repeat_says_how_many_rows_and_how_far_its_predictions_moved(record: Record) -> None:
    (note,) = difference(record, predictions(0.9, 0.6, 0.2), record, predictions(0.9, 0.4, 0.25))
    assert note == (
        "attempt 1 with the same seed gave other predictions: 1 of 3 rows another class, "
        "probabilities up to 0.2 apart; the model is not deterministic"
    )
    (near,) = difference(record, predictions(0.9), record, predictions(0.90001))
    assert "0 of 1 rows another class, probabilities up to 1e-05 apart" in near


def test_equal_predictions_are_not_remarked_on(record: Record) -> None:
    assert difference(record, predictions(0.9), record, predictions(0.9)) == ()


@pytest.mark.parametrize(
    "other",
    [
        {"host": "there"},
        {"cpu": "b"},
        {"cores": 8},
        {"os": "another"},
        {"python": "3.12.1"},
        {"packages": {"numpy": "2.5"}},
        {"suite": "2"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_another_machine_or_version_says_nothing_of_the_model(
    record: Record, other: dict[str, object]
) -> None:
    elsewhere = replace(record, provenance=replace(HERE, **other))
    assert difference(elsewhere, predictions(0.9), record, predictions(0.1)) == ()


def test_other_threads_or_a_fit_cut_short_say_nothing_of_the_model(record: Record) -> None:
    for resources in (Resources(threads=1), Resources(threads=2, stopped_at_step=3)):
        other = replace(record, resources=resources)
        assert difference(other, predictions(0.9), record, predictions(0.1)) == ()


def test_a_record_whose_predictions_are_not_there_as_in_a_fresh_clone_causes_no_note(
    record: Record, tmp_path: Path
) -> None:
    assert kept(Store(tmp_path), record) is None
    assert difference(record, None, record, predictions(0.1)) == ()
