"""Cells in supervised child processes of this machine: a pool of warm workers, each held to its cores and limits."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import NamedTuple

from suite import meter
from suite.datasets.column_store import Tables
from suite.events import Progress
from suite.execution.choice import Busy, Item, choose, library_of, start_s
from suite.execution.drive import Answer, Begun, Tell
from suite.execution.parcel import pack_job, unpack_progress
from suite.execution.programs import programs_folder
from suite.execution.slot import Slot, scratch_folder
from suite.models import plugin
from suite.planning.expected import seconds_of
from suite.schema import Assignment, Budget, Cell, ModelRef, Work
from suite.supervision.channel import Message
from suite.supervision.supervise import wait_any
from suite.supervision.verdict import Ending

TURN_S = 1.0


class _AtWork(NamedTuple):
    """The cell of a slot, and the reading of `time.monotonic` when it should be done, imports included."""

    work: Work
    ends_at: float

    @property
    def cell(self) -> Cell:
        return self.work.cell


class Pool(ExitStack):
    """Places cells on warm workers; a context manager.

    They start at once, and import the libraries of `models` while the parent reads its data. What cells should take
    stands in `seconds`, by key, once that is known; the others are guessed. Where a run `searches`, its trials may use
    programs that were compiled before.
    """

    def __init__(self, budget: Budget, models: Iterable[ModelRef] = (), *, searches: bool = False) -> None:
        super().__init__()
        self.budget = budget
        self.seconds: Mapping[str, float] = {}
        self._tables = self.enter_context(Tables())
        scratch = self.enter_context(scratch_folder())
        programs = programs_folder(budget.threads) if searches else None
        self.slots = [Slot(budget, i, scratch / str(i), programs) for i in range(budget.workers)]
        self.callback(self._end)
        self._items: dict[str, Item] = {}
        self._tried: set[tuple[str, str]] = set()
        self._at_work: dict[Slot, _AtWork] = {}
        self._chosen: tuple[Slot, Item]
        libraries = {library_of(model): str(model) for model in models if not plugin.is_factory(model)}
        slowest_first = sorted(libraries.items(), key=lambda pair: -start_s(pair[0]))
        for slot, (library, model) in zip(self.slots, slowest_first, strict=False):
            slot.warm_up(model, library)

    @property
    def busy(self) -> int:
        """How many workers have a cell, or import."""
        return sum(slot.busy for slot in self.slots)

    def choose(self, waiting: Sequence[Work]) -> Work | None:
        """Return the cell that suits an idle worker."""
        for slot in self.slots:
            if not slot.busy and (item := self._next(slot, [self._item(work) for work in waiting])):
                self._chosen = slot, item
                return item.work
        return None

    def place(self, work: Work, assignment: Assignment) -> None:
        """Give the cell to the worker that it was chosen for."""
        slot, item = self._chosen
        if item.kind:
            self._tried.add(item.kind)
        start = 0.0 if item.library in slot.libraries else start_s(item.library)
        slot.give(pack_job(work, assignment, self.budget.threads), self._tables.of(work.dataset))
        meter.give_back()
        self._at_work[slot] = _AtWork(work, time.monotonic() + item.seconds + start)

    def wait(self, tell: Tell) -> None:
        """Wait for news of the children, for a second at most."""
        children = {slot.child: slot for slot in self.slots if slot.busy and slot.child}
        for child in wait_any(children, TURN_S):
            for event in child.poll():
                self._handle(children[child], event, tell)

    def _handle(self, slot: Slot, event: Message | Ending, tell: Tell) -> None:
        if isinstance(event, Ending):
            output = slot.take(event)
            if ended := self._at_work.pop(slot, None):
                if slot.has_changed:
                    self._tables.renew(ended.work.dataset)
                message = event.message or str(event.header.get("changed", ""))
                tell(Answer(key=ended.cell.key, output=output, message=message, log=event.log))
        elif (at_work := self._at_work.get(slot)) and event.type == "started":
            tell(Begun(key=at_work.cell.key))
        elif at_work and event.type == "progress" and (told := unpack_progress(event.header)):
            if tell(Progress(cell=at_work.cell, step=told[0], values=told[1])) is False:
                slot.stop()
        else:
            slot.hear(event)

    def _item(self, work: Work) -> Item:
        cell = work.cell
        key = cell.key
        if key not in self._items:
            self._items[key] = Item(
                work=work,
                library=library_of(work.model),
                seconds=seconds_of(work, self.seconds),
                kind=(cell.dataset, cell.model) if cell.is_planned else None,
            )
        return self._items[key]

    def _next(self, slot: Slot, waiting: Sequence[Item]) -> Item | None:
        now, n_workers = time.monotonic(), self.budget.workers
        others = [other for other in self.slots if other is not slot and other.busy]
        # One that overruns is expected to go on for as long as it has overrun.
        at_work = [
            Busy(other.libraries, abs(self._at_work[other].ends_at - now))
            for other in others
            if not other.starting
        ]
        starting = [other.starting for other in others if other.starting]
        found = choose(waiting, slot.libraries, at_work, starting, n_workers=n_workers, tried=self._tried)
        if found or others:
            return found
        return choose(waiting, slot.libraries, n_workers=n_workers, tried=self._tried)

    def _end(self) -> None:
        """End every child and all that it started."""
        for slot in self.slots:
            slot.interrupt()
        for slot in self.slots:
            slot.close()
