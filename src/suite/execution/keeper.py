"""The parent's side of a cell's end: score the outcome, store the record, tell whoever watches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from suite.events import Elsewhere, Event, Finished, Watch
from suite.execution.claims import Claims
from suite.schema import Cell, Outcome, Record, Work
from suite.scoring import to_record
from suite.store import Store


class Keeper:
    """Takes what an executor emits; outcomes become records, other events pass through. A context manager.

    Parameters
    ----------
    store : Store
        Where records are kept.
    watch : callable, optional
        Called with every event.
    before : mapping of str to Record or None, optional
        The newest attempt at each cell, by key, as this run was planned; a newer one is another run's.

    Attributes
    ----------
    records : dict of str to Record
        By cell key: those found done, and those that this run made.
    """

    def __init__(
        self, store: Store, watch: Watch | None = None, before: Mapping[str, Record | None] | None = None
    ) -> None:
        self.store = store
        self.records: dict[str, Record] = {}
        self.claims = Claims(store.root / ".claims")
        self._watch = watch or (lambda event: None)
        self._before = before or {}
        self._told_elsewhere: set[str] = set()

    def __enter__(self) -> Keeper:
        return self

    def __exit__(self, *error: object) -> None:
        self.claims.close()

    def __call__(self, event: Event | Outcome) -> None:
        """Take one event or outcome."""
        if not isinstance(event, Outcome):
            self._watch(event)
            return
        cell = event.work.cell
        previous = self.store.find(cell.key)
        record, predictions = to_record(event, attempt=previous.attempt + 1 if previous else 1)
        if previous and _differ(previous, record):
            record = replace(record, notes=(*record.notes, _how_they_differ(previous, record)))
        self.store.save(record, predictions, event.output.curve)
        self.claims.release(cell.key)
        self.records[cell.key] = record
        self._watch(Finished(cell=cell, record=record))

    def claim(self, work: Work) -> Literal["mine", "elsewhere", "done"]:
        """Claim a cell for this run: unless another run has it, or has done it since this one began."""
        cell = work.cell
        if not self.claims.take(cell.key):
            if cell.key not in self._told_elsewhere:
                self._told_elsewhere.add(cell.key)
                self._watch(Elsewhere(cell=cell))
            return "elsewhere"
        path = self.store.path_of(cell.id, cell.key)
        record = self.store.found_at(path)
        if record is None or record == self._before.get(cell.key):
            return "mine"
        self.claims.release(cell.key)
        self.found(cell, record)
        return "done"

    def found(self, cell: Cell, record: Record) -> None:
        """Take a cell that needs no work."""
        self.records[cell.key] = record
        self._watch(Finished(cell=cell, record=record, cached=True))


def _differ(previous: Record, record: Record) -> bool:
    """Say whether two attempts at one cell, with the same seed and versions, gave other predictions."""
    return previous.status == record.status == "ok" and (
        previous.predictions_sha256 != record.predictions_sha256
    )


def _how_they_differ(previous: Record, record: Record) -> str:
    figures = " then ".join(f"{one.metrics.get('accuracy'):.4f}" for one in (previous, record))
    return (
        f"attempt {previous.attempt} with the same seed gave other predictions (accuracy {figures}): "
        "the model is not deterministic, or the machine is another"
    )
