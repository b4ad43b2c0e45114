"""Scoring: check what a model put out, set it right, and make a record of it; beside the test labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np

from suite import provenance
from suite.curve_file import curve_digest
from suite.errors import InvalidOutput
from suite.metrics import METRICS, Scored, compute, confusion, per_class, rarer
from suite.names import derive_seed
from suite.predictions_file import predictions_digest
from suite.probabilities import check_form
from suite.protocol import Protocol
from suite.schema import (
    Failure,
    Features,
    FitOutput,
    Outcome,
    Predictions,
    Provenance,
    Record,
    Resources,
    Timing,
    Work,
)
from suite.schema.bounds import MOST

SUM_TOLERANCE = 1e-3
"""How far the sum of a row of probabilities may be from 1 before it is an error instead of rounding."""
Figures = TypeVar("Figures", Timing, Resources)


@dataclass(frozen=True, eq=False)
class Score:
    """Probabilities set right, and all that is computed from them."""

    proba: np.ndarray
    """float32, (n_test, n_classes): rows in split order, columns in the order of all classes."""
    metrics: dict[str, float | None]
    per_class: dict[str, dict[str, float | None]]
    confusion: tuple[tuple[int, ...], ...]


def encode(y_train: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return train labels as codes 0..k-1 without gaps, in the same type, and the table's code that each stands for."""
    present, codes = np.unique(y_train, return_inverse=True)
    return codes.astype(y_train.dtype), present


def test_order(key: str, n_test: int) -> np.ndarray:
    """Return the shuffle in which a cell's test rows are handed over; row i is test row ``order[i]``."""
    return np.random.default_rng(derive_seed("test order", key)).permutation(n_test)


def score(
    output: FitOutput,
    y_test: np.ndarray,
    present: np.ndarray,
    order: np.ndarray,
    classes: Sequence[str],
    positive: int | None = None,
) -> Score:
    """Check a model's probabilities, bring them to the table's rows and classes, and compute the figures.

    The true labels `y_test`, in split order, and `present`, the classes in train, are codes into `classes`, all class
    names, and so is `positive`; a class that is absent from train gets probability 0. For `order` see `test_order`.

    Raises
    ------
    InvalidOutput
        If shape, finiteness, sign or sum of the probabilities is wrong, or it is not known which class a column is.
    """
    aligned = _aligned(output.proba, output.labels, len(order), len(present))
    proba = np.zeros((len(order), len(classes)), dtype=np.float32)
    proba[np.ix_(order, present)] = aligned
    scored = Scored(y_test, proba, positive)
    return Score(proba, compute(scored), per_class(scored, classes), confusion(scored))


def to_record(outcome: Outcome, attempt: int = 1) -> tuple[Record, Predictions | None]:
    """Return the record of a cell, whatever became of it, and its predictions if it has any.

    A cell that failed has every metric as None and a failure. Attempts at one key count from 1.
    """
    work, assignment, output = outcome.work, outcome.assignment, outcome.output
    cell, dataset, split = work.cell, work.dataset, work.split
    positive = rarer(_rows_of_each(dataset.y, dataset.classes))
    record = Record(
        id=cell.id,
        key=cell.key,
        dataset_version=dataset.version,
        target=dataset.target,
        features=_features(work),
        task="binary" if len(dataset.classes) == 2 else "multiclass",
        split_fingerprint=split.fingerprint,
        model_version=cell.model_version,
        family=cell.family,
        seeded=cell.seeded,
        attempt=attempt,
        status=output.status,
        failure=None if output.status == "ok" else _failure(output),
        notes=output.notes,
        n_train=len(split.train),
        n_validation=output.n_validation if 0 <= output.n_validation <= len(split.train) else 0,
        n_test=len(split.test),
        n_features=assignment.task.n_features,
        classes=dataset.classes,
        train_classes=_rows_of_each(dataset.y[split.train], dataset.classes),
        positive="" if positive is None else dataset.classes[positive],
        metrics=dict.fromkeys(METRICS),
        timing=_rounded(output.timing),
        resources=_rounded(_stopped(output.resources)),
        tuning=work.tuning,
        found=output.found,
        curve_sha256=curve_digest(output.curve),
        basis=cell.basis,
        provenance=_provenance(outcome),
    )
    if output.status != "ok":
        return record, None
    y_test = dataset.y[split.test]
    try:
        scores = score(output, y_test, assignment.present, assignment.order, dataset.classes, positive)
    except InvalidOutput as error:
        failure = Failure(kind="InvalidOutput", message=str(error))
        return replace(record, status="invalid_output", failure=failure), None
    predictions = Predictions(proba=scores.proba, y_true=y_test, rows=split.test, groups=_groups(work))
    scored = replace(
        record,
        metrics=scores.metrics,
        per_class=scores.per_class,
        confusion=scores.confusion,
        predictions_sha256=predictions_digest(predictions),
    )
    return scored, predictions


def _rows_of_each(y: np.ndarray, classes: Sequence[str]) -> tuple[int, ...]:
    return tuple(np.bincount(y, minlength=len(classes)).tolist())


def _groups(work: Work) -> np.ndarray | None:
    """Return a code for each test row that says which rows belong together, where the protocol keeps groups whole."""
    protocol = Protocol.parse(work.split.protocol)
    if protocol.kind != "grouped":
        return None
    # Of the whole table: a group has the same code in every fold.
    codes = np.asarray(work.dataset.aside[protocol.column].factorize()[0])
    return codes[work.split.test]


def _provenance(outcome: Outcome) -> Provenance:
    found = provenance.snapshot(outcome.started_at)
    packages, known = outcome.work.packages, provenance.PACKAGES
    own = {name: version for name, version in packages.items() if version and name not in known}
    return replace(found, packages={**found.packages, **own}) if outcome.work.cell.is_custom else found


def _features(work: Work) -> Features:
    dataset = work.dataset
    return Features(
        used=tuple(str(column) for column in dataset.X.columns),
        dropped=dataset.dropped,
        chosen={choice: tuple(names) for choice, names in dataset.chosen.items()},
        notes=dataset.notes,
        findings=dataset.findings,
        file=dataset.file or None,
        live=dataset.live,
    )


def _aligned(proba: Any, labels: np.ndarray | None, n_rows: int, n_labels: int) -> np.ndarray:
    """Return checked probabilities, (n_rows, n_labels) float64, columns in the order of the labels."""
    columns = check_form(proba, labels, n_rows, n_labels)
    proba = np.asarray(proba)
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


def _failure(output: FitOutput) -> Failure:
    given = output.failure or Failure(kind=output.status)
    message, log = (given.message or output.status)[:2000], given.log[-20_000:]
    return replace(given, kind=given.kind[:100], message=message, log=log)


def _stopped(resources: Resources) -> Resources:
    """Return resources with a step of no less than 0: a model may count as it likes, and was stopped all the same."""
    step = resources.stopped_at_step
    return resources if step is None else replace(resources, stopped_at_step=max(0, step))


def _rounded(figures: Figures) -> Figures:
    """Return figures to six decimals; what is no number as None, as is what a clock or a model made up."""
    rounded: dict[str, Any] = {
        name: round(value, 6) if isinstance(value, int | float) and 0 <= value <= MOST else None
        for name, value in vars(figures).items()
    }
    return replace(figures, **rounded)
