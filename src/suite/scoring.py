"""Scoring: check what a model put out, set it right, and make a record of it; beside the test labels."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from suite import provenance
from suite.errors import InvalidOutput
from suite.metrics import METRICS, Scored, compute, confusion, per_class
from suite.names import derive_seed
from suite.schema import SCHEMA_VERSION, FitOutput, Outcome, Predictions, Record, Status, Task, Work
from suite.store import predictions_digest

SUM_TOLERANCE = 1e-3
"""How far the sum of a row of probabilities may be from 1 before it is an error instead of rounding."""
TIMING = (
    *("fit_s", "compile_s", "predict_s", "latency_ms_p50", "latency_ms_p95"),
    *("cpu_s", "import_s", "busy_workers", "load"),
)
RESOURCES = ("threads", "rss_before_mb", "peak_rss_mb", "model_mb", "cut_short_at_s")


@dataclass(frozen=True, eq=False)
class Score:
    """Probabilities set right, and all that is computed from them."""

    proba: np.ndarray
    """float32, (n_test, n_classes): rows in split order, columns in the order of all classes."""
    metrics: dict[str, float | None]
    per_class: dict[str, dict[str, float | None]]
    confusion: list[list[int]]


def encode(y_train: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return train labels as codes 0..k-1 without gaps, in the same type, and the table's code that each stands for."""
    present, codes = np.unique(y_train, return_inverse=True)
    return codes.astype(y_train.dtype), present


def test_order(key: str, n_test: int) -> np.ndarray:
    """Return the shuffle in which a cell's test rows are handed over; row i is test row ``order[i]``."""
    return np.random.default_rng(derive_seed("test order", key)).permutation(n_test)


def score(
    output: FitOutput, y_test: np.ndarray, present: np.ndarray, order: np.ndarray, classes: Sequence[str]
) -> Score:
    """Check a model's probabilities, bring them to the table's rows and classes, and compute the figures.

    Parameters
    ----------
    output : FitOutput
        Rows in the order they were handed over, columns in the order of its `labels`.
    y_test : ndarray of shape (n_test,)
        Codes into `classes`, in split order.
    present : ndarray of shape (k,)
        Codes into `classes` of the classes in train; the others get probability 0.
    order : ndarray of shape (n_test,)
        See `test_order`.
    classes : sequence of str
        All class names.

    Raises
    ------
    InvalidOutput
        If shape, finiteness, sign or sum of the probabilities is wrong, or their columns cannot be told.
    """
    aligned = _aligned(output.proba, output.labels, len(order), len(present))
    proba = np.zeros((len(order), len(classes)), dtype=np.float32)
    proba[np.ix_(order, present)] = aligned
    scored = Scored(y_test, proba)
    return Score(proba, compute(scored), per_class(scored, classes), confusion(scored))


def to_record(outcome: Outcome, attempt: int = 1) -> tuple[Record, Predictions | None]:
    """Return the record of a cell, whatever became of it, and its predictions if it has any.

    A cell that failed has every metric as None and a failure of `kind`, `message` and `log`.

    Parameters
    ----------
    outcome : Outcome
        What was to be done, how it was put to the model, and what came back.
    attempt : int
        Counts the attempts at this key, from 1.
    """
    work, assignment, output = outcome.work, outcome.assignment, outcome.output
    status: Status = output.status
    failure = _failure(output) if status != "ok" else None
    scores, predictions, notes = None, None, list(output.notes)
    if status == "ok":
        try:
            y_test = work.dataset.y[work.split.test]
            scores = score(output, y_test, assignment.present, assignment.order, work.dataset.classes)
            predictions, remarks = _predictions(outcome, scores)
            notes += remarks
        except InvalidOutput as error:
            status, failure = "invalid_output", {"kind": "InvalidOutput", "message": str(error), "log": ""}
    record = Record(
        **_identity(work, assignment.task),
        family=output.family if work.cell.family == "custom" else work.cell.family,
        attempt=attempt,
        status=status,
        failure=failure,
        notes=notes,
        params=_parameter(output.params or work.cell.params),
        metrics=scores.metrics if scores else dict.fromkeys(METRICS),
        per_class=scores.per_class if scores else {},
        confusion=scores.confusion if scores else None,
        timing=_figures(output.timing, TIMING),
        resources=_figures(output.resources, RESOURCES),
        tuning=None,
        predictions_sha256=predictions_digest(predictions) if predictions else None,
        provenance=_provenance(outcome),
    )
    return record, predictions


def _provenance(outcome: Outcome) -> dict[str, Any]:
    found = provenance.snapshot(outcome.started_at)
    if outcome.work.cell.family != "custom":
        return found
    own = {
        name: version for name, version in outcome.work.packages.items() if name not in provenance.PACKAGES
    }
    return {**found, "packages": {**found["packages"], **own}}


