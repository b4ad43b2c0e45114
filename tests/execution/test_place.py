"""Slots of a Dask worker: cells that run at once have cores of their own."""

from __future__ import annotations

import tempfile
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
    assert not place._positions
