"""What runs inside a worker of a Dask cluster: each cell in the same supervised child as on the parent's machine."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, NamedTuple

from suite.datasets import columns
from suite.execution.budget import Budget
from suite.execution.parcel import Parcel
from suite.execution.slot import Slot, scratch_folder
from suite.schema import FitOutput
from suite.supervision.verdict import Outcome

TURN_S = 0.3
_idle: dict[Budget, list[Slot]] = {}
_lock = Lock()


class Absent(NamedTuple):
    """The answer of a worker that does not have the table's columns yet."""

    address: str


class NotBegun(NamedTuple):
    """The answer where no child could be started."""

    message: str


class Cancelled(Exception):
    """The run that asked for the cell is over."""


def fit_cell(parcel: Parcel, table_key: str, budget: Budget, topic: str) -> FitOutput | Absent | NotBegun:
    """Fit a cell in a supervised child of this worker; called by Dask, in a thread of the worker.

    Children stay warm for later cells. Progress goes to the parent as events of `topic`. When Dask drops the task,
    because its run was cancelled or its parent is gone, the child is ended.

    Raises
    ------
    Cancelled
        If the task was dropped.
    """
    from distributed import get_worker

    worker = get_worker()
    key = worker.get_current_task()
    table = columns.find(table_key)
    if table is None:
        return Absent(worker.address)
    slot = _take_slot(budget, worker.name)
    try:
        with table:
            slot.give(parcel, table.folder)
            output = _follow(
                slot,
                lambda: _is_wanted(worker, key),
                lambda event: worker.log_event(topic, {"task": key, **event}),
            )
    except BaseException:
        _end(slot)
        raise
    with _lock:
        _idle.setdefault(budget, []).append(slot)
    return output


def take_table(contents: Mapping[str, bytes], table_key: str) -> None:
    """Write a table that the parent sent to this machine's cache."""
    columns.keep_files(contents, table_key)


def release() -> None:
    """End the children that wait for more cells; called when a run is over."""
    with _lock:
        waiting = [slot for slots in _idle.values() for slot in slots]
        _idle.clear()
    for slot in waiting:
        _end(slot)


def _end(slot: Slot) -> None:
    slot.close()
    shutil.rmtree(slot.scratch, ignore_errors=True)


def _take_slot(budget: Budget, name: Any) -> Slot:
    with _lock:
        waiting = _idle.setdefault(budget, [])
        if waiting:
            return waiting.pop()
    position = name if isinstance(name, int) else 0
    return Slot(budget, position, scratch_folder())


def _is_wanted(worker: Any, key: Any) -> bool:
    task = worker.state.tasks.get(key)
    return task is not None and task.state == "executing"


def _follow(
    slot: Slot, is_wanted: Callable[[], bool], tell: Callable[[dict[str, Any]], None]
) -> FitOutput | NotBegun:
    child = slot.child
    assert child is not None
    while True:
        for event in child.wait(TURN_S):
            if isinstance(event, Outcome):
                return slot.take(event) or NotBegun(event.message)
            if event.type in ("started", "progress"):
                tell(dict(event.header))
        if not is_wanted():
            raise Cancelled(f"{child!r} was ended: its task was dropped")
