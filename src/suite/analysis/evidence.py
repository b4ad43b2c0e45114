"""What the predictions of a board's models say beyond their records: computed, or kept from when they were here."""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from suite import kept
from suite.analysis.audited import TwinScores, on_twins
from suite.analysis.calibration import Calibration, calibration
from suite.analysis.comparing import compare
from suite.analysis.comparison import VERSION, Cells, Comparisons
from suite.errors import RecordError
from suite.metrics import METRICS
from suite.names import digest
from suite.nouns import plain
from suite.schema import AuditReport, Predictions, Record
from suite.schema.tables import empty
from suite.store import Store

STATISTICS = "statistics"
"""The folder of what is kept, below the output folder."""
TOLERANCE = 1e-6
"""How far figures may lie apart, relative or absolute, that two processors computed."""
MOST_BYTES = 500_000_000
"""Of predictions that are held while they are compared; others are read again."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """How the models of a board stand beside each other, and what their probabilities are worth."""

    comparisons: Comparisons | None = None
    """None of fewer than two models."""
    calibration: Mapping[str, Calibration] = field(default_factory=empty)
    """By model; of the first seed, since seeds test the same rows. Empty for repeated splits."""
    twins: tuple[TwinScores, ...] = ()
    """How models do on test rows that stand in train as well; empty where no audit has found some."""

    def is_of(self, models: Mapping[str, Cells]) -> bool:
        """Tell whether this is of these models and whole: a file may hold anything."""
        named = {*self.calibration, *(scores.model for scores in self.twins)}
        if not named <= models.keys() or (self.comparisons is None) != (len(models) < 2):
            return False
        if self.comparisons is None:
            return True
        sample = next(record for cells in models.values() for record in cells.values())
        return self.comparisons.is_of(models, METRICS, sample.classes)


NOTHING = Evidence()


class Gathered(NamedTuple):
    """Evidence, and what it is of."""

    evidence: Evidence = NOTHING
    name: str = ""
    """Of the file that keeps it: a digest of all predictions that it rests on."""
    uncompared: tuple[str, ...] = ()
    """Models whose predictions are not there, not those that were recorded, or of other rows than those of others."""


def gathered(
    models: Mapping[str, Cells],
    store: Store,
    positive: int | None = None,
    thresholds: Mapping[str, float] | None = None,
    report: AuditReport | None = None,
    anew: bool = False,
) -> Gathered:
    """Return what there is of models that were run on the same cells, computed from their predictions or read.

    Predictions that are there are checked against their records. If some are missing, as in a clone of the results,
    what was computed from the same predictions earlier serves; there has to be something about all of these models.
    Where it is asked for `anew`, nothing serves but predictions. `report` is what an audit of the table found.
    """
    read = _Read(store)
    twins = report if report and report.twins else None
    sound = read.alike({name: cells for name, cells in models.items() if not read.is_broken(cells)})
    name = _name(sound, positive, thresholds, twins)
    evidence = known(store, name) if sound and not anew else None
    if evidence is None or not evidence.is_of(sound):
        sound = {name: cells for name, cells in sound.items() if read.is_whole(cells)}
        name = _name(sound, positive, thresholds, twins)
        evidence = _computed(sound, read, positive, thresholds, twins)
    return Gathered(evidence, name if sound else "", tuple(sorted(models.keys() - sound.keys())))


def known(store: Store, name: str) -> Evidence | None:
    """Return the evidence that a file keeps; None if there is none that can be read."""
    return kept.read(store.root / STATISTICS, name, Evidence)


def differ(one: Any, other: Any) -> bool:
    """Tell whether evidence, as JSON has it, differs by more than processors do in their last digits."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() != other.keys() or any(differ(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) != len(other) or any(map(differ, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return not math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(one != other)


def _computed(
    models: Mapping[str, Cells],
    read: _Read,
    positive: int | None,
    thresholds: Mapping[str, float] | None,
    report: AuditReport | None,
) -> Evidence:
    comparisons = compare(models, read.predictions, positive, thresholds) if len(models) > 1 else None
    return Evidence(
        comparisons=comparisons,
        calibration={name: found for name in models if (found := _calibration(models[name], read, positive))},
        twins=on_twins(report, {n: _predicted(models[n], read) for n in sorted(models)}) if report else (),
    )


def _predicted(cells: Cells, read: _Read) -> dict[tuple[str, int], Predictions]:
    return {(split, record.seed): read.predictions(record) for (split, _), record in sorted(cells.items())}


def _calibration(cells: Cells, read: _Read, positive: int | None) -> Calibration | None:
    """Return how well a model is calibrated on the rows of the first seed, where each row is tested once."""
    firsts = {split: cells[split, seed] for split, seed in sorted(cells, reverse=True)}
    found = [read.predictions(firsts[split]) for split in sorted(firsts)]
    rows = [row for predictions in found for row in predictions.rows.tolist()]
    if len(set(rows)) < len(rows):
        return None
    return calibration([(each.y_true, each.proba) for each in found], positive)


class _Read:
    """Predictions as they lie on disk; of each record it is found out once whether they are there and sound."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._state: dict[str, str] = {}
        self._truth: dict[str, str] = {}
        """Of predictions that were read: what tells rows and their true labels from others."""
        self._held: dict[str, Predictions] = {}
        self._bytes = 0

    def predictions(self, record: Record) -> Predictions:
        """Return the predictions of a record, or raise `RecordError`."""
        if record.key in self._held:
            return self._held[record.key]
        found = self._store.predictions(record)
        truth = found.rows.tobytes() + found.y_true.tobytes()
        self._truth[record.key] = hashlib.sha256(truth).hexdigest()
        self._bytes += found.proba.nbytes
        if self._bytes <= MOST_BYTES:
            self._held[record.key] = found
        return found

    def alike(self, models: Mapping[str, Cells]) -> dict[str, Cells]:
        """Return the models whose predictions are of the same rows and labels as those of most, split by split."""
        usual: dict[str, Counter[str]] = defaultdict(Counter)
        for _, cells in sorted(models.items()):
            for record in cells.values():
                if self._found(record) == "sound":
                    usual[record.split][self._truth[record.key]] += 1
        asked = {split: counts.most_common(1)[0][0] for split, counts in usual.items()}
        return {
            name: cells
            for name, cells in models.items()
            if all(self._truth.get(r.key, asked.get(r.split)) == asked.get(r.split) for r in cells.values())
        }

    def is_broken(self, cells: Cells) -> bool:
        """Tell whether some predictions are there that are not those of their record."""
        return any(self._found(record) == "broken" for record in cells.values())

    def is_whole(self, cells: Cells) -> bool:
        """Tell whether all predictions are there."""
        return all(self._found(record) == "sound" for record in cells.values())

    def _found(self, record: Record) -> str:
        if record.key not in self._state:
            try:
                self.predictions(record)
                self._state[record.key] = "sound"
            except RecordError:
                is_there = self._store.path_for(record).with_suffix(".npz").exists()
                self._state[record.key] = "broken" if is_there else "absent"
        return self._state[record.key]


def _name(
    models: Mapping[str, Cells],
    positive: int | None,
    thresholds: Mapping[str, float] | None,
    report: AuditReport | None,
) -> str:
    """Return a digest of all that evidence depends on."""
    cells = {
        name: [[*cell, record.predictions_sha256, record.seeded] for cell, record in sorted(cells.items())]
        for name, cells in models.items()
    }
    parts = {"version": VERSION, "models": cells, "positive": positive, "thresholds": thresholds}
    return digest(parts, plain(report.twins) if report else None)[:16]
