"""The models of two folders beside each other: which cells both have, and why some cannot be compared."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from suite.analysis import origin
from suite.analysis.entries import Entry, entries, without_stale
from suite.analysis.scores import positive_of, scores_of
from suite.records import board_of, current
from suite.schema import Record

OLD, NEW = "OLD", "NEW"
"""What the folders are called in sentences."""
Twins: TypeAlias = Mapping[tuple[str, int], tuple[Record, Record]]
"""By split and seed, a cell's record in the old folder and in the new one."""


@dataclass(frozen=True, kw_only=True)
class Matched:
    """One model of a data set and protocol, in both folders."""

    model: str
    old: Entry | None = None
    new: Entry | None = None
    twins: Twins = field(default_factory=dict)
    """Cells with a score in both, of the same data and the same split."""
    why: str = ""
    """Why there are none."""
    lost: tuple[tuple[str, int], ...] = ()
    """Cells that had a score in the old folder, were run, or meant to be run, in the new one, and have none there."""
    lost_why: str = ""

    @property
    def n_before(self) -> int:
        """Fits with a score in the old folder."""
        return len({self.old.records[cell].key for cell in self.old.ok}) if self.old else 0

    @property
    def n_twins(self) -> int:
        """Fits that are compared."""
        return len({old.key for old, _ in self.twins.values()})


@dataclass(frozen=True, kw_only=True)
class Table:
    """A data set and target under a protocol, in one folder or in both."""

    dataset: str
    protocol: str
    target: str
    positive: str | None
    """The class that precision, recall, F1 and average precision are about; None where there is none."""
    classes: tuple[str, ...]
    models: tuple[Matched, ...]
    """Sorted by name."""
    features: str = ""
    """How the features of the two folders differ, in a sentence; empty if they do not."""
    several_targets: bool = False

    @property
    def name(self) -> str:
        """What tells it from the others."""
        target = f", target {self.target}" if self.several_targets else ""
        return f"{self.dataset}{target}, {self.protocol}"


def tables(old: Iterable[Record], new: Iterable[Record], positive: str | None = None) -> list[Table]:
    """Return what stands in either folder, sorted by data set, protocol and target.

    Of each, the newest state of its table and the newest records of each model count, as on boards. Published figures
    are left out.
    """
    sides = _grouped(old), _grouped(new)
    keys = sorted({*sides[0], *sides[1]})
    targets = Counter((dataset, protocol) for dataset, protocol, _ in keys)
    return [
        replace(
            _table(sides[0].get(key, []), sides[1].get(key, []), positive),
            several_targets=targets[key[:2]] > 1,
        )
        for key in keys
    ]


def _grouped(records: Iterable[Record]) -> dict[tuple[str, str, str], list[Record]]:
    groups: dict[tuple[str, str, str], list[Record]] = defaultdict(list)
    for record in sorted(records, key=origin.age):
        if record.is_run and record.role != "inner":
            groups[board_of(record)].append(record)
    # As on boards, the newest classes count.
    shown = {key: current(group) for key, group in groups.items()}
    return {key: [r for r in group if r.classes == group[-1].classes] for key, group in shown.items()}


def _table(old: Sequence[Record], new: Sequence[Record], asked: str | None) -> Table:
    sample = (new or old)[-1]
    ok = [record for record in (*old, *new) if record.status == "ok" and record.classes == sample.classes]
    positive = positive_of(ok, asked)
    before, now = (
        {entry.name: entry for entry in without_stale(entries(_told(side, positive)))} for side in (old, new)
    )
    cells = {cell for entry in now.values() for cell in entry.records}
    return Table(
        dataset=sample.dataset,
        protocol=sample.protocol,
        target=sample.target,
        positive=positive,
        classes=sample.classes,
        models=tuple(
            _matched(name, before.get(name), now.get(name), cells) for name in sorted({*before, *now})
        ),
        features=_features(old[-1], new[-1]) if old and new else "",
    )


def _told(records: Sequence[Record], positive: str | None) -> list[Record]:
    if positive is None:
        return list(records)
    return [replace(record, metrics=scores_of(record, positive)) for record in records]


def _features(old: Record, new: Record) -> str:
    before, now = set(old.features.used), set(new.features.used)
    if old.fingerprint != new.fingerprint or before == now:
        return ""
    changed = [f"without {name}" for name in sorted(before - now)] + [
        f"with {name}" for name in sorted(now - before)
    ]
    more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
    return f"The features differ: {NEW} is {', '.join(changed[:3])}{more}."


def _matched(name: str, old: Entry | None, new: Entry | None, cells: set[tuple[str, int]]) -> Matched:
    lost = _lost(old, new, cells)
    found = Matched(model=name, old=old, new=new, lost=lost, lost_why=_lost_why(lost, new))
    if old is None or new is None:
        return replace(found, why=f"it is not in {NEW if old else OLD}")
    first, second = old.sample, new.sample
    if first.fingerprint != second.fingerprint:
        return replace(
            found, why=f"the data are others ({first.fingerprint[:8]}, now {second.fingerprint[:8]})"
        )
    if first.classes != second.classes:
        return replace(found, why="the classes are others")
    for side, entry in ((OLD, old), (NEW, new)):
        if not entry.ok:
            failed = entry.sample
            why = f"{failed.status.replace('_', ' ')}: {origin.reason(failed)}"
            return replace(found, why=f"it has no score in {side} ({why})")
    shared = sorted(old.ok & new.ok)
    twins = {
        cell: (old.records[cell], new.records[cell])
        for cell in shared
        if old.records[cell].split_fingerprint == new.records[cell].split_fingerprint
    }
    if twins:
        return replace(found, twins=twins)
    if shared or {split for split, _ in old.ok}.isdisjoint(split for split, _ in new.ok):
        return replace(found, why="the splits are others")
    return replace(found, why="no split and seed has a score in both")


def _lost(old: Entry | None, new: Entry | None, cells: set[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """Return the cells that had a score and have none; those that nobody was run on any more are not lost."""
    if old is None:
        return ()
    if new is None:
        return tuple(sorted(old.ok))
    missing = cells - new.records.keys()
    return tuple(sorted(cell for cell in old.ok if cell in missing or cell in new.records.keys() - new.ok))


def _lost_why(lost: Sequence[tuple[str, int]], new: Entry | None) -> str:
    if not lost:
        return ""
    failed = [new.records[cell] for cell in lost if new and cell in new.records]
    if not failed:
        return "it was not run"
    return f"{failed[0].status.replace('_', ' ')}: {origin.reason(failed[0])}"
