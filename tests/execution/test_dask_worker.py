"""Slots of a Dask worker: cells that run at once have cores of their own."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import pytest

from suite.execution import place
from suite.execution.budget import Budget


def test_slots_that_a_worker_has_at_once_get_different_positions_and_give_them_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    given: list[int] = []
    monkeypatch.setattr(Budget, "cores", lambda self, worker: given.append(worker))
    budget = Budget(threads=1, workers=1, time_s=None, memory_mb=None)
    first, second, third = (place._take_slot(budget) for _ in range(3))
    place._end(second)
    again = place._take_slot(budget)
    assert given == [0, 1, 2, 1]
    for slot in (first, third, again):
        place._end(slot)
    assert not place._held


def test_a_slot_that_no_cell_comes_for_is_ended_and_one_that_is_used_again_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(place, "IDLE_S", 0.2)
    budget = Budget(threads=1, workers=1, time_s=None, memory_mb=None)
    used, idle = (place._take_slot(budget) for _ in range(2))
    place._put_back(budget, used)
    assert place._take_slot(budget) is used
    place._put_back(budget, idle)
    until = time.monotonic() + 30
    while idle in place._held or idle.scratch.exists():
        assert time.monotonic() < until
        time.sleep(0.05)
    assert used.scratch.exists()
    place._put_back(budget, used)
    place.release()
    assert not place._held
