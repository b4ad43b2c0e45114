"""Boards: which records count, which cells the models have in common, and who stands where."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import count
from pathlib import Path
from statistics import fmean
from typing import Any

from suite.analysis import origin
from suite.analysis.board import Board, Outdated, Row, Unscored
from suite.analysis.evidence import Evidence, gathered
from suite.analysis.intervals import Interval, interval
from suite.analysis.observations import observe
from suite.analysis.verdict import verdict
from suite.config import View
from suite.metrics import METRICS
from suite.names import slug
from suite.records import board_of, current, table_state
from suite.schema import STATUSES, Record, Resources, Timing
from suite.store import Store

VIEW = View()
TIMING = [field.name for field in fields(Timing)]
RESOURCES = ["added_mb", *(field.name for field in fields(Resources))]


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """One model's records on a board, one a cell."""

    name: str
    records: Mapping[tuple[str, int], Record]
    """By split and seed; where no seed moves the model, one record stands for every seed."""

    @property
    def sample(self) -> Record:
        return self.records[min(self.records)]

    @property
    def own(self) -> list[Record]:
        """Every record once."""
        return list({record.key: record for record in self.records.values()}.values())

    @property
    def ok(self) -> set[tuple[str, int]]:
        return {cell for cell, record in self.records.items() if record.status == "ok"}

    def over(self, cells: Iterable[tuple[str, int]]) -> list[Record]:
        """Return the `ok` records of these cells, in the cells' order, so that sums do not vary."""
        return [self.records[cell] for cell in sorted(self.ok.intersection(cells))]


def boards(
    records: Iterable[Record],
    view: View = VIEW,
    run: Collection[str] = (),
    store: Store | None = None,
) -> list[Board]:
    """Return one board for each data set, protocol and target, sorted by their names.

    Models are compared on the cells that all ranked models have, by the metric of the `view`. Equal scores are ordered
    by log loss, then by name. Records that newer ones replace are left out: of a table that was in several states,
    boards show the one that the cells with the keys `run` have, and otherwise the newest. The `store` has the records'
    predictions; without it, nothing is said of differences.
    """
    METRICS[view.metric]  # Raises UnknownName.
    records = sorted((record for record in records if record.role != "inner"), key=origin.age)
    groups: dict[tuple[str, str, str], list[Record]] = defaultdict(list)
    for record in records:
        groups[board_of(record)].append(record)
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
            _board(group, view, frozenset(run), store),
            folder=f"{slug(dataset if is_first else f'{dataset}:{target}')}/{slug(group[0].protocol)}",
            name=f"{dataset}, target {target}" if len(known) > 1 else dataset,
        )

    return [board(group) for _, group in sorted(groups.items())]


def _board(everything: list[Record], view: View, keys: Collection[str], store: Store | None) -> Board:
    metric = view.metric
    records = sorted(current(everything, keys), key=lambda record: (record.key in keys, origin.age(record)))
    run = _entries([r for r in records if r.is_run])
    published = _entries([r for r in records if not r.is_run], taken={entry.name for entry in run})
    cells = {cell for entry in run for cell in entry.records}
    rankable, common = _common([entry for entry in run if not _is_slow(entry, view.max_latency_ms)])
    everyone = [*run, *published]
    compared = {entry.name: {cell: entry.records[cell] for cell in sorted(common)} for entry in rankable}
    evidence = gathered(compared, store) if store else Evidence(None)
    shown = {entry.name: entry.over(common if entry in rankable else entry.ok) for entry in everyone}
    rows = [_row(entry, metric, shown[entry.name], cells) for entry in run]
    rows += [_row(entry, metric, shown[entry.name], set(entry.records)) for entry in published]
    rows = _beside_the_best(_placed(rows, metric, {entry.name for entry in rankable}), metric, evidence)
    order = [row.model for row in rows if shown[row.model]]
    sample = records[-1]
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
        n_other=sum(r.is_run and table_state(r) != state for r in everything),
        outdated=_outdated(
            everything, {entry.name for entry in run}, sample, metric, store.root if store else None
        ),
        features=sample.features.used,
        dropped=sample.features.dropped,
        findings=sample.features.findings,
        read=sample.features.notes,
        classes=sample.classes,
        n_rows=first.n_train + first.n_test,
        n_train=first.n_train,
        n_test=first.n_test,
        n_splits=len({split for split, _ in cells}),
        n_seeds=len({seed for _, seed in cells}),
        metric=metric,
        n_common=len(common),
        n_cells=len(cells),
        rows=tuple(rows),
        per_class_f1={name: _per_class(shown[name], sample.classes) for name in order},
        confusion={name: matrix for name in order if (matrix := _pooled(shown[name]))},
        failures=unscored(r for entry in run for r in sorted(entry.own, key=lambda r: r.id.conditions)),
        notes=origin.notes(_by_name(everyone)),
        machines=origin.machines(r for entry in run for r in entry.own),
        command=origin.command(_by_name(run), sample, metric),
        comparisons=evidence.comparisons,
        statistics=evidence.name,
        uncompared=evidence.uncompared,
    )
    return replace(board, observations=tuple(observe(board)), verdict=tuple(verdict(board, view)))


