"""Cells on a Dask cluster: Dask only places them; each is the same supervised child there, and only the parent writes.

A table travels once to each worker that does not have it, by its fingerprint. A worker that dies has its cells placed
again.
"""

from __future__ import annotations

import queue
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from suite.datasets import columns
from suite.datasets.columns import Columns
from suite.errors import UsageError
from suite.execution.budget import Budget
from suite.execution.claims import ELSEWHERE_S, Claim, Emit, always_mine
from suite.execution.handover import assign, keep_table
from suite.execution.parcel import Parcel, pack_job
from suite.execution.place import Absent, NotBegun, fit_cell, release, take_table
from suite.execution.timings import guess
from suite.schema import Assignment, Dataset, FitOutput, Outcome, Progress, Started, Work

ATTEMPTS = 5
TURN_S = 0.5
CONNECT_S = 20


@dataclass(kw_only=True, eq=False)
class _Placed:
    """A cell that Dask has."""

    work: Work
    assignment: Assignment
    parcel: Parcel
    future: Any = None
    attempt: int = 1
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))


def execute(
    works: Sequence[Work],
    *,
    address: str | None,
    budget: Budget,
    emit: Emit,
    claim: Claim = always_mine,
    expected: Mapping[str, float] | None = None,
    beat: Callable[[], None] = lambda: None,
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
    emit, claim, expected, beat
        As `suite.execution.local.Pool.execute` has them.

    Raises
    ------
    UsageError
        If Dask is not installed, or there is no cluster at the address.
    """
    expected = expected or {}
    longest_first = sorted(works, key=lambda work: -expected.get(work.cell.key, guess(work)))
    with _client(address, budget) as client, ExitStack() as tables:
        _Run(client, budget, tables, emit, claim).run(longest_first, beat)


@contextmanager
def _client(address: str | None, budget: Budget) -> Iterator[Any]:
    """Connect to a cluster, or start one here and end it afterwards."""
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise UsageError('--executor dask needs Dask: pip install "tabular-suite[dask]"') from None
    with ExitStack() as stack:
        if address is None:
            address = stack.enter_context(
                LocalCluster(
                    n_workers=budget.workers,
                    threads_per_worker=1,
                    host="127.0.0.1",
                    dashboard_address=None,
                    memory_limit=0,
                    silence_logs=50,
                )
            )
        try:
            client = Client(address, timeout=CONNECT_S, set_as_default=False)
        except (OSError, ValueError) as error:
            raise UsageError(f"no Dask scheduler answers at {address}: {error}") from error
        yield stack.enter_context(client)


class _Run:
    """One pass over some cells."""

    def __init__(self, client: Any, budget: Budget, tables: ExitStack, emit: Emit, claim: Claim) -> None:
        self._client, self._budget, self._emit, self._claim = client, budget, emit, claim
        self._tables = tables
        self._held: dict[object, Columns] = {}
        self._topic = f"suite-{secrets.token_hex(8)}"
        self._placed: dict[str, _Placed] = {}
        self._news: queue.SimpleQueue[tuple[str, dict[str, Any] | None]] = queue.SimpleQueue()

    def run(self, works: Sequence[Work], beat: Callable[[], None]) -> None:
        waiting, elsewhere = list(works), list[Work]()
        self._client.subscribe_topic(self._topic, self._hear)
        try:
            while waiting or elsewhere or self._placed:
                # One more than can run, so that no worker waits for the parent to score.
                while waiting and len(self._placed) <= self._room():
                    work = waiting.pop(0)
                    claimed = self._claim(work)
                    if claimed == "mine":
                        self._place(work)
                    elif claimed == "elsewhere":
                        elsewhere.append(work)
                self._take_news(ELSEWHERE_S if elsewhere else TURN_S)
                waiting, elsewhere = waiting + elsewhere, []
                beat()
        finally:
            # Their workers see that nobody waits for them, and end the children.
            self._client.cancel([placed.future for placed in self._placed.values()], force=True)
            with suppress(Exception):
                self._client.unsubscribe_topic(self._topic)
                self._client.run(release, on_error="ignore")

    def _room(self) -> int:
        if self._client.status != "running":
            raise UsageError("the Dask scheduler is gone; what was finished is kept")
        return max(1, sum(self._client.nthreads().values()))

    def _place(self, work: Work) -> None:
        assignment = assign(work)
        parcel = pack_job(work, assignment, self._budget.threads)
        self._emit(Started(cell=work.cell))
        self._submit(_Placed(work=work, assignment=assignment, parcel=parcel))

    def _submit(self, placed: _Placed) -> None:
        name = f"{self._topic}-{placed.work.cell.key[:16]}-{secrets.token_hex(4)}"
        table_key = self._table(placed.work.dataset).folder.name
        placed.future = self._client.submit(
            fit_cell, placed.parcel, table_key, self._budget, self._topic, key=name, pure=False
        )
        self._placed[name] = placed
        placed.future.add_done_callback(lambda future: self._news.put((name, None)))

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
            answer: FitOutput | Absent | NotBegun = placed.future.result()
        except Exception as error:  # whatever Dask makes of a worker that died or a task it lost
            answer = NotBegun(f"{type(error).__name__}: {error}")
        if isinstance(answer, Absent):
            self._send_table(placed.work.dataset, answer.address)
            self._submit(placed)
        elif isinstance(answer, FitOutput):
            busy = float(min(self._room(), len(self._placed) + 1))
            self._end(placed, replace(answer, timing={**answer.timing, "busy_workers": busy}))
        elif placed.attempt < ATTEMPTS:
            self._submit(replace(placed, attempt=placed.attempt + 1))
        else:
            failure = {"kind": "Start", "message": answer.message, "log": ""}
            self._end(placed, FitOutput(status="crash", failure=failure, params=placed.work.cell.params))

    def _end(self, placed: _Placed, output: FitOutput) -> None:
        self._emit(
            Outcome(
                work=placed.work,
                assignment=placed.assignment,
                output=output,
                started_at=placed.started_at,
            )
        )

    def _table(self, dataset: Dataset) -> Columns:
        key = dataset.fingerprint, dataset.kinds, tuple(dataset.X.columns)
        if key not in self._held:
            self._held[key] = self._tables.enter_context(keep_table(dataset))
        return self._held[key]

    def _send_table(self, dataset: Dataset, address: str) -> None:
        table = self._table(dataset).folder
        try:
            sent = self._client.scatter(columns.files(table), workers=[address], direct=False, hash=False)
            self._client.submit(take_table, sent, table.name, workers=[address], pure=False).result()
        except Exception as error:  # a worker that died meanwhile; its cells are placed again
            self._news.put(("", {"type": "lost", "message": str(error)}))
