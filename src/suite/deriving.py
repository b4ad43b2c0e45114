"""Cells that are made of others, so that nothing is fitted again: a search's that kept the default, and ensembles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from suite.analysis import origin
from suite.errors import RecordError
from suite.events import Finished, Watch
from suite.execution.assignment import assign
from suite.execution.search import seconds_of
from suite.keys import key_of, letters
from suite.schema import (
    Assignment,
    Basis,
    Cell,
    CellId,
    Failure,
    FitOutput,
    Outcome,
    Predictions,
    Record,
    Resources,
    Timing,
    Tuning,
    Work,
)
from suite.scoring import to_record
from suite.store import Store
from suite.tuning.greedy import losses_of, weights_of

if TYPE_CHECKING:
    from suite.planning.plan import Plan
    from suite.planning.searches import Search

NAME = "ensemble (all)"
VERSION = "1"


def kept(work: Work, default: Work, store: Store) -> Record | None:
    """Keep and return the record of a cell whose search chose the default: that of the default, and what it cost.

    It is None if the default has no record.
    """
    record = store.find(default.cell.key)
    if record is None:
        return None
    previous = store.find(work.cell.key)
    made = replace(
        record,
        id=work.cell.id,
        key=work.cell.key,
        basis=work.cell.basis,
        attempt=previous.attempt + 1 if previous else 1,
        first_at=(previous.first_at or previous.provenance.started_at) if previous else "",
        notes=(*record.notes, "its search kept the default, so it is the default's fit"),
        tuning=work.tuning,
    )
    predictions = store.predictions(record) if record.predictions_sha256 else None
    curve = store.curve(record) if record.curve_sha256 else None
    store.save(made, predictions, curve)
    return made


def combined(plan: Plan, records: Mapping[str, Record], watch: Watch) -> list[Record]:
    """Make, keep and return the records of the ensembles that a plan asks for: one a split and seed.

    `records` are those of the run. Members are all rows of a split: models as they are, and what searches gave.
    """
    if plan.asked_for is None or not plan.asked_for.ensemble:
        return []
    searches: dict[tuple[str, str], list[Search]] = defaultdict(list)
    for search in plan.searches:
        searches[search.dataset.name, search.split.fingerprint].append(search)
    found = []
    for of_split in searches.values():
        seeds = range(of_split[0].n_seeds)
        found += [_ensemble(of_split, seed, plan.store, records, watch) for seed in seeds]
    return found


def _ensemble(
    searches: Sequence[Search], seed: int, store: Store, records: Mapping[str, Record], watch: Watch
) -> Record:
    members = _members(searches, seed, store, records)
    weights = weights_of({name: likelihood for name, (_, likelihood) in members.items()}) if members else {}
    outer = {name: members[name][0] for name in weights}
    seconds = sum(_spent(search, store, records.values()) for search in searches)
    work = _work(searches[0], seed, weights, outer, _loss(members, weights), seconds)
    previous = store.find(work.cell.key)
    assignment = assign(work)
    output = _mean(assignment, weights, outer, store) if members else _NOTHING
    outcome = Outcome(work=work, assignment=assignment, output=output, started_at=datetime.now(UTC))
    record, predictions = to_record(outcome, attempt=previous.attempt + 1 if previous else 1)
    if previous and store.is_done(previous) and previous.predictions_sha256 == record.predictions_sha256:
        watch(Finished(cell=work.cell, record=previous, cached=True))
        return previous
    store.save(record, predictions, None)
    watch(Finished(cell=work.cell, record=record))
    return record


_NOTHING = FitOutput(
    status="skipped",
    failure=Failure(kind="Skipped", message="no model has both a score and predictions on inner splits"),
)


def _mean(
    assignment: Assignment, weights: Mapping[str, float], outer: Mapping[str, Record], store: Store
) -> FitOutput:
    """Return the weighted mean of what members predict, in the order of a fit's rows."""
    proba = sum(weights[name] * store.predictions(outer[name]).proba.astype(np.float64) for name in weights)
    shuffled = np.asarray(proba)[assignment.order][:, assignment.present]
    return FitOutput(
        proba=shuffled / shuffled.sum(axis=1, keepdims=True),
        timing=_times([record.timing for record in outer.values()]),
        resources=_resources([record.resources for record in outer.values()]),
        notes=("its times and its size are those of all of its members together",),
    )


