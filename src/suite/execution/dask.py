"""Cells on a Dask cluster: Dask only places them; each is the same supervised child there, and only the parent writes.

A table travels once to each worker that does not have it, by its fingerprint. A worker that dies has its cells placed
again.

Nothing here waits without a bound: what a cluster does not answer in time is asked for again, the cells of a worker
that gives no sign of life go to others, and a cluster that is gone ends the run with one line.
"""

from __future__ import annotations

import asyncio
import queue
import secrets
import time
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

from suite.datasets import column_store
from suite.datasets.column_store import Held, Tables
from suite.errors import UsageError
from suite.events import Progress, Waiting
from suite.execution.cluster import END_S, connected
from suite.execution.dask_worker import Absent, NotBegun, ask_to_stop, fit_cell, release, take_table
from suite.execution.drive import Answer, Begun, Tell
from suite.execution.parcel import Parcel, pack_job, unpack_progress
from suite.planning.expected import seconds_of
from suite.schema import Assignment, Budget, FitOutput, Work

TURN_S = 0.5
ANSWER_S = 120.0
"""For an answer of the scheduler, and for a result that a worker has."""
SEND_S, SEND_BYTES_S = 60.0, 1e6
"""How long a table may be on its way to a worker: seconds, and bytes a second beside them."""
SENT_AT_ONCE = 2
SILENT_S, SILENT_A_WORKER_S = 8.0, 0.02
"""After how long without a sign of life a worker is given no cell, and its cells are placed elsewhere; and at least how
long for each worker that there is."""
NO_WORKER_S, TOLD_S = 600.0, 5.0
"""How long a run waits for a cluster without workers, and after how long it says so."""


@dataclass(kw_only=True, eq=False)
class _Task:
    """A cell that Dask has."""

    work: Work
    parcel: Parcel
    absent_at: frozenset[str] = frozenset()
    """The workers that had to be sent its table first."""
    future: Any = None


