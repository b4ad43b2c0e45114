"""Boards: which records count, which cells the models have in common, and who stands where."""

from __future__ import annotations

import contextlib
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import fields, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from suite.analysis import origin
from suite.analysis.audited import TwinScores, sentences
from suite.analysis.board import Board, Outdated, Row, Unscored
from suite.analysis.comparison import Comparisons
from suite.analysis.curves import Curve, summary
from suite.analysis.entries import Entry, common, entries, is_slow, viewed, without_stale
from suite.analysis.evidence import Gathered, gathered
from suite.analysis.gains import gains
from suite.analysis.intervals import Interval, interval
from suite.analysis.observations import observe
from suite.analysis.scores import class_f1_of, mean, metric_of, over_splits, rare_class_warning
from suite.analysis.verdict import verdict
from suite.config import View
from suite.errors import RecordError, UsageError
from suite.metrics import METRICS, OF_ONE_CLASS, check_asked
from suite.names import slug
from suite.records import board_of, current, table_state
from suite.schema import STATUSES, AuditReport, Finding, Record, Resources, Timing
from suite.schema.audits import by_harm, without_explained
from suite.store import Store

VIEW = View()
TIMING = [field.name for field in fields(Timing)]
RESOURCES = ["added_mb", *(field.name for field in fields(Resources))]


def boards(
    records: Iterable[Record],
    view: View = VIEW,
    run: Collection[str] = (),
    store: Store | None = None,
    anew: bool = False,
) -> list[Board]:
    """Return one board for each data set, protocol and target, sorted by their names.

    Models are compared on the cells that all ranked models have, by the metric of the `view`. Equal scores are ordered
    by log loss, then by name. Records that newer ones replace are left out: of a table that was in several states,
    boards show the one that the cells with the keys `run` have, and otherwise the newest. The `store` has the records'
    predictions; without it, nothing is said of differences. `anew` is that of `evidence.gathered`.
    """
    records = sorted((record for record in records if record.role != "inner"), key=origin.age)
    groups: dict[tuple[str, str, str], list[Record]] = defaultdict(list)
    for record in records:
        groups[board_of(record)].append(record)
    check_view(view, [group[0] for group in groups.values()])
    # The target that was asked for first has the folder of the data set's name.
    targets: dict[str, list[str]] = defaultdict(list)
    for record in sorted(records, key=lambda r: r.first_at or r.provenance.started_at):
        if record.is_run and record.target not in targets[record.dataset]:
            targets[record.dataset].append(record.target)

    def board(group: list[Record]) -> Board:
        dataset, _, target = board_of(group[0])
        known = targets[dataset]
        is_first = target in known[:1] or not known
        return replace(
            _board(group, view, frozenset(run), store, anew),
            folder=f"{slug(dataset if is_first else f'{dataset}:{target}')}/{slug(group[0].protocol)}",
            name=f"{dataset}, target {target}" if len(known) > 1 else dataset,
        )

    return [board(group) for _, group in sorted(groups.items())]


def check_view(view: View, samples: Sequence[Record]) -> None:
    """Refuse what no board can show; one of each board is given."""
    METRICS[view.metric]  # Raises UnknownName.
    refused: list[UsageError] = []
    for record in samples:
        try:
            check_asked({record.dataset: record.classes}, view.metric, view.positive, view.threshold)
        except UsageError as error:
            refused.append(error)
    if samples and len(refused) == len(samples):
        raise refused[0]


