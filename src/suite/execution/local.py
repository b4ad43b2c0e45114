"""Cells in supervised child processes of this machine: a pool of warm workers, each held to its cores and limits."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from suite import meter
from suite.events import Progress, Started
from suite.execution.budget import Budget
from suite.execution.claims import ELSEWHERE_S, Claim, Emit, always_mine
from suite.execution.handover import Tables, assign
from suite.execution.parcel import pack_job
from suite.execution.queue import Busy, Item, Queue, library_of, start_s
from suite.execution.slot import Slot, scratch_folder
from suite.execution.timings import guess
from suite.models import plugin
from suite.schema import Assignment, Failure, FitOutput, ModelRef, Work
from suite.schema import Outcome as CellOutcome
from suite.supervision.channel import Message
from suite.supervision.supervise import wait_any
from suite.supervision.verdict import Outcome

ATTEMPTS = 3
TURN_S = 1.0


@dataclass(kw_only=True, eq=False)
class Running:
    """A cell at work."""

    item: Item
    assignment: Assignment
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    busy: int = 1
    """The most workers that were busy while it ran."""
    expected_s: float
    """From when it was placed, imports included."""
    placed: float = field(default_factory=time.monotonic)

    def seconds_left(self, now: float) -> float:
        """Return what it should still take; one that overruns is expected to go on for as long as it has overrun."""
        return abs(self.placed + self.expected_s - now)


class Pool:
    """Warm workers; a context manager. They start at once, and import while the parent reads its data.

    Parameters
    ----------
    budget : Budget
        How many there are, and what each cell may take.
    models : iterable of str or LiveModel
        Which libraries to import first, by the models that need them.
    """

    def __init__(self, budget: Budget, models: Iterable[ModelRef] = ()) -> None:
        self.budget = budget
        self._held = ExitStack()
        self._tables = self._held.enter_context(Tables())
        self._scratch = self._held.enter_context(scratch_folder())
        self.slots = [Slot(budget, i, self._folder(i)) for i in range(budget.workers)]
        libraries = {library_of(model): str(model) for model in models if not plugin.is_factory(model)}
        slowest_first = sorted(libraries.items(), key=lambda pair: -start_s(pair[0]))
        for slot, (library, model) in zip(self.slots, slowest_first, strict=False):
            slot.warm_up(model, library)

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every child and all that it started; let go of tables and files."""
        for slot in self.slots:
            slot.interrupt()
        for slot in self.slots:
            slot.close()
        self._held.close()

    def execute(
        self,
        works: Sequence[Work],
        *,
        emit: Emit,
        claim: Claim = always_mine,
        expected: Mapping[str, float] | None = None,
    ) -> None:
        """Fit every cell, telling `emit` of each start, step and outcome.

        Parameters
        ----------
        works : sequence of Work
            The cells.
        emit : callable
            Takes events and outcomes.
        claim : callable, optional
            Says of a cell that is about to be begun whether it is this run's; one that another run has is asked
            for again until it is done or free.
        expected : mapping of str to float, optional
            Seconds that cells should take, by key; the others are guessed.
        """
        expected = expected or {}
        items = [
            Item(
                work=work,
                library=library_of(work.model),
                seconds=expected.get(work.cell.key, guess(work)),
            )
            for work in works
        ]
        _Run(self, Queue(items, self.budget.workers), emit, claim).run()

    def place(self, slot: Slot, item: Item) -> Running:
        """Give a worker a cell."""
        assignment = assign(item.work)
        start = 0.0 if item.library in slot.libraries else start_s(item.library)
        slot.give(
            pack_job(item.work, assignment, self.budget.threads), self._tables.folder(item.work.dataset)
        )
        meter.give_back()
        return Running(item=item, assignment=assignment, expected_s=item.seconds + start)

    def _folder(self, position: int) -> Path:
        folder = self._scratch / str(position)
        folder.mkdir()
        return folder


class _Run:
    """One pass over a queue of cells."""

    def __init__(self, pool: Pool, queue: Queue, emit: Emit, claim: Claim) -> None:
        self._pool, self._queue, self._emit, self._claim = pool, queue, emit, claim
        self._running: dict[Slot, Running] = {}
        self._elsewhere: list[Item] = []
        self._ended: list[CellOutcome] = []

    def run(self) -> None:
        while True:
            self._fill()
            # Scored while the children are at work on what they were just given.
            while self._ended:
                self._emit(self._ended.pop(0))
            if not (len(self._queue) or self._elsewhere or self._running):
                return
            self._wait()

    def _fill(self) -> None:
        waiting, self._elsewhere = self._elsewhere, []
        for again in waiting:
            self._queue.put(again)
        for slot in self._pool.slots:
            while not slot.busy and (item := self._next(slot)):
                claimed = self._claim(item.work)
                if claimed == "elsewhere":
                    self._elsewhere.append(item)
                elif claimed == "mine":
                    self._emit(Started(cell=item.work.cell))
                    self._running[slot] = self._pool.place(slot, item)
        busy = sum(slot.busy for slot in self._pool.slots)
        for running in self._running.values():
            running.busy = max(running.busy, busy)

    def _next(self, slot: Slot) -> Item | None:
        others = [other for other in self._pool.slots if other is not slot and other.busy]
        found = self._queue.take(
            slot.libraries,
            [self._busy(other) for other in others if not other.starting],
            [other.starting for other in others if other.starting],
        )
        return found if found or others or not len(self._queue) else self._queue.take(slot.libraries)

    def _busy(self, slot: Slot) -> Busy:
        return Busy(slot.libraries, self._running[slot].seconds_left(time.monotonic()))

    def _wait(self) -> None:
        children = {slot.child: slot for slot in self._pool.slots if slot.busy and slot.child}
        if not children:
            # Everything that is left is being done by another run.
            time.sleep(ELSEWHERE_S)
            return
        for child in wait_any(children, ELSEWHERE_S if self._elsewhere else TURN_S):
            for event in child.poll():
                self._handle(children[child], event)

    def _handle(self, slot: Slot, event: Message | Outcome) -> None:
        if isinstance(event, Outcome):
            output = slot.take(event)
            if running := self._running.pop(slot, None):
                self._conclude(running, output, event)
            return
        running = self._running.get(slot)
        if running and event.type == "started":
            running.started_at = datetime.now(UTC)
        elif running and event.type == "progress":
            header = event.header
            self._emit(Progress(cell=running.item.work.cell, step=header["step"], values=header["values"]))

    def _conclude(self, running: Running, output: FitOutput | None, outcome: Outcome) -> None:
        item = running.item
        if output is None and item.attempt < ATTEMPTS:
            self._queue.put(replace(item, attempt=item.attempt + 1))
            return
        if output is None:
            failure = Failure(kind="Start", message=outcome.message, log=outcome.log)
            output = FitOutput(status="crash", failure=failure)
        self._ended.append(
            CellOutcome(
                work=item.work,
                assignment=running.assignment,
                output=replace(output, timing=replace(output.timing, busy_workers=running.busy)),
                started_at=running.started_at,
            )
        )
