"""A board's entries: each model's records, one a split and seed, as the board's view has them; which may be ranked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import NamedTuple

from suite.analysis import origin
from suite.analysis.scores import positive_of, scores_of
from suite.analysis.threshold import at, thresholds
from suite.config import View
from suite.errors import RecordError
from suite.schema import Record
from suite.store import Store


class Viewed(NamedTuple):
    """Records with the scores that a view asks for."""

    records: list[Record]
    positive: str | None
    """The positive class; None where there is none."""
    thresholds: Mapping[str, float]
    """By split, where one was asked for."""


def viewed(records: Sequence[Record], view: View, store: Store | None) -> Viewed:
    """Return records with the scores of a view's positive class, and at its threshold.

    At a threshold, figures are computed from predictions; a record whose predictions are not there has none.
    """
    ok = [record for record in records if record.is_run and record.status == "ok"]
    positive = positive_of(ok or records, view.positive)
    if positive is None:
        return Viewed(list(records), None, {})
    if view.threshold is None or store is None:
        told = [replace(record, metrics=scores_of(record, positive)) for record in records]
        return Viewed(told, positive, {})
    cuts = thresholds(ok, view.threshold, positive)

    def cut(record: Record) -> Record:
        try:
            return at(record, store.predictions(record), positive, cuts[record.split])
        except (RecordError, KeyError):
            return replace(record, metrics={}, per_class={}, confusion=None)

    return Viewed([cut(record) for record in records], positive, cuts)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One model's records on a board, one a split and seed."""

    name: str
    records: Mapping[tuple[str, int], Record]
    """By split and seed; where no seed moves the model, one record stands for every seed."""

    @property
    def sample(self) -> Record:
        """A record of the model."""
        return self.records[min(self.records)]

    @property
    def own(self) -> list[Record]:
        """Every record once."""
        return list({record.key: record for record in self.records.values()}.values())

    @property
    def ok(self) -> set[tuple[str, int]]:
        """The splits and seeds with a score."""
        return {cell for cell, record in self.records.items() if record.status == "ok"}

    def over(self, cells: Iterable[tuple[str, int]]) -> list[Record]:
        """Return the `ok` records of these cells, in the cells' order, so that sums do not vary."""
        return [self.records[cell] for cell in sorted(self.ok.intersection(cells))]


def entries(records: list[Record], taken: Iterable[str] = ()) -> list[Entry]:
    """Group records by model; later records override earlier ones."""
    splits = {r.split: r.split_fingerprint for r in records}
    seeds = {record.seed for record in records}
    groups: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        if record.split_fingerprint == splits[record.split]:
            groups[origin.name(record)].append(record)
    found = []
    for name, group in sorted(groups.items()):
        # Two versions of one model are two models; only the newer is shown.
        same = [r for r in group if _same(r, group[-1])]
        kept: dict[tuple[str, int], Record] = {}
        for record in same:
            # One that no seed moves stands for every seed.
            of = [record.id.conditions] if record.seeded else [(record.split, seed) for seed in seeds]
            kept |= dict.fromkeys(of, record)
        found.append(Entry(name=f"{name} (published)" if name in taken else name, records=kept))
    return found


def without_stale(found: Sequence[Entry]) -> list[Entry]:
    """Return entries without ensembles of members that are not on the board any more, as those of an earlier search."""
    there = {record.key for entry in found for record in entry.own}
    return [
        entry
        for entry in found
        if all(there.issuperset(_members(record)) for record in entry.own if record.role == "derived")
    ]


def _members(record: Record) -> list[str]:
    members = record.params.get("members")
    return [str(key) for key in members.values()] if isinstance(members, dict) else []


def _same(record: Record, newest: Record) -> bool:
    """Say whether a record is of the same model as the newest of its name: version and parameters, or search.

    Tuned parameters may differ from split to split, but not what was searched for, and how long.
    """
    if record.model_version != newest.model_version:
        return False
    return record.params == newest.params if record.id.is_default else _search(record) == _search(newest)


def _search(record: Record) -> tuple[str, ...]:
    tuning = record.tuning
    asked = record.basis.search if record.basis else ""
    return (asked, tuning.budget, tuning.metric) if tuning else (asked,)


def common(entries: Sequence[Entry]) -> tuple[list[Entry], set[tuple[str, int]]]:
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


def is_slow(entry: Entry, most_ms: float | None) -> bool:
    """Tell whether a model takes longer for a row than was asked for."""
    latency = [r.timing.latency_ms_p50 for r in entry.own if r.timing.latency_ms_p50 is not None]
    return most_ms is not None and bool(latency) and fmean(latency) > most_ms