def _identity(work: Work, task: Task) -> dict[str, Any]:
    """Return the fields of a record that were settled before the model ran."""
    cell, dataset, split = work.cell, work.dataset, work.split
    return {
        "schema_version": SCHEMA_VERSION,
        "key": cell.key,
        "source": "run",
        "dataset": cell.dataset,
        "dataset_version": dataset.version,
        "fingerprint": dataset.fingerprint,
        "target": dataset.target,
        "features": {
            "used": [str(column) for column in dataset.X.columns],
            "dropped": dict(dataset.dropped),
            "chosen": {choice: list(names) for choice, names in dataset.chosen.items()},
            "notes": list(dataset.notes),
            "findings": [
                {"code": found.code, "text": found.text, "columns": list(found.columns)}
                for found in dataset.findings
            ],
            "file": dataset.file or None,
            "live": dataset.live,
        },
        "task": "binary" if len(dataset.classes) == 2 else "multiclass",
        "protocol": cell.protocol,
        "split": cell.split,
        "split_fingerprint": split.fingerprint,
        "model": cell.model,
        "model_version": cell.model_version,
        "variant": cell.variant,
        "seed": cell.seed,
        "n_train": len(split.train),
        "n_validation": len(task.validation),
        "n_test": len(split.test),
        "n_features": task.n_features,
        "classes": list(dataset.classes),
    }


def _predictions(outcome: Outcome, scores: Score) -> tuple[Predictions, list[str]]:
    """Return predictions in the table's rows and classes, and a note if the validation part is unfit."""
    work, assignment, output = outcome.work, outcome.assignment, outcome.output
    split, validation = work.split, assignment.task.validation
    proba, rows, remarks = None, None, []
    if output.validation_proba is not None:
        try:
            aligned = _aligned(
                output.validation_proba, output.labels, len(validation), len(assignment.present)
            )
        except InvalidOutput as error:
            remarks = [f"its predictions on the validation rows are not kept: {error}"]
        else:
            proba = np.zeros((len(validation), len(work.dataset.classes)), dtype=np.float32)
            proba[:, assignment.present] = aligned
            rows = split.train[validation]
    y_test = work.dataset.y[split.test]
    predictions = Predictions(
        proba=scores.proba, y_true=y_test, rows=split.test, validation_proba=proba, validation_rows=rows
    )
    return predictions, remarks


def _aligned(proba: Any, labels: np.ndarray | None, n_rows: int, n_labels: int) -> np.ndarray:
    """Return checked probabilities, (n_rows, n_labels) float64, columns in the order of the labels."""
    if proba is None:
        raise InvalidOutput("no probabilities came back")
    proba, columns = np.asarray(proba), _columns(labels, n_labels)
    if proba.dtype.kind not in "fiub":
        raise InvalidOutput(f"probabilities are of type {proba.dtype}, not real numbers")
    if proba.shape != (n_rows, len(columns)):
        raise InvalidOutput(
            f"probabilities have shape {proba.shape}, not {(n_rows, len(columns))}: one row for each row given, "
            "one column for each class"
        )
    proba = proba.astype(np.float64)
    if unfit := int((~np.isfinite(proba)).any(axis=1).sum()):
        raise InvalidOutput(f"{unfit} of {n_rows} rows hold NaN or an infinity")
    if unfit := int((proba < 0).any(axis=1).sum()):
        raise InvalidOutput(
            f"{unfit} of {n_rows} rows hold a negative probability, down to {proba.min():.4g}"
        )
    sums = proba.sum(axis=1)
    if unfit := int((np.abs(sums - 1) > SUM_TOLERANCE).sum()):
        raise InvalidOutput(
            f"{unfit} of {n_rows} rows do not sum to 1: sums go from {sums.min():.4g} to {sums.max():.4g}"
        )
    aligned = np.zeros((n_rows, n_labels))
    aligned[:, columns] = proba / sums[:, np.newaxis]
    return aligned


def _columns(labels: np.ndarray | None, n_labels: int) -> np.ndarray:
    """Return which label each column is about."""
    if labels is None:
        return np.arange(n_labels)
    labels = np.asarray(labels)
    known = (
        labels.ndim == 1 and labels.dtype.kind in "fiub" and bool(np.isin(labels, np.arange(n_labels)).all())
    )
    if not known or len(np.unique(labels)) != len(labels):
        raise InvalidOutput(
            f"classes_ is {np.array2string(labels, threshold=20)[:200]}; the labels given were 0 to {n_labels - 1}"
        )
    return labels.astype(np.int64)


def _failure(output: FitOutput) -> dict[str, Any]:
    given = dict(output.failure or {})
    message, log = str(given.get("message") or output.status), str(given.get("log") or "")
    kind = str(given.get("kind") or output.status)
    return {**_parameter(given), "kind": kind, "message": message[:2000], "log": log[-20_000:]}


def _figures(given: Mapping[str, float | None], names: Sequence[str]) -> dict[str, float | None]:
    """Return figures by name, six decimals; None for those that do not exist."""
    figures = {**dict.fromkeys(names), **{name: _parameter(value) for name, value in given.items()}}
    return {
        name: round(value, 6) if isinstance(value, int | float) else None for name, value in figures.items()
    }


def _parameter(value: Any) -> Any:
    """Return a parameter as plain JSON; what JSON does not know, as its repr."""
    if isinstance(value, Mapping):
        return {str(key): _parameter(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_parameter(item) for item in value]
    value = value.item() if isinstance(value, np.generic) else value
    if value is None or isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return repr(value)[:200]