_TIMES = ("fit_s", "predict_s", "latency_ms_p50", "latency_ms_p95", "cpu_s")


def _members(
    searches: Sequence[Search], seed: int, store: Store, records: Mapping[str, Record]
) -> dict[str, tuple[Record, np.ndarray]]:
    """Return, by name, the outer records with their inner likelihoods: of the true class of each inner row."""
    found: dict[str, tuple[Record, np.ndarray]] = {}
    # In an order that no clock decides: ties go to the first.
    ordered = sorted(records.values(), key=lambda record: record.variant)
    for search in searches:
        for record in ordered:
            is_own = _is_of(search, record) and record.seed == (seed if record.seeded else 0)
            if is_own and record.status == "ok":
                likelihood = _likelihood(search, record, store)
                if likelihood is not None:
                    found[origin.name(record)] = record, likelihood
    return found


def _likelihood(search: Search, record: Record, store: Store) -> np.ndarray | None:
    """Return what a configuration gave the true class of each inner row; None if an inner fit of it failed."""
    history = record.tuning.history if record.tuning else ()
    params = history[record.tuning.chosen].params if record.tuning and history else {}
    parts: list[Predictions] = []
    for fold in range(len(search.inner)):
        inner = store.find(search.trial(params, fold).cell.key)
        if inner is None or inner.status != "ok":
            return None
        try:
            parts.append(store.predictions(inner))
        except RecordError:
            return None
    return np.concatenate([part.proba[np.arange(len(part.y_true)), part.y_true] for part in parts])


def _is_of(search: Search, record: Record) -> bool:
    """Tell whether a record is of the model and the split of a search."""
    split, dataset = search.split.fingerprint, search.dataset.name
    return (record.model, record.split_fingerprint, record.dataset) == (search.choice.name, split, dataset)


def _spent(search: Search, store: Store, records: Iterable[Record]) -> float:
    """Return what the inner fits of a model cost: its search, or those of its default alone."""
    spent = [r.tuning.seconds or 0.0 for r in records if r.tuning and _is_of(search, r)]
    if spent:
        return max(spent)
    inner = [store.find(search.trial({}, fold).cell.key) for fold in range(len(search.inner))]
    return sum(seconds_of(record) for record in inner if record)


def _loss(members: Mapping[str, tuple[Record, np.ndarray]], weights: Mapping[str, float]) -> float | None:
    if not weights:
        return None
    mean = sum(weight * members[name][1].astype(np.float64) for name, weight in weights.items())
    return round(float(losses_of(np.asarray(mean))), 12)


def _work(
    search: Search,
    seed: int,
    weights: Mapping[str, float],
    outer: Mapping[str, Record],
    loss: float | None,
    seconds: float,
) -> Work:
    """Return the cell of an ensemble: what it is made of is its parameters, so another choice is another cell.

    `seconds` are those of all searches that its weights rest on.
    """
    dataset, split = search.dataset, search.split
    identity = CellId(
        dataset=dataset.name,
        fingerprint=dataset.fingerprint,
        protocol=split.protocol,
        split=split.id,
        model=NAME,
        params={"members": {name: record.key for name, record in outer.items()}, "weights": dict(weights)},
        variant="ensemble",
        role="derived",
        seed=seed,
    )
    packages = {name: version for record in outer.values() for name, version in _packages(record).items()}
    basis = Basis(entry="ensemble", kinds=letters(dataset.kinds), packages=packages)
    used = [str(column) for column in dataset.X.columns]
    key = key_of(identity, dataset.target, used, split.fingerprint, VERSION, basis)
    cell = Cell(id=identity, family="ensemble", model_version=VERSION, key=key, basis=basis)
    tuning = Tuning(
        method="greedy",
        seconds=round(seconds, 6),
        inner_score=loss,
        metric="log_loss",
        inner_splits=len(search.inner),
        weights=dict(weights),
    )
    return Work(cell=cell, dataset=dataset, split=split, packages=packages, tuning=tuning)


def _packages(record: Record) -> Mapping[str, str | None]:
    return record.basis.packages if record.basis else {}


def _times(parts: Sequence[Timing]) -> Timing:
    """Return the times of all members together; unknown if one of them is."""
    return Timing(**{name: _sum([getattr(part, name) for part in parts]) for name in _TIMES})


def _resources(parts: Sequence[Resources]) -> Resources:
    return Resources(threads=parts[0].threads, model_mb=_sum([part.model_mb for part in parts]))


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None
