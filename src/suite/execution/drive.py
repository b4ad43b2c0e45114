"""The one loop of a run: a source hands out cells, a placer runs them, and what becomes of each is scored and stored.

The cells of a plan come from a list, those of a search from its trials; they run in this process, in children, or on a
cluster. None of these knows of another: retries, records and events are the loop's.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Protocol

from suite.events import Finished, Progress, Started, Waiting, Watch, unwatched
from suite.execution.assignment import assign
from suite.execution.repeat import difference, kept
from suite.schema import Assignment, Failure, FitOutput, Outcome, Record, Work
from suite.scoring import to_record
from suite.store import Store

ATTEMPTS = 5
"""How often a cell is placed that did not begin: its child could not start, or its machine was lost."""


class Source(Protocol):
    """Hands out cells.

    It is asked until it returns None, so that the placer can choose, and again after each record. A search gives as
    many as it wants to run at once.
    """

    def take(self) -> Work | None:
        """Return a cell to run, or None for now. A run ends when it gets None and no cell runs."""

    def told(self, record: Record) -> None:
        """Learn what became of a cell."""


@dataclass(frozen=True, kw_only=True)
class Begun:
    """The clock of a cell runs."""

    key: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A cell has ended; without an output it did not begin, and `message` and `log` say why."""

    key: str
    output: FitOutput | None
    message: str = ""
    log: str = ""


News = Begun | Progress | Waiting | Answer
Tell = Callable[[News], bool | None]
"""Takes the news of a placer. False, in answer to `Progress`, asks it to stop the fit of that cell."""


class Placer(Protocol):
    """Runs cells."""

    @property
    def busy(self) -> int:
        """How many workers are at work."""

    def choose(self, waiting: Sequence[Work]) -> Work | None:
        """Return the cell to place now; None, while something runs, if there is no room or waiting is better."""

    def place(self, work: Work, assignment: Assignment) -> None:
        """Begin the cell that was chosen."""

    def wait(self, tell: Tell) -> None:
        """Wait for news, a second or so at most, and pass it on to `tell`."""


class Listed:
    """The source of a plan: given cells, and `records`, by key, of those that are done."""

    def __init__(self, works: Iterable[Work]) -> None:
        self._left = deque(works)
        self.records: dict[str, Record] = {}

    def take(self) -> Work | None:
        """Return the next cell, None at the end."""
        return self._left.popleft() if self._left else None

    def told(self, record: Record) -> None:
        """Keep a record."""
        self.records[record.key] = record


def drive(source: Source, placer: Placer, store: Store, watch: Watch = unwatched) -> None:
    """Run the cells of a source until it has no more, on a placer that the caller opens and closes."""
    _Loop(source, placer, store, watch).run()


@dataclass(kw_only=True, eq=False)
class _Running:
    """A cell that was placed."""

    work: Work
    assignment: Assignment
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    begun: float = field(default_factory=time.monotonic)
    busy: int = 1
    """The most workers that were busy while it ran."""


class _Loop:
    def __init__(self, source: Source, placer: Placer, store: Store, watch: Watch) -> None:
        self._source, self._placer, self._store, self._watch = source, placer, store, watch
        self._waiting: dict[str, Work] = {}
        self._running: dict[str, _Running] = {}
        self._attempts: Counter[str] = Counter()
        self._ended: deque[Outcome] = deque()

    def run(self) -> None:
        while True:
            self._place()
            if self._ended:
                # Scored while the placer is at work on what it was just given.
                self._keep(self._ended.popleft())
            elif self._running or self._waiting:
                self._placer.wait(self._hear)
            else:
                return

    def _place(self) -> None:
        while work := self._source.take():
            if work.cell.key not in self._running:  # a search may propose again what is at work
                self._waiting[work.cell.key] = work
        while self._waiting and (work := self._placer.choose(list(self._waiting.values()))):
            key = work.cell.key
            del self._waiting[key]
            self._attempts[key] += 1
            self._running[key] = _Running(work=work, assignment=assign(work))
            self._watch(Started(cell=work.cell))
            self._placer.place(work, self._running[key].assignment)
        busy = self._placer.busy
        for running in self._running.values():
            running.busy = max(running.busy, busy)

    def _hear(self, news: News) -> bool | None:
        if isinstance(news, Answer):
            self._conclude(self._running.pop(news.key), news)
        elif isinstance(news, Begun):
            self._running[news.key].started_at = datetime.now(UTC)
            self._running[news.key].begun = time.monotonic()
        else:
            return self._watch(news)
        return None

    def _conclude(self, running: _Running, answer: Answer) -> None:
        work, output = running.work, answer.output
        if output is None and self._attempts[answer.key] < ATTEMPTS:
            self._waiting[answer.key] = work
            return
        if output is None:
            failure = Failure(kind="Start", message=answer.message, log=answer.log)
            output = FitOutput(status="crash", failure=failure)
        wall_s = time.monotonic() - running.begun
        timing = replace(output.timing, busy_workers=running.busy, wall_s=wall_s)
        output = replace(output, timing=timing)
        self._ended.append(
            Outcome(work=work, assignment=running.assignment, output=output, started_at=running.started_at)
        )

    def _keep(self, outcome: Outcome) -> None:
        """Score what became of a cell, and store the record."""
        cell = outcome.work.cell
        previous = self._store.find(cell.key)
        record, predictions = to_record(outcome, attempt=previous.attempt + 1 if previous else 1)
        if previous:
            first_at = previous.first_at or previous.provenance.started_at
            noted = difference(previous, kept(self._store, previous), record, predictions)
            record = replace(record, notes=record.notes + noted, first_at=first_at)
        self._store.save(record, predictions, outcome.output.curve)
        self._source.told(record)
        self._watch(Finished(cell=cell, record=record))
