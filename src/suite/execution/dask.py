"""Cells on a Dask cluster: Dask only places them; each is the same supervised child there, and only the parent writes.

A table travels once to each worker that does not have it, by its fingerprint. A worker that dies has its cells placed
again.

Nothing here waits without a bound: what a cluster does not answer in time is asked for again, and a cluster that is
gone ends the run with one line.
"""

from __future__ import annotations

import asyncio
import queue
import secrets
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from suite.datasets import cache
from suite.errors import UsageError
from suite.events import Progress, Started, Waiting
from suite.execution.budget import Budget
from suite.execution.claims import ELSEWHERE_S, Claim, Emit, always_mine
from suite.execution.cluster import END_S, connected
from suite.execution.handover import Tables, assign
from suite.execution.parcel import Parcel, pack_job
from suite.execution.place import Absent, NotBegun, fit_cell, release, take_table
from suite.execution.timings import guess
from suite.schema import Assignment, Failure, FitOutput, Outcome, Work

ATTEMPTS = 5
TURN_S = 0.5
ANSWER_S = 120.0
"""For an answer of the scheduler, and for a result that a worker has."""
SEND_S, SEND_BYTES_S = 60.0, 1e6
"""For a table on its way to a worker, and so many bytes of it a second; meanwhile other cells go on."""
SENT_AT_ONCE = 2
NO_WORKER_S, TOLD_S = 600.0, 5.0
"""A cluster without any worker is waited for that long; after some seconds, that is told."""


@dataclass(kw_only=True, eq=False)
class _Placed:
    """A cell that Dask has."""

    work: Work
    assignment: Assignment
    parcel: Parcel
    future: Any = None
    attempt: int = 1
    absent_at: frozenset[str] = frozenset()
    """The workers that had to be sent its table first."""
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))


def execute(
    works: Sequence[Work],
    *,
    address: str | None,
    budget: Budget,
    emit: Emit,
    claim: Claim = always_mine,
    expected: Mapping[str, float] | None = None,
) -> None:
    """Fit every cell on a cluster, telling `emit` of each start, step and outcome.

    Parameters
    ----------
    works : sequence of Work
        The cells.
    address : str or None
        Of an existing cluster's scheduler, such as ``tcp://host:8786``; None starts one on this machine.
    budget : Budget
        What every cell may take.
    emit, claim, expected
        As `suite.execution.local.Pool.execute` has them.

    Raises
    ------
    UsageError
        If Dask is not installed, there is no cluster at the address, or it does not answer any more.
    """
    expected = expected or {}
    longest_first = sorted(works, key=lambda work: -expected.get(work.cell.key, guess(work)))
    with connected(address, budget.workers) as client, Tables() as tables:
        _Run(client, budget, tables, emit, claim).run(longest_first)


