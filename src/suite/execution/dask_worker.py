"""What runs inside a worker of a Dask cluster: each cell in the same supervised child as on the parent's machine."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from threading import Lock, Timer
from typing import IO, Any, NamedTuple

from suite.datasets import column_store
from suite.execution.parcel import Parcel
from suite.execution.programs import programs_folder
from suite.execution.slot import Slot, scratch_folder
from suite.locks import make_own, open_lock, try_lock
from suite.schema import Budget, FitOutput
from suite.supervision.verdict import Ending

TURN_S = 0.3
IDLE_S = 300.0
"""How long a warm child waits for another cell."""
_idle: dict[Budget, dict[Slot, Timer]] = {}
_held: dict[Slot, ExitStack] = {}
"""The position and the folder of each slot."""
_lock = Lock()
_to_stop: dict[str, bool] = {}
"""The tasks at work, and whether each was asked to stop."""


class Absent(NamedTuple):
    """The answer of a worker that does not have the table's columns yet."""

    address: str


class NotBegun(NamedTuple):
    """The answer where no child could be started."""

    message: str


class Cancelled(Exception):
    """The run that asked for the cell is over."""


def fit_cell(
    parcel: Parcel, kept_as: tuple[str, str], budget: Budget, topic: str
) -> FitOutput | Absent | NotBegun:
    """Fit a cell in a supervised child of this worker; called by Dask, in a thread of the worker.

    Its table is known by key and digest.

    Children stay warm for later cells. Progress goes to the parent as events of `topic`. When Dask drops the task,
    because its run was cancelled or its parent is gone, the child is ended and `Cancelled` raised.
    """
    from distributed import get_worker

    worker = get_worker()
    key = worker.get_current_task()
    table = column_store.find(*kept_as)
    if table is None:
        return Absent(worker.address)
    slot = _take_slot(budget)
    try:
        with table:
            slot.give(parcel, table)
            _to_stop[key] = False
            output = _follow(slot, key, worker, lambda event: worker.log_event(topic, {"task": key, **event}))
    except BaseException:
        _end(slot)
        raise
    finally:
        _to_stop.pop(key, None)
    _put_back(budget, slot)
    return output


async def take_table(sent: str, kept_as: tuple[str, str], dask_worker: Any) -> None:
    """Write a table, which the parent sent to this worker under the name `sent`, to this machine's cache."""
    await asyncio.to_thread(column_store.keep_files, dask_worker.data[sent], *kept_as)


def ask_to_stop(key: str) -> None:
    """Ask the cell of a task to stop fitting, if this worker has it; called by the parent."""
    if key in _to_stop:
        _to_stop[key] = True


def release() -> None:
    """End the children that wait for more cells; called when a run is over."""
    with _lock:
        waiting = [pair for slots in _idle.values() for pair in slots.items()]
        _idle.clear()
    for slot, timer in waiting:
        timer.cancel()
        _end(slot)


def _end(slot: Slot) -> None:
    slot.close()
    _held.pop(slot).close()


def _take_slot(budget: Budget) -> Slot:
    with _lock:
        if waiting := _idle.get(budget):
            slot, timer = waiting.popitem()
            timer.cancel()
            return slot
    with ExitStack() as held:
        position, file = _free_position()
        held.enter_context(file)
        scratch = held.enter_context(scratch_folder())
        # It may serve a run with trials and one without.
        slot = Slot(budget, position, scratch, programs_folder(budget.threads))
        _held[slot] = held.pop_all()
    return slot


def _put_back(budget: Budget, slot: Slot) -> None:
    """Keep a slot for later cells; after a run that was killed none comes, and its child is ended."""
    timer = Timer(IDLE_S, _end_idle, (budget, slot))
    timer.daemon = True
    with _lock:
        _idle.setdefault(budget, {})[slot] = timer
    timer.start()


def _end_idle(budget: Budget, slot: Slot) -> None:
    with _lock:
        waited = _idle.get(budget, {}).pop(slot, None)
    if waited:
        _end(slot)


def _free_position() -> tuple[int, IO[bytes]]:
    """Return the first position that no slot on this machine has, and a file that holds it until it is closed.

    A cluster has workers of many threads, or many workers of a machine, and their names tell nothing of cores. The
    kernel lets go of what a killed worker held.
    """
    folder = Path(tempfile.gettempdir()) / f"suite-positions-{os.getuid()}"
    make_own(folder)
    for position in count():
        file = os.fdopen(open_lock(folder / str(position), 0o600), "ab")
        if try_lock(file.fileno()):
            break
        file.close()
    return position, file


def _follow(
    slot: Slot, key: str, worker: Any, tell: Callable[[dict[str, Any]], None]
) -> FitOutput | NotBegun:
    child = slot.child
    assert child is not None
    while True:
        for event in child.wait(TURN_S):
            if isinstance(event, Ending):
                return slot.take(event) or NotBegun(event.message or str(event.header.get("changed", "")))
            if event.type in ("started", "progress"):
                tell(dict(event.header))
            else:
                slot.hear(event)
        if _to_stop[key]:
            slot.stop()
            _to_stop[key] = False
        task = worker.state.tasks.get(key)
        if task is None or task.state != "executing":
            raise Cancelled(f"{child!r} was ended: its task was dropped")
