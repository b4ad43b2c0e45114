"""Shared memory of a family: counted, its own where the kernel allows it, and gone with it in any case."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

from suite.supervision import shared_memory
from suite.supervision.shared_memory import SharedMemory, is_separable
from suite.supervision.verdict import Limits

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/dev/shm is Linux's")
FOLDER = Path("/dev/shm")


def names():
    return {path.name for path in FOLDER.iterdir()}


@pytest.fixture
def shared(monkeypatch):
    """Return the shared memory of a family that has none of its own."""
    monkeypatch.setattr(shared_memory, "is_separable", lambda: False)
    return SharedMemory()


@pytest.mark.skipif(not is_separable(), reason="no namespaces can be made here")
def test_files_that_nobody_holds_open_count_towards_the_limit(start, ending_of):
    ending, _ = ending_of(start(), "write_to_memory", limits=Limits(time_s=60, memory_mb=200))
    assert ending.status == "out_of_memory"
    assert not {name for name in names() if name.startswith("suite-test")}


@pytest.mark.skipif(not is_separable(), reason="no namespaces can be made here")
@pytest.mark.parametrize("then", ["exit_at_once", "segfault", "raise_error", "answer", "sleep"])
def test_nothing_is_left_of_it_however_a_job_ends(start, ending_of, then):
    before = names()
    child = start()
    ending, events = ending_of(child, "leave_shared_memory", then=then, limits=Limits(time_s=0.5))
    assert any(event.type == "left" for event in events), ending
    child.close()
    assert names() == before
    assert ctypes.CDLL(None).shmget(0x5EED, 4096, 0o600) == -1


@pytest.mark.skipif(not is_separable(), reason="no namespaces can be made here")
def test_a_job_sees_no_shared_memory_of_others(start, ending_of):
    mine = FOLDER / "suite-test-mine"
    mine.touch()
    try:
        ending, _ = ending_of(start(), "list_memory")
        assert ending.header["names"] == []
    finally:
        mine.unlink()


HOLD = """
import sys
from multiprocessing.shared_memory import SharedMemory
block = SharedMemory(create=True, size=int(sys.argv[1]))
block.buf[:] = bytes(b"x") * len(block.buf)
print(block.name, flush=True)
sys.stdin.read()
"""


def held(size):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(size)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    return process, process.stdout.readline().strip()


def test_without_namespaces_a_block_counts_while_it_is_open_and_is_removed_in_the_end(shared):
    process, name = held(8 << 20)
    with process:
        assert shared.unmapped_kb(process.pid, [process.pid]) == 8 << 10
        # All of it is mapped too, and stands in the process's own shared memory.
        assert shared.unmapped_kb(process.pid, [process.pid], exact=True) == 0
        assert name in names()
        process.kill()
    shared.clear()
    assert name not in names()


@pytest.mark.parametrize("name", ["TMPDIR", "SOME_FOLDER"])
def test_a_family_that_needs_a_folder_there_has_no_memory_of_its_own(start, ending_of, name):
    (FOLDER / "suite-test-needed").mkdir()
    try:
        child = start(env={name: str(FOLDER / "suite-test-needed")})
        assert "suite-test-needed" in ending_of(child, "list_memory")[0].header["names"]
    finally:
        (FOLDER / "suite-test-needed").rmdir()


def test_without_namespaces_what_carries_the_number_of_a_process_is_removed(shared):
    shared.unmapped_kb(os.getpid(), [4_123_456, 42])
    foreign = FOLDER / "psm_a42b17c3"
    foreign.touch()
    left = [FOLDER / "sem.loky-4123456-abc", FOLDER / "joblib_memmapping_folder_4123456_1_2"]
    left[0].touch()
    left[1].mkdir()
    (left[1] / "array.pkl").touch()
    shared.clear()
    assert not any(path.exists() for path in left)
    assert foreign.exists()
    foreign.unlink()


def test_what_others_made_stays(shared, monkeypatch):
    other = FOLDER / "suite-test-other"
    other.touch()
    process, name = held(4096)
    try:
        with process:
            # It was there before the family, or is open in a process that is none of it.
            late = SharedMemory()
            late.unmapped_kb(process.pid, [process.pid])
            late.clear()
            shared.unmapped_kb(process.pid, [process.pid])
            shared.clear()
            assert {other.name, name} <= names()
            process.kill()
    finally:
        other.unlink()
        (FOLDER / name).unlink(missing_ok=True)
