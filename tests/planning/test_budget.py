from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from suite.config import DataConfig, RunConfig
from suite.errors import UsageError
from suite.planning import budget
from suite.planning.budget import decide


@pytest.fixture(autouse=True)
def four_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "usable_cores", lambda: 4)
    monkeypatch.setattr(budget, "usable_memory_mb", lambda: 10_000.0)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1, 2, 3}, raising=False)


def config(**fields: Any) -> RunConfig:
    return RunConfig(models=("dummy",), data=(DataConfig(source="iris"),), out=Path("results"), **fields)


@pytest.mark.parametrize(
    ("cells", "threads", "workers"), [(1, 4, 1), (2, 2, 2), (3, 1, 4), (4, 1, 4), (100, 1, 4)]
)
def test_cores_are_divided_among_the_cells(cells: int, threads: int, workers: int) -> None:
    found = decide(config(), cells, None)
    assert (found.threads, found.workers) == (threads, workers)


def test_a_folder_keeps_the_threads_that_it_was_made_with() -> None:
    assert decide(config(), 100, 2).threads == 2
    assert decide(config(threads=2), 100, 2).threads == 2


def test_other_threads_than_the_folders_are_refused_with_both_numbers() -> None:
    with pytest.raises(UsageError, match="run with 2 threads each and --threads asks for 1"):
        decide(config(threads=1), 100, 2)
    with pytest.raises(UsageError, match="run with 1 thread each and --threads asks for 2"):
        decide(config(threads=2), 100, 1)


def test_more_threads_than_cores_are_clamped_and_noted() -> None:
    found = decide(config(threads=64), 100, None)
    assert (found.threads, found.workers) == (4, 1)
    assert "64" in found.notes[0]


def test_more_workers_than_the_cores_have_room_for_are_clamped_and_noted() -> None:
    found = decide(config(threads=2, workers=9), 100, None)
    assert found.workers == 2
    assert "9" in found.notes[0]


def test_exclusive_timing_and_the_inline_executor_do_one_cell_at_a_time() -> None:
    assert decide(config(timing="exclusive"), 100, None).workers == 1
    assert decide(config(executor="inline"), 100, None).workers == 1
    assert decide(config(executor="inline"), 100, None).threads == 4


def test_four_fifths_of_the_memory_are_divided_among_the_workers() -> None:
    assert decide(config(), 100, None).memory_mb == 2000
    assert decide(config(memory_limit_gb=0.5), 100, None).memory_mb == 500


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="affinity is Linux's")
def test_workers_have_disjoint_cores() -> None:
    found = decide(config(threads=2), 100, None)
    assert [found.cores(worker) for worker in range(2)] == [[0, 1], [2, 3]]