class Dask(ExitStack):
    """Places cells on a cluster, see `connected`; the longest first, by `seconds` or else a guess; a context manager.

    Raises
    ------
    UsageError
        If Dask is not installed, there is no cluster at the address, or it does not answer any more.
    """

    def __init__(self, address: str | None, budget: Budget, seconds: Mapping[str, float]) -> None:
        super().__init__()
        self._address, self._budget, self._seconds = address, budget, seconds
        self._client: Any = None
        self._tables = Tables()
        self._sending = asyncio.Semaphore(SENT_AT_ONCE)
        self._sent: dict[tuple[str, str], Any] = {}
        self._cores, self._counted_at = 0, 0.0
        self._silent_s: dict[str, tuple[float, float]] = {}
        """By worker: when the scheduler has last heard of it, and for how long that has been so."""
        self._worker_seen, self._is_told = 0.0, False
        self._topic = f"suite-{secrets.token_hex(8)}"
        self._tasks: dict[str, _Task] = {}
        self._lost: list[_Task] = []
        self._heard: queue.SimpleQueue[tuple[str, dict[str, Any] | None]] = queue.SimpleQueue()
        """By a thread of Dask's client: a message of a task, or None for its end."""

    def __enter__(self) -> Dask:
        self._client = self.enter_context(connected(self._address, self._budget.workers))
        self.enter_context(self._tables)
        self.callback(self._cancel)
        self._client.subscribe_topic(self._topic, self._hear)
        self._count_cores()
        self._worker_seen = time.monotonic()
        return self

    @property
    def busy(self) -> int:
        """How many cells run, as far as it is known here."""
        return min(self._cores, len(self._tasks))

    def choose(self, waiting: Sequence[Work]) -> Work | None:
        """Return the longest cell while the cluster has room.

        It is given one more than can run, so that no worker waits for the parent to score.
        """
        self._check()
        are_silent = bool(self._silent_s) and not self._awake()
        if are_silent or len(self._tasks) > max(1, self._cores):
            return None
        return max(waiting, key=lambda work: seconds_of(work, self._seconds))

    def place(self, work: Work, assignment: Assignment) -> None:
        """Submit a cell."""
        self._submit(_Task(work=work, parcel=pack_job(work, assignment, self._budget.threads)))

    def wait(self, tell: Tell) -> None:
        """Wait for news of the cluster, for half a second at most."""
        self._look_for_workers(tell)
        while self._lost:
            why = "its Dask worker gave no sign of life"
            tell(Answer(key=self._lost.pop().work.cell.key, output=None, message=why))
        try:
            name, message = self._heard.get(timeout=TURN_S)
        except queue.Empty:
            return
        task = self._tasks.get(name)
        if task is None:
            return
        cell = task.work.cell
        if message is None:
            del self._tasks[name]
            self._conclude(task, tell)
        elif message["type"] == "started":
            tell(Begun(key=cell.key))
        elif (told := unpack_progress(message)) and tell(
            Progress(cell=cell, step=told[0], values=told[1])
        ) is False:
            self._begin(self._ask_to_stop(name))

    def _cancel(self) -> None:
        """Leave nothing of this run on the cluster."""
        with suppress(Exception):
            for sending in self._sent.values():
                sending.cancel()
            # Their workers see that nobody waits for them, and end the children.
            self._client.cancel([task.future for task in self._tasks.values()], force=True)
            self._client.unsubscribe_topic(self._topic)
            awake = self._awake()
            self._client.sync(
                self._client.run, release, workers=awake, on_error="ignore", callback_timeout=END_S
            )

    def _check(self) -> None:
        if self._client.status != "running":
            raise UsageError("the Dask scheduler is gone; what was finished is kept")

    def _count_cores(self) -> None:
        """Ask how many cells the cluster can run at once, and take cells away from workers that are silent."""
        self._check()
        try:
            found = self._ask("identity")["workers"]
            elapsed = min(time.monotonic() - self._counted_at, 2 * TURN_S)
            self._counted_at = time.monotonic()
            before, self._silent_s = self._silent_s, {}
            for address, worker in found.items():
                seen, silent_s = worker["last_seen"], 0.0
                if before.get(address, (None,))[0] == seen:
                    silent_s = before[address][1] + elapsed
                self._silent_s[address] = seen, silent_s
            awake = self._awake()
            self._cores = sum(found[address]["nthreads"] for address in awake)
            if len(awake) < len(found):
                placed = self._ask("processing")
                self._take_away(
                    [name for address in found.keys() - set(awake) for name in placed.get(address, ())]
                )
        except OSError as error:
            raise UsageError("the Dask scheduler does not answer; what was finished is kept") from error

    def _ask(self, what: str) -> Any:
        return self._client.sync(getattr(self._client.scheduler, what), callback_timeout=ANSWER_S)

    def _awake(self) -> list[str]:
        # In a large cluster workers give a sign of life less often.
        most = max(SILENT_S, SILENT_A_WORKER_S * len(self._silent_s))
        return [address for address, (_, silent_s) in self._silent_s.items() if silent_s < most]

    def _take_away(self, names: Sequence[str]) -> None:
        """Have the cells of some tasks placed again; who has them sees that nobody waits for them."""
        for name in names:
            if task := self._tasks.pop(name, None):
                self._client.cancel([task.future], force=True)
                self._lost.append(task)

    def _look_for_workers(self, tell: Tell) -> None:
        """Say so where the cluster has no worker, and give up where it has had none for long."""
        if time.monotonic() - self._counted_at < TURN_S:  # a round trip, and messages may be many
            return
        self._count_cores()
        waited = time.monotonic() - self._worker_seen
        if self._cores:
            self._worker_seen, self._is_told = time.monotonic(), False
        elif waited > NO_WORKER_S:
            raise UsageError(
                f"the Dask cluster has had no worker for {NO_WORKER_S:.0f} s; what was finished is kept"
            )
        elif waited > TOLD_S and not self._is_told:
            self._is_told = True
            reason = f"the Dask cluster has no worker; waiting for one, {NO_WORKER_S:.0f} s at most"
            tell(Waiting(reason=reason))

    def _submit(self, task: _Task) -> None:
        name = f"{self._topic}-{task.work.cell.key[:16]}-{secrets.token_hex(4)}"
        table = self._tables.of(task.work.dataset)
        future = self._client.submit(
            fit_cell,
            task.parcel,
            (table.folder.name, table.digest),
            self._budget,
            self._topic,
            key=name,
            pure=False,
            workers=awake if len(awake := self._awake()) < len(self._silent_s) else None,
        )
        self._conclude_after(task, name, future)

    def _conclude_after(self, task: _Task, name: str, future: Any) -> None:
        """Conclude a task when a future is done: Dask's of the cell itself, or that of sending its table."""
        task.future = future
        self._tasks[name] = task
        future.add_done_callback(lambda done: self._heard.put((name, None)))

    async def _hear(self, event: tuple[Any, dict[str, Any]]) -> None:
        self._heard.put((event[1]["task"], event[1]))

    def _conclude(self, task: _Task, tell: Tell) -> None:
        try:
            answer: FitOutput | Absent | NotBegun | None = task.future.result(timeout=ANSWER_S)
        except Exception as error:  # whatever Dask makes of a worker that died or a task it lost
            answer = NotBegun(f"{type(error).__name__}: {error}")
        if isinstance(answer, Absent) and answer.address in task.absent_at:
            self._sent.pop((answer.address, self._tables.of(task.work.dataset).folder.name), None)
            answer = NotBegun(f"{answer.address} did not keep the table that it was sent")
        key = task.work.cell.key
        if isinstance(answer, Absent):
            self._send_table(task, answer.address)
        elif isinstance(answer, FitOutput):
            tell(Answer(key=key, output=answer))
        elif isinstance(answer, NotBegun):
            tell(Answer(key=key, output=None, message=answer.message))
        else:
            # Its table is there now.
            self._submit(task)

    def _send_table(self, task: _Task, address: str) -> None:
        """Send a cell's table to a worker, unless that is under way for another cell; then submit the cell again."""
        table = self._tables.of(task.work.dataset)
        sent = (address, table.folder.name)
        sending = self._sent.get(sent)
        if sending is None or (sending.done() and sending.exception()):
            sending = self._sent[sent] = self._begin(self._deliver(table, address))
        task.absent_at |= {address}
        self._conclude_after(task, secrets.token_hex(8), sending)

    async def _ask_to_stop(self, name: str) -> None:
        # Which worker has the task is the scheduler's to know.
        await self._client.run(ask_to_stop, name, on_error="ignore")

    def _begin(self, action: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(action, self._client.loop.asyncio_loop)

    async def _deliver(self, table: Held, address: str) -> None:
        # A few at a time: each is a whole table in memory.
        async with self._sending:
            contents = await asyncio.to_thread(column_store.files, table.folder)
            size = sum(map(len, contents.values()))
            kept_as = (table.folder.name, table.digest)
            await asyncio.wait_for(self._send(contents, kept_as, address), SEND_S + size / SEND_BYTES_S)

    async def _send(self, contents: dict[str, bytes], kept_as: tuple[str, str], address: str) -> None:
        # A list, so that Dask names what it holds afresh: it would take a dict's keys for names in the whole cluster,
        # where those of another table, or of this one sent before, would be confused with them.
        sent = await self._client.scatter([contents], workers=[address], direct=False, hash=False)
        # No task, which would wait until a cell leaves it a thread.
        await self._client.run(take_table, sent[0].key, kept_as, workers=[address])
