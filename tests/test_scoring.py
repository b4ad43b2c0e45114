"""Scoring: outputs are checked, set right and never trusted; every outcome becomes a whole record."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suite import scoring
from suite.errors import InvalidOutput
from suite.metrics import METRICS, Scored, compute, confusion, per_class
from suite.predictions_file import predictions_digest
from suite.protocol import Protocol
from suite.records import from_dict, plain_params, to_dict
from suite.schema import (
    STATUSES,
    Assignment,
    Cell,
    CellId,
    Dataset,
    Failure,
    Features,
    FitOutput,
    Outcome,
    Record,
    Resources,
    Task,
    Timing,
    Work,
)
from suite.scoring import encode, score, to_record
from suite.store import Store

CLASSES = ("a", "b", "c", "d")


def dirichlet(n: int, k: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.ones(k), n)


def make_outcome(output: FitOutput | None = None, **cell_changes) -> Outcome:
    """Forty rows of three of four classes on a holdout, and a model that guessed."""
    y = np.arange(40) % 3
    dataset = Dataset(
        name="toy",
        version=3,
        X=pd.DataFrame({"x": np.arange(40.0), 1: 0.0}),
        y=y,
        classes=CLASSES,
        kinds=("numeric", "numeric"),
        fingerprint="ab" * 32,
        target="label",
        protocol="holdout",
        dropped={"id": "differs in every row"},
        chosen={"drop": ("id",)},
        notes=("2 empty rows were left out",),
    )
    protocol = Protocol.parse("holdout")
    (split,) = protocol.splits(dataset)
    codes, present = encode(y[split.train])
    known = {"model": "logistic", "params": {"C": 1.0}, **cell_changes}
    about = {"family": "linear", "model_version": "1", "key": "0123456789abcdef" * 4}
    about |= {name: known.pop(name) for name in about.keys() & known}
    where = {"dataset": "toy:rows=40", "fingerprint": "ab" * 32}
    identity = CellId(**where, protocol=split.protocol, split=split.id, **known)
    cell = Cell(id=identity, **about)
    task = Task(
        kinds=dataset.kinds,
        levels=(0, 0),
        n_train=len(split.train),
        n_features=2,
        n_classes=3,
        validation=protocol.validation(split, dataset),
    )
    order = scoring.test_order(cell.key, len(split.test))
    guess = FitOutput(proba=dirichlet(len(split.test), 3), labels=np.arange(3))
    assignment = Assignment(
        task=task,
        y_train=codes,
        train_rows=split.train,
        test_rows=split.test[order],
        seed=0,
        present=present,
        order=order,
    )
    return Outcome(
        work=Work(cell=cell, dataset=dataset, split=split),
        assignment=assignment,
        output=output or guess,
        started_at=datetime(2026, 1, 2, tzinfo=UTC),
    )


def changed(outcome: Outcome, **changes) -> Outcome:
    return dataclasses.replace(outcome, output=dataclasses.replace(outcome.output, **changes))


# --- setting right


@settings(deadline=None)
@given(st.data())
def test_rows_and_columns_go_back_to_where_they_belong(data: st.DataObject) -> None:
    n, k = data.draw(st.integers(1, 30)), data.draw(st.integers(2, 6))
    present = np.sort(data.draw(st.permutations(range(k)))[: data.draw(st.integers(1, k))])
    seed = data.draw(st.integers(0, 1000))
    truth, order = dirichlet(n, len(present), seed), scoring.test_order(str(seed), n)
    labels = np.array(data.draw(st.permutations(range(len(present)))))
    output = FitOutput(proba=truth[order][:, labels], labels=labels)
    y_test = np.random.default_rng(seed).integers(0, k, n)
    result = score(output, y_test, present, order, [str(code) for code in range(k)])
    expected = np.zeros((n, k), dtype=np.float32)
    expected[:, present] = truth / truth.sum(axis=1, keepdims=True)
    assert result.proba.dtype == np.float32
    np.testing.assert_allclose(result.proba, expected, rtol=1e-6)
    assert result.metrics == compute(Scored(y_test, result.proba))


def test_the_shuffle_of_test_rows_follows_the_name_and_nothing_else() -> None:
    order = scoring.test_order("a cell", 100)
    assert sorted(order) == list(range(100))
    assert order.tolist() == scoring.test_order("a cell", 100).tolist()
    assert order.tolist() != scoring.test_order("another cell", 100).tolist()


@given(st.lists(st.integers(-5, 50), min_size=1))
def test_encoded_labels_have_no_gaps_and_can_be_decoded(labels: list[int]) -> None:
    codes, present = encode(np.array(labels, np.int16))
    assert present[codes].tolist() == labels
    assert set(codes) == set(range(len(present)))
    assert codes.dtype == np.int16


def test_sums_within_the_tolerance_are_set_to_one_in_double_precision() -> None:
    proba = dirichlet(50, 3) * np.linspace(0.9991, 1.0009, 50)[:, None]
    result = score(FitOutput(proba=proba), np.arange(50) % 3, np.arange(3), np.arange(50), CLASSES[:3])
    expected = (proba / proba.sum(axis=1, keepdims=True)).astype(np.float32)
    assert np.array_equal(result.proba, expected)


@pytest.mark.parametrize(
    "proba",
    [np.eye(3)[[0, 1]].astype(bool), np.eye(3, dtype=np.int8)[[0, 1]], np.eye(3, dtype=np.float16)[[0, 1]]],
)
def test_certain_forecasts_of_any_numeric_type_are_probabilities(proba) -> None:
    result = score(FitOutput(proba=proba), np.array([0, 1]), np.arange(3), np.arange(2), CLASSES[:3])
    assert result.metrics["accuracy"] == 1


def test_a_column_that_the_model_does_not_have_is_probability_zero() -> None:
    output = FitOutput(proba=dirichlet(5, 2), labels=np.array([2, 0]))
    result = score(output, np.zeros(5, int), np.arange(3), np.arange(5), CLASSES[:3])
    assert (result.proba[:, 1] == 0).all()
    np.testing.assert_allclose(result.proba[:, 2], output.proba[:, 0], rtol=1e-6)


# --- refusing

GOOD = dirichlet(8, 3)


def spoilt(row: int, values: list[float]) -> np.ndarray:
    proba = GOOD.copy()
    proba[row] = values
    return proba


@pytest.mark.parametrize(
    ("proba", "labels", "message"),
    [
        (None, None, "no probabilities came back"),
        (GOOD[:7], None, r"shape \(7, 3\), not \(8, 3\)"),
        (GOOD[:, :2], None, r"shape \(8, 2\), not \(8, 3\)"),
        (GOOD[:, 0], None, r"shape \(8,\), not \(8, 3\)"),
        (GOOD[:, :1], None, r"shape \(8, 1\), not \(8, 3\)"),
        (GOOD[None], None, r"shape \(1, 8, 3\), not \(8, 3\)"),
        (np.array([["a", "b", "c"]] * 8), None, "of type <U1, not real numbers"),
        (GOOD.astype(object), None, "of type object, not real numbers"),
        (GOOD.astype(complex), None, "of type complex128, not real numbers"),
        (spoilt(2, [np.nan, 0.5, 0.5]), None, "1 of 8 rows hold NaN or an infinity"),
        (spoilt(2, [np.inf, 0.5, 0.5]), None, "1 of 8 rows hold NaN or an infinity"),
        (spoilt(2, [-0.5, 1.0, 0.5]), None, r"1 of 8 rows hold a negative probability, down to -0\.5"),
        (GOOD * 1.002, None, r"8 of 8 rows do not sum to 1: sums go from 1\.002 to 1\.002"),
        (spoilt(2, [0, 0, 0]), None, r"1 of 8 rows do not sum to 1: sums go from 0 to 1"),
        (GOOD, np.array(["0", "1", "2"]), r"classes_ is \['0' '1' '2'\]; the labels given were 0 to 2"),
        (GOOD, np.array([1, 2, 3]), "the labels given were 0 to 2"),
        (GOOD, np.array([0, 1, 1]), "the labels given were 0 to 2"),
        (GOOD, np.array([0, 1, 1.5]), "the labels given were 0 to 2"),
        (GOOD, np.arange(3)[None], "the labels given were 0 to 2"),
        (GOOD, np.arange(2), r"shape \(8, 3\), not \(8, 2\)"),
    ],
)
def test_what_is_no_probability_is_refused_with_what_is_wrong(proba, labels, message: str) -> None:
    with pytest.raises(InvalidOutput, match=message):
        score(
            FitOutput(proba=proba, labels=labels), np.arange(8) % 3, np.arange(3), np.arange(8), CLASSES[:3]
        )


# --- records


def test_a_record_of_a_good_output_has_every_field_and_its_figures_can_be_computed_again() -> None:
    outcome = make_outcome()
    record, predictions = to_record(outcome, attempt=2)
    assert (record.status, record.failure, record.attempt) == ("ok", None, 2)
    assert (record.dataset, record.dataset_version, record.model) == ("toy:rows=40", 3, "logistic")
    assert record.features == Features(
        used=("x", "1"),
        dropped={"id": "differs in every row"},
        chosen={"drop": ("id",)},
        notes=("2 empty rows were left out",),
    )
    assert (record.n_train, record.n_validation, record.n_test, record.n_features) == (32, 0, 8, 2)
    assert record.task == "multiclass"
    assert record.provenance.started_at == "2026-01-02T00:00:00.000+00:00"
    scored = Scored(predictions.y_true, predictions.proba)
    assert record.metrics == compute(scored)
    assert record.per_class == per_class(scored, CLASSES)
    assert record.confusion == confusion(scored)
    assert record.predictions_sha256 == predictions_digest(predictions)
    assert (predictions.rows == outcome.work.split.test).all()
    assert (predictions.y_true == outcome.work.dataset.y[predictions.rows]).all()


@pytest.mark.parametrize("family", ["linear", "custom"])
def test_a_record_tells_the_versions_of_what_a_users_model_imports_and_of_no_other(family: str) -> None:
    outcome = make_outcome(family=family)
    versions = {"mine": "7.8", "absent": None, "numpy": "0.0"}
    record, _ = to_record(
        dataclasses.replace(outcome, work=dataclasses.replace(outcome.work, packages=versions))
    )
    packages = record.provenance.packages
    assert packages.get("mine") == ("7.8" if family == "custom" else None)
    assert packages["numpy"] == np.__version__
    assert "absent" not in packages
    assert record.attempt == 1


def two_classes(y: list[int]) -> Outcome:
    """The outcome of a model that guessed on a table of two classes."""
    outcome = make_outcome()
    dataset = dataclasses.replace(outcome.work.dataset, y=np.array(y), classes=("ok", "fraud"))
    work = dataclasses.replace(outcome.work, dataset=dataset)
    assignment = dataclasses.replace(outcome.assignment, present=np.arange(2))
    output = FitOutput(proba=dirichlet(8, 2), labels=np.arange(2))
    return dataclasses.replace(outcome, work=work, assignment=assignment, output=output)


@pytest.mark.parametrize(("n_fraud", "positive"), [(10, "fraud"), (20, "fraud"), (30, "ok")])
def test_the_rarer_of_two_classes_in_the_whole_table_is_the_positive_one(n_fraud: int, positive: str) -> None:
    y = [1] * n_fraud + [0] * (40 - n_fraud)
    outcome = two_classes(y)
    record, predictions = to_record(outcome)
    assert record.positive == positive
    code = record.classes.index(positive)
    assert record.metrics == compute(Scored(predictions.y_true, predictions.proba, positive=code))
    assert record.metrics["recall"] == record.per_class[positive]["recall"]


def test_a_record_counts_the_train_rows_of_each_class_though_its_cell_failed() -> None:
    outcome = make_outcome()
    expected = np.bincount(outcome.work.dataset.y[outcome.work.split.train], minlength=4)
    for found in (outcome, changed(outcome, status="crash")):
        record, _ = to_record(found)
        assert record.train_classes == tuple(expected)
        assert record.positive == ""
        assert record.metrics["precision"] is None


def test_a_record_and_its_predictions_come_back_from_the_store_and_give_the_same_figures(tmp_path) -> None:
    record, predictions = to_record(make_outcome())
    Store(tmp_path).save(record, predictions)
    store = Store(tmp_path)
    (back,) = store.records()
    assert back == record
    stored = store.predictions(back)
    assert compute(Scored(stored.y_true, stored.proba)) == back.metrics


def test_a_model_that_knows_the_test_labels_in_the_order_given_scores_one() -> None:
    outcome = make_outcome()
    given_rows = outcome.work.split.test[outcome.assignment.order]
    record, _ = to_record(changed(outcome, proba=np.eye(3)[outcome.work.dataset.y[given_rows]]))
    assert record.metrics["accuracy"] == 1


def test_a_model_that_relies_on_the_order_of_rows_is_exposed() -> None:
    outcome = make_outcome()
    record, _ = to_record(changed(outcome, proba=np.eye(3)[outcome.work.dataset.y[outcome.work.split.test]]))
    assert record.metrics["accuracy"] < 0.8


@pytest.mark.parametrize("status", [status for status in STATUSES if status != "ok"])
def test_a_cell_that_failed_is_a_whole_record_with_a_reason_and_no_figure(status) -> None:
    failure = Failure(kind="Timeout", message="too slow", log="last words", limit=600.0)
    output = FitOutput(status=status, failure=failure, proba=dirichlet(8, 3), timing=Timing(fit_s=600.5))
    record, predictions = to_record(make_outcome(output))
    assert (record.status, record.failure, predictions) == (status, failure, None)
    assert record.metrics == dict.fromkeys(METRICS)
    assert (record.per_class, record.confusion, record.predictions_sha256) == ({}, None, None)
    assert record.timing.fit_s == 600.5


def test_a_failure_without_words_still_has_a_kind_a_message_and_a_log() -> None:
    record, _ = to_record(make_outcome(FitOutput(status="crash")))
    assert record.failure == Failure(kind="crash", message="crash")


def test_the_log_of_a_failure_keeps_its_end() -> None:
    failure = Failure(kind="Error", message="m" * 10_000, log="x" * 100_000 + "the end")
    record, _ = to_record(make_outcome(FitOutput(status="error", failure=failure)))
    assert record.failure.log.endswith("the end")
    assert len(record.failure.message + record.failure.log) < 30_000


def test_an_output_that_is_no_probability_becomes_an_invalid_output_record() -> None:
    record, predictions = to_record(changed(make_outcome(), proba=np.full((8, 3), np.nan)))
    assert (record.status, predictions) == ("invalid_output", None)
    assert record.failure.kind == "InvalidOutput"
    assert "8 of 8 rows hold NaN" in record.failure.message
    assert record.metrics == dict.fromkeys(METRICS)


def test_rows_held_out_are_those_that_the_model_reports() -> None:
    assert to_record(make_outcome())[0].n_validation == 0
    assert to_record(changed(make_outcome(), n_validation=5))[0].n_validation == 5


def test_timing_has_six_decimals_and_what_was_not_measured_is_none() -> None:
    timing = Timing(fit_s=1 / 3, predict_s=float("nan"), cpu_s=np.float64(2))
    record, _ = to_record(changed(make_outcome(), timing=timing, resources=Resources(threads=2)))
    assert record.timing == Timing(fit_s=0.333333, cpu_s=2.0)
    assert record.resources == Resources(threads=2)


def test_parameters_are_kept_as_plain_json_whatever_they_are() -> None:
    params = {"n": np.int32(3), "layers": (64, 32), "missing": float("nan"), "f": np.mean, "deep": {1: None}}
    kept = plain_params(params)
    mean = kept.pop("f")
    assert kept == {"n": 3, "layers": [64, 32], "missing": "nan", "deep": {"1": None}}
    assert "mean" in mean
    record, _ = to_record(make_outcome(params=plain_params(params)))
    json.dumps(to_dict(record), allow_nan=False)


def test_every_field_of_a_record_is_filled() -> None:
    record, _ = to_record(make_outcome())
    empty = {f.name for f in dataclasses.fields(Record) if getattr(record, f.name) in (None, "", {}, ())}
    # A cell of a plan has a basis; a model that trains in epochs, a curve.
    assert empty == {"failure", "tuning", "found", "notes", "first_at", "positive", "basis", "curve_sha256"}


def test_whatever_a_child_answers_its_record_can_be_read() -> None:
    timing = Timing(fit_s=-1.0, predict_s=1e300, cpu_s=float("inf"))
    resources = Resources(stopped_at_step=-3, model_mb=-1.0)
    curve = {"loss": [1e200, -1.0], "accuracy": [55.0]}
    outcome = changed(make_outcome(), timing=timing, resources=resources, curve=curve, n_validation=-5)
    record, _ = to_record(outcome)
    assert (record.timing, record.resources, record.n_validation) == (
        Timing(),
        Resources(stopped_at_step=0),
        0,
    )
    assert from_dict(to_dict(record)) == record