def _is_slow(entry: _Entry, most_ms: float | None) -> bool:
    """Tell whether a model takes longer for a row than was asked for."""
    latency = _mean(record.timing.latency_ms_p50 for record in entry.own)
    return most_ms is not None and latency is not None and latency > most_ms


def _beside_the_best(rows: Sequence[Row], metric: str, evidence: Evidence) -> list[Row]:
    """Return rows with what comparisons say of them: interval, difference to the row ranked first, tie."""
    found = evidence.comparisons
    if found is None or metric not in found.standings:
        return list(rows)
    standing, tied = found.standings[metric], found.tied(metric)
    best = next((row.model for row in rows if row.rank is not None), "")
    bounds: dict[str, Interval] = {}
    for model, low, high in zip(found.models, standing.low, standing.high, strict=False):
        if low is not None and high is not None:
            bounds[model] = Interval(low, high, "wilson" if standing.method == "tango" else standing.method)
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


def _entries(records: list[Record], taken: Iterable[str] = ()) -> list[_Entry]:
    """Group records by model; later records override earlier ones."""
    splits = {r.split: r.split_fingerprint for r in records}
    seeds = {record.seed for record in records}
    groups: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        if record.split_fingerprint == splits[record.split]:
            groups[origin.name(record)].append(record)
    entries = []
    for name, group in sorted(groups.items()):
        # Two versions of one model are two models; only the newer is shown.
        same = [r for r in group if _same(r, group[-1])]
        kept = {(r.split, seed): r for r in same if not r.seeded for seed in seeds}
        kept |= {r.id.conditions: r for r in same if r.seeded}
        entries.append(_Entry(name=f"{name} (published)" if name in taken else name, records=kept))
    return entries


def _outdated(
    everything: Sequence[Record], shown: Collection[str], sample: Record, metric: str, out: Path | None
) -> Outdated | None:
    state = table_state(sample)
    elsewhere: dict[str, list[Record]] = defaultdict(list)
    for record in everything:
        name = origin.name(record)
        if record.is_run and table_state(record) != state and name not in shown:
            elsewhere[name].append(record)
    if not elsewhere:
        return None
    return Outdated(models=tuple(sorted(elsewhere)), command=origin.command(elsewhere, sample, metric, out))


def _by_name(entries: Iterable[_Entry]) -> dict[str, list[Record]]:
    return {entry.name: entry.own for entry in entries}


def _same(record: Record, newest: Record) -> bool:
    """Say whether a record is of the same model as the newest of its name: version and parameters.

    Tuned parameters may differ from split to split.
    """
    tuned = not record.id.is_default
    return record.model_version == newest.model_version and (tuned or record.params == newest.params)


def _common(entries: Sequence[_Entry]) -> tuple[list[_Entry], set[tuple[str, int]]]:
    """Return the models that can be ranked together, and the cells that all of them have.

    A model that was not run on every split stands aside where another was. Where no cell is common to all, the models
    with the fewest cells stand aside until one is.
    """
    splits = {split for entry in entries for split, _ in entry.records}
    scored = [entry for entry in entries if entry.ok]
    whole = [entry for entry in scored if {split for split, _ in entry.records} == splits]
    rankable = sorted(whole or scored, key=lambda e: (-len(e.ok), e.name))
    while rankable:
        common = set.intersection(*(entry.ok for entry in rankable))
        if common:
            return rankable, common
        rankable.pop()
    return [], set()


def _row(entry: _Entry, metric: str, records: Sequence[Record], all_cells: set[tuple[str, int]]) -> Row:
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
        scores={name: _mean(r.metrics.get(name) for r in records) for name in METRICS},
        interval=interval(records, metric),
        timing={name: _mean(getattr(r.timing, name) for r in records) for name in TIMING},
        resources={name: _mean(getattr(r.resources, name) for r in records) for name in RESOURCES},
    )


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


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def _per_class(records: Sequence[Record], classes: Sequence[str]) -> dict[str, float | None]:
    return {name: _mean((r.per_class.get(name) or {}).get("f1") for r in records) for name in classes}


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
