"""The parent's side of a cell's end: score the outcome, store the record, tell whoever watches."""

from __future__ import annotations

from collections.abc import Callable

from suite.schema import Cell, Event, Finished, Outcome, Record
from suite.scoring import to_record
from suite.store import Store

Watch = Callable[[Event], None]


class Keeper:
    """Takes what an executor emits; outcomes become records, other events pass through.

    Attributes
    ----------
    records : dict of str to Record
        By cell key: those found done, and those that this run made.
    """

    def __init__(self, store: Store, watch: Watch | None = None) -> None:
        self.store = store
        self.records: dict[str, Record] = {}
        self._watch = watch or (lambda event: None)

    def __call__(self, event: Event | Outcome) -> None:
        """Take one event or outcome."""
        if not isinstance(event, Outcome):
            self._watch(event)
            return
        cell = event.work.cell
        previous = self.store.find(cell.key)
        record, predictions = to_record(event, attempt=previous.attempt + 1 if previous else 1)
        self.store.save(record, predictions, event.output.curve)
        self.records[cell.key] = record
        self._watch(Finished(cell=cell, record=record))

    def found(self, cell: Cell, record: Record) -> None:
        """Take a cell that needs no work."""
        self.records[cell.key] = record
        self._watch(Finished(cell=cell, record=record, cached=True))