class _Run:
    """One pass over some cells."""

    def __init__(self, client: Any, budget: Budget, tables: Tables, emit: Emit, claim: Claim) -> None:
        self._client, self._budget, self._emit, self._claim = client, budget, emit, claim
        self._tables = tables
        self._sending = asyncio.Semaphore(SENT_AT_ONCE)
        self._sent: dict[tuple[str, str], Any] = {}
        self._worker_seen, self._told = time.monotonic(), False
        self._topic = f"suite-{secrets.token_hex(8)}"
        self._placed: dict[str, _Placed] = {}
        self._news: queue.SimpleQueue[tuple[str, dict[str, Any] | None]] = queue.SimpleQueue()

    def run(self, works: Sequence[Work]) -> None:
        waiting, elsewhere = list(works), list[Work]()
        self._client.subscribe_topic(self._topic, self._hear)
        try:
            while waiting or elsewhere or self._placed:
                room = self._room()
                # One more than can run, so that no worker waits for the parent to score.
                while waiting and len(self._placed) <= room:
                    work = waiting.pop(0)
                    claimed = self._claim(work)
                    if claimed == "mine":
                        self._place(work)
                    elif claimed == "elsewhere":
                        elsewhere.append(work)
                self._take_news(ELSEWHERE_S if elsewhere else TURN_S)
                waiting, elsewhere = waiting + elsewhere, []
        finally:
            with suppress(Exception):
                for sending in self._sent.values():
                    sending.cancel()
                # Their workers see that nobody waits for them, and end the children.
                self._client.cancel([placed.future for placed in self._placed.values()], force=True)
                self._client.unsubscribe_topic(self._topic)
                self._client.sync(self._client.run, release, on_error="ignore", callback_timeout=END_S)

    def _room(self) -> int:
        """Return how many cells the cluster can run at once, 1 while it has no worker."""
        if self._client.status != "running":
            raise UsageError("the Dask scheduler is gone; what was finished is kept")
        try:
            threads = self._client.sync(self._client.scheduler.ncores, callback_timeout=ANSWER_S)
        except OSError as error:
            raise UsageError("the Dask scheduler does not answer; what was finished is kept") from error
        waited = time.monotonic() - self._worker_seen
        if threads:
            self._worker_seen, self._told = time.monotonic(), False
        elif waited > NO_WORKER_S:
            raise UsageError(
                f"the Dask cluster has had no worker for {NO_WORKER_S:.0f} s; what was finished is kept"
            )
        elif waited > TOLD_S and not self._told:
            self._told = True
            self._emit(
                Waiting(
                    reason=f"the Dask cluster has no worker; waiting for one, {NO_WORKER_S:.0f} s at most"
                )
            )
        return max(1, sum(threads.values()))

    def _place(self, work: Work) -> None:
        assignment = assign(work)
        parcel = pack_job(work, assignment, self._budget.threads)
        self._emit(Started(cell=work.cell))
        self._submit(_Placed(work=work, assignment=assignment, parcel=parcel))

    def _submit(self, placed: _Placed) -> None:
        name = f"{self._topic}-{placed.work.cell.key[:16]}-{secrets.token_hex(4)}"
        table_key = self._tables.folder(placed.work.dataset).name
        future = self._client.submit(
            fit_cell, placed.parcel, table_key, self._budget, self._topic, key=name, pure=False
        )
        self._conclude_after(placed, name, future)

    def _conclude_after(self, placed: _Placed, name: str, future: Any) -> None:
        """Have a cell concluded when a future is done: Dask's of the cell itself, or that of sending its table."""
        placed.future = future
        self._placed[name] = placed
        future.add_done_callback(lambda done: self._news.put((name, None)))

    async def _hear(self, event: tuple[Any, dict[str, Any]]) -> None:
        message = event[1]
        self._news.put((message["task"], message))

    def _take_news(self, timeout: float) -> None:
        try:
            name, message = self._news.get(timeout=timeout)
        except queue.Empty:
            return
        placed = self._placed.get(name)
        if placed is None:
            return
        if message is None:
            del self._placed[name]
            self._conclude(placed)
        elif message["type"] == "started":
            placed.started_at = datetime.now(UTC)
        else:
            self._emit(Progress(cell=placed.work.cell, step=message["step"], values=message["values"]))

    def _conclude(self, placed: _Placed) -> None:
        try:
            answer: FitOutput | Absent | NotBegun | None = placed.future.result(timeout=ANSWER_S)
        except Exception as error:  # whatever Dask makes of a worker that died or a task it lost
            answer = NotBegun(f"{type(error).__name__}: {error}")
        if isinstance(answer, Absent) and answer.address in placed.absent_at:
            self._sent.pop((answer.address, self._tables.folder(placed.work.dataset).name), None)
            answer = NotBegun(f"{answer.address} did not keep the table that it was sent")
        if isinstance(answer, Absent):
            self._send_table(placed, answer.address)
        elif answer is None:
            self._submit(placed)
        elif isinstance(answer, FitOutput):
            busy = float(min(self._room(), len(self._placed) + 1))
            self._end(placed, replace(answer, timing=replace(answer.timing, busy_workers=busy)))
        elif placed.attempt < ATTEMPTS:
            self._submit(replace(placed, attempt=placed.attempt + 1, absent_at=frozenset()))
        else:
            failure = Failure(kind="Start", message=answer.message)
            self._end(placed, FitOutput(status="crash", failure=failure))

    def _end(self, placed: _Placed, output: FitOutput) -> None:
        self._emit(
            Outcome(
                work=placed.work,
                assignment=placed.assignment,
                output=output,
                started_at=placed.started_at,
            )
        )

    def _send_table(self, placed: _Placed, address: str) -> None:
        """Send a cell's table to a worker, unless another cell has seen to that; have the cell placed after that."""
        table = self._tables.folder(placed.work.dataset)
        sending = self._sent.get((address, table.name))
        if sending is None or (sending.done() and sending.exception()):
            delivery = self._deliver(table, address)
            sending = asyncio.run_coroutine_threadsafe(delivery, self._client.loop.asyncio_loop)
            self._sent[address, table.name] = sending
        placed.absent_at |= {address}
        self._conclude_after(placed, secrets.token_hex(8), sending)

    async def _deliver(self, table: Path, address: str) -> None:
        # So many at a time: each is a whole table in memory.
        async with self._sending:
            contents = await asyncio.to_thread(cache.files, table)
            size = sum(map(len, contents.values()))
            await asyncio.wait_for(self._send(contents, table.name, address), SEND_S + size / SEND_BYTES_S)

    async def _send(self, contents: dict[str, bytes], table_key: str, address: str) -> None:
        # A list, so that Dask names what it holds afresh: it would take a dict's keys for names in the whole cluster,
        # where those of another table, or of this one sent before, would be confused with them.
        sent = await self._client.scatter([contents], workers=[address], direct=False, hash=False)
        # No task, which would wait until a cell leaves it a thread.
        await self._client.run(take_table, sent[0].key, table_key, workers=[address])
