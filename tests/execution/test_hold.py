from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

import pytest

from suite.errors import UsageError
from suite.execution.agreement import joined, threads_at_work

HOLD = (
    "import sys\nfrom pathlib import Path\nfrom suite.execution.agreement import joined\n"
    "with joined(Path(sys.argv[1]), 4):\n    print('in', flush=True)\n    sys.stdin.read()"
)


def test_runs_at_work_on_one_folder_have_one_number_of_threads(tmp_path: Path) -> None:
    root = tmp_path / "results"
    assert threads_at_work(root) is None
    with joined(root, 2):
        assert threads_at_work(root) == 2
        with joined(root, 2), pytest.raises(UsageError, match="with 2 threads a cell, and this one has 1"):
            joined(root, 1).__enter__()
        assert threads_at_work(root) == 2
    assert threads_at_work(root) is None
    assert [path.name for path in root.iterdir()] == [".lock"]
    with joined(root, 1):
        assert threads_at_work(root) == 1


def test_a_run_that_was_killed_leaves_no_number_behind(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "in\n"
    assert threads_at_work(tmp_path) == 4
    holder.kill()
    holder.communicate()
    assert threads_at_work(tmp_path) is None
    with joined(tmp_path, 1):
        assert threads_at_work(tmp_path) == 1


def test_whoever_only_looks_is_in_nobodys_way(tmp_path: Path) -> None:
    stop = Event()

    def look() -> None:
        while not stop.is_set():
            threads_at_work(tmp_path)

    lookers = [Thread(target=look) for _ in range(2)]
    for looker in lookers:
        looker.start()
    try:
        for number in range(1, 200):
            with joined(tmp_path, number):
                pass
    finally:
        stop.set()
        for looker in lookers:
            looker.join()
    assert threads_at_work(tmp_path) is None


def test_without_locks_every_run_gets_one_line_and_looking_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(fd: int, operation: int) -> None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    (tmp_path / ".threads").write_text("4")
    monkeypatch.setattr(fcntl, "flock", no_locks)
    for _ in range(2):
        assert threads_at_work(tmp_path) is None
        with pytest.raises(UsageError, match="cannot be shared by runs: Function not implemented"):
            joined(tmp_path, 1).__enter__()


def test_a_folder_that_cannot_hold_the_number_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / ".threads").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="cannot be shared by runs: Too many levels"):
        joined(tmp_path, 1).__enter__()
    assert not os.path.lexists(tmp_path / "elsewhere")