def _board(
    everything: list[Record], view: View, keys: Collection[str], store: Store | None, anew: bool
) -> Board:
    asked = view.metric
    view = _possible(view, everything[0])
    metric = view.metric
    records = sorted(current(everything, keys), key=lambda record: (record.key in keys, origin.age(record)))
    # Records of other classes are of another table, whatever else they say: nothing of them could be set beside these.
    records = [record for record in records if record.classes == records[-1].classes]
    told, positive, thresholds = viewed(records, view, store)
    run = without_stale(entries([r for r in told if r.is_run]))
    published = entries([r for r in told if not r.is_run], taken={entry.name for entry in run})
    cells = {cell for entry in run for cell in entry.records}
    slow = [entry.name for entry in run if is_slow(entry, view.max_latency_ms)]
    rankable, shared = common([entry for entry in run if entry.name not in slow])
    everyone = [*run, *published]
    compared = {entry.name: {cell: entry.records[cell] for cell in sorted(shared)} for entry in rankable}
    sample = records[-1]
    code = sample.classes.index(positive) if positive else None
    report = store.audit(sample) if store else None
    told_by = gathered(compared, store, code, thresholds, report, anew) if store else Gathered()
    evidence = told_by.evidence
    shown = {entry.name: entry.over(shared if entry in rankable else entry.ok) for entry in everyone}
    rows = [_row(entry, metric, shown[entry.name], cells) for entry in run]
    rows += [_row(entry, metric, shown[entry.name], set(entry.records)) for entry in published]
    rows = _beside_the_best(
        _placed(rows, metric, {entry.name for entry in rankable}), metric, evidence.comparisons
    )
    order = [row.model for row in rows if shown[row.model]]
    state = table_state(sample)
    first = min((r for entry in run or published for r in entry.own), key=lambda r: r.split)
    board = Board(
        folder="",
        name="",
        dataset=sample.dataset,
        dataset_version=sample.dataset_version,
        fingerprint=sample.fingerprint,
        target=sample.target,
        protocol=sample.protocol,
        keys=tuple(sorted({record.key for entry in everyone for record in entry.own})),
        n_other=sum(r.is_run and table_state(r) != state for r in everything),
        outdated=_outdated(
            everything, {entry.name for entry in run}, sample, view, store.root if store else None
        ),
        features=sample.features.used,
        dropped=sample.features.dropped,
        findings=_findings(sample, report, _ordered(evidence.twins, order)),
        read=sample.features.notes,
        classes=sample.classes,
        n_rows=first.n_train + first.n_test,
        n_train=first.n_train,
        n_test=first.n_test,
        n_splits=len({split for split, _ in cells}),
        n_seeds=len({seed for _, seed in cells}),
        metric=metric,
        n_common=len(shared),
        n_cells=len(cells),
        rows=tuple(rows),
        per_class_f1={name: _per_class(shown[name], sample.classes) for name in order},
        confusion={name: matrix for name in order if (matrix := _pooled(shown[name]))},
        failures=unscored(r for entry in run for r in sorted(entry.own, key=lambda r: r.id.conditions)),
        notes=origin.notes(_by_name(everyone)),
        machines=origin.machines(r for entry in run for r in entry.own),
        command=origin.command(_by_name(run), sample, view),
        date=max((r.provenance.started_at for entry in run for r in entry.own), default="")[:10],
        comparisons=evidence.comparisons,
        calibration=evidence.calibration,
        gains=gains({name: shown[name] for name in order}, evidence.comparisons, metric, order),
        twins=evidence.twins,
        statistics=told_by.name,
        uncompared=told_by.uncompared,
        positive=positive,
        asked=asked if asked != metric else None,
        slow=tuple(slow),
        thresholds=thresholds,
        rare=rare_class_warning([r for r in told if r.is_run and r.status == "ok"], metric, positive),
        curves={name: found for name in order if store and (found := _curve(shown[name], store))},
    )
    return replace(board, observations=tuple(observe(board)), verdict=tuple(verdict(board, view)))


def _possible(view: View, record: Record) -> View:
    """Return what of a view a board can have: others of the folder may have other classes."""
    try:
        check_asked({record.dataset: record.classes}, view.metric, view.positive, view.threshold)
    except UsageError:
        metric = "accuracy" if view.metric in OF_ONE_CLASS else view.metric
        return replace(view, metric=metric, positive=None, threshold=None)
    return view


def _curve(records: Sequence[Record], store: Store) -> Curve | None:
    """Return what the learning curves of a model's records say."""
    found = []
    for record in records:
        with contextlib.suppress(RecordError):
            found.append((store.curve(record), record.n_validation))
    return summary([curve or {} for curve, _ in found], [held_out for _, held_out in found])


def _findings(sample: Record, report: AuditReport | None, twins: Sequence[TwinScores]) -> tuple[Finding, ...]:
    """Return what to check first: what reading the table came upon, and the graver part of its audit."""
    if report is None:
        return sample.features.findings
    known = {(found.code, found.columns) for found in sample.features.findings}
    new = [found for found in report.grave if (found.code, found.columns) not in known]
    # What twins do to the scores of this board says more than what they might do.
    told = " ".join(sentences(twins))
    new = [replace(f, effect=told) if f.code == "repeated-rows" and told else f for f in new]
    return by_harm(without_explained((*sample.features.findings, *new)))


def _ordered(twins: Sequence[TwinScores], order: Sequence[str]) -> list[TwinScores]:
    return sorted(twins, key=lambda scores: order.index(scores.model))


