"""Slots of a Dask worker: cells that run at once have cores of their own."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import pytest

from suite.execution import dask_worker
from suite.schema import Budget


def test_slots_that_a_worker_has_at_once_get_different_positions_and_give_them_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    given: list[int] = []
    monkeypatch.setattr(Budget, "cores", lambda self, worker: given.append(worker))
    budget = Budget(threads=1, workers=1, time_s=None, memory_mb=None)
    first, second, third = (dask_worker._take_slot(budget) for _ in range(3))
    dask_worker._end(second)
    again = dask_worker._take_slot(budget)
    assert given == [0, 1, 2, 1]
    for slot in (first, third, again):
        dask_worker._end(slot)
    assert not dask_worker._held


@pytest.mark.parametrize("kind", ["link", "open", "pipe"])
def test_positions_are_not_taken_from_a_folder_that_somebody_else_has_laid_out(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = tmp_path / f"suite-positions-{os.getuid()}"
    if kind == "link":
        (tmp_path / "elsewhere").mkdir()
        folder.symlink_to(tmp_path / "elsewhere")
    else:
        folder.mkdir(mode=0o700)
    if kind == "open":
        folder.chmod(0o777)
    if kind == "pipe":
        os.mkfifo(folder / "0")
    with pytest.raises(OSError, match=r"another user's|no regular file|File exists"):
        dask_worker._take_slot(Budget(threads=1, workers=1, time_s=None, memory_mb=None))


def test_a_slot_that_no_cell_comes_for_is_ended_and_one_that_is_used_again_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(dask_worker, "IDLE_S", 0.2)
    budget = Budget(threads=1, workers=1, time_s=None, memory_mb=None)
    used, idle = (dask_worker._take_slot(budget) for _ in range(2))
    dask_worker._put_back(budget, used)
    assert dask_worker._take_slot(budget) is used
    dask_worker._put_back(budget, idle)
    until = time.monotonic() + 30
    while idle in dask_worker._held or idle.scratch.exists():
        assert time.monotonic() < until
        time.sleep(0.05)
    assert used.scratch.exists()
    dask_worker._put_back(budget, used)
    dask_worker.release()
    assert not dask_worker._held
