"""What models are compared by: their predictions, or what was computed from these earlier and kept."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from suite import kept
from suite.analysis.comparing import compare
from suite.analysis.comparison import VERSION, Cells, Comparisons
from suite.errors import RecordError
from suite.names import digest
from suite.schema import Predictions, Record
from suite.store import Store

STATISTICS = "statistics"
"""The folder of comparisons, below the output folder."""


TOLERANCE = 1e-6


class Evidence(NamedTuple):
    """How the models of a board stand beside each other."""

    comparisons: Comparisons | None
    name: str = ""
    """Of the file that keeps the comparisons: a digest of all predictions they rest on."""
    uncompared: tuple[str, ...] = ()
    """Models whose predictions are not there, or not those that were recorded."""


def gathered(
    models: Mapping[str, Cells],
    store: Store,
    positive: int | None = None,
    thresholds: Mapping[str, float] | None = None,
    anew: bool = False,
) -> Evidence:
    """Return the comparisons of models on the same cells, computed from their predictions or read.

    Predictions that are there are checked against their records. If some are missing, as in a clone of the results,
    what was computed from the same predictions earlier serves; there has to be something about all of these models.
    Where it is asked for `anew`, nothing serves but predictions.
    """
    read = _Read(store)
    sound = {name: cells for name, cells in models.items() if not read.is_broken(cells)}
    name = _name(sound, positive, thresholds)
    comparisons = known(store, name) if sound and not anew else None
    if comparisons is None or not comparisons.is_of(sound):
        sound = {name: cells for name, cells in sound.items() if read.is_whole(cells)}
        name = _name(sound, positive, thresholds)
        comparisons = compare(sound, read.predictions, positive, thresholds) if len(sound) > 1 else None
    return Evidence(comparisons, name, tuple(sorted(models.keys() - sound.keys())))


def known(store: Store, name: str) -> Comparisons | None:
    """Return the comparisons that a file keeps; None if there is none that can be read."""
    found: Comparisons | None = kept.read(store.root / STATISTICS, name, Comparisons)
    return found


def differ(one: Any, other: Any) -> bool:
    """Tell whether two comparisons, as JSON has them, differ by more than processors do in their last digits."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() != other.keys() or any(differ(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) != len(other) or any(map(differ, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return not math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(one != other)


class _Read:
    """Predictions as they lie on disk; of each record it is found out once whether they are there and sound."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._state: dict[str, str] = {}

    def predictions(self, record: Record) -> Predictions:
        return self._store.predictions(record)

    def is_broken(self, cells: Cells) -> bool:
        """Tell whether some predictions are there that are not those of their record."""
        return any(self._found(record) == "broken" for record in cells.values())

    def is_whole(self, cells: Cells) -> bool:
        """Tell whether all predictions are there."""
        return all(self._found(record) == "sound" for record in cells.values())

    def _found(self, record: Record) -> str:
        if record.key not in self._state:
            try:
                self._store.predictions(record)
                self._state[record.key] = "sound"
            except RecordError:
                is_there = self._store.path_for(record).with_suffix(".npz").exists()
                self._state[record.key] = "broken" if is_there else "absent"
        return self._state[record.key]


def _name(models: Mapping[str, Cells], positive: int | None, thresholds: Mapping[str, float] | None) -> str:
    """Return a digest of all that comparisons depend on."""
    cells = {
        name: [[*cell, record.predictions_sha256, record.seeded] for cell, record in sorted(cells.items())]
        for name, cells in models.items()
    }
    return digest({"version": VERSION, "models": cells, "positive": positive, "thresholds": thresholds})[:16]