def _beside_the_best(rows: Sequence[Row], metric: str, found: Comparisons | None) -> list[Row]:
    """Return rows with what comparisons say of them: interval, difference to the row ranked first, tie."""
    if found is None or metric not in found.standings:
        return list(rows)
    standing, tied = found.standings[metric], found.tied(metric)
    best = next((row.model for row in rows if row.rank is not None), "")
    if best not in found.models:
        # What the others are to each other says nothing of the best.
        return list(rows)
    bounds: dict[str, Interval] = {}
    for model, low, high in zip(found.models, standing.low, standing.high, strict=False):
        if low is not None and high is not None:
            bounds[model] = Interval(low, high, standing.interval)
    return [
        replace(
            row,
            interval=bounds.get(row.model, row.interval),
            to_best=found.pair(metric, row.model, best),
            tied=row.model in tied,
        )
        if row.rank is not None
        else row
        for row in rows
    ]


def _outdated(
    everything: Sequence[Record], shown: Collection[str], sample: Record, view: View, out: Path | None
) -> Outdated | None:
    state = table_state(sample)
    elsewhere: dict[str, list[Record]] = defaultdict(list)
    for record in everything:
        name = origin.name(record)
        if record.is_run and table_state(record) != state and name not in shown:
            elsewhere[name].append(record)
    if not elsewhere:
        return None
    return Outdated(models=tuple(sorted(elsewhere)), command=origin.command(elsewhere, sample, view, out))


def _by_name(entries: Iterable[Entry]) -> dict[str, list[Record]]:
    return {entry.name: entry.own for entry in entries}


def _row(entry: Entry, metric: str, records: Sequence[Record], all_cells: set[tuple[str, int]]) -> Row:
    """Return a model's row: means over these records, and how all of its cells ended."""
    own = entry.own
    counts = Counter(record.status for record in own)
    statuses: dict[str, int] = {status: counts[status] for status in STATUSES if counts[status]}
    missing = len(all_cells - entry.records.keys())
    if missing:
        statuses["missing"] = missing
    return Row(
        model=entry.name,
        rank=None,
        family=entry.sample.family,
        source=entry.sample.source,
        n_ok=counts["ok"],
        seeded=any(record.seeded for record in own),
        n_cells=len(own) + missing,
        statuses=statuses,
        scores={name: over_splits(records, partial(metric_of, name)) for name in METRICS},
        interval=interval(records, metric),
        timing=_timing(records),
        resources={name: mean(getattr(r.resources, name) for r in records) for name in RESOURCES},
    )


def _timing(records: Sequence[Record]) -> dict[str, float | None]:
    """Return mean times; what a model costs is its search, if there was one, and its fit."""
    means = {name: mean(getattr(r.timing, name) for r in records) for name in TIMING}
    search = mean(r.tuning.seconds if r.tuning else None for r in records)
    fit = means["fit_s"]
    return {**means, "search_s": search, "cost_s": None if fit is None else fit + (search or 0.0)}


def _placed(rows: list[Row], metric: str, rankable: set[str]) -> list[Row]:
    """Return rows in the order they are shown in, with ranks."""
    sign = -1 if METRICS[metric].higher_is_better else 1

    def order(row: Row) -> tuple[Any, ...]:
        score, loss = row.scores[metric], row.scores["log_loss"]
        # Rounded, so that the last bits of a sum do not decide; a mean of equal scores is then a tie.
        return (
            score is None,
            round(sign * score, 12) if score is not None else 0.0,
            round(loss, 12) if loss is not None else math.inf,
            row.source,
            row.model,
        )

    ranks = count(1)
    return [
        replace(row, rank=next(ranks)) if row.model in rankable and row.scores[metric] is not None else row
        for row in sorted(rows, key=order)
    ]


def _per_class(records: Sequence[Record], classes: Sequence[str]) -> dict[str, float | None]:
    return {name: over_splits(records, partial(class_f1_of, name)) for name in classes}


def _pooled(records: Sequence[Record]) -> tuple[tuple[int, ...], ...] | None:
    # Of one seed a split: the seeds have tested the same rows.
    matrices = list({r.split: r.confusion for r in reversed(records) if r.confusion}.values())
    if not matrices:
        return None
    return tuple(tuple(map(sum, zip(*rows, strict=True))) for rows in zip(*matrices, strict=True))


def unscored(records: Iterable[Record]) -> tuple[Unscored, ...]:
    """Return the cells without a score, in the order of their records."""
    return tuple(
        Unscored(model=origin.name(r), split=r.split, seed=r.seed, status=r.status, reason=origin.reason(r))
        for r in records
        if r.status != "ok"
    )
