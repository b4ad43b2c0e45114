from __future__ import annotations

import errno
import fcntl
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

import pytest

from suite.errors import UsageError
from suite.execution import hold
from suite.execution.hold import holding

HOLD = (
    "import sys\nfrom pathlib import Path\nfrom suite.execution.hold import holding\n"
    "with holding(Path(sys.argv[1]), 'dummy on iris', print):\n    print('in', flush=True)\n    sys.stdin.read()"
)


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hold, "LOOK_S", 0.01)


class Enough(Exception):
    """The run has waited as long as the test needs it to."""


def stop_waiting(reason: str) -> None:
    raise Enough(reason)


def test_one_run_holds_a_folder_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with holding(tmp_path / "a" / "b" / "c", "dummy on iris", stop_waiting):
        assert (tmp_path / "a" / "b" / "c" / ".run").is_file()
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "there").mkdir()
    with holding(tmp_path / "there", "dummy on iris", stop_waiting):
        pass
    assert list((tmp_path / "there").iterdir()) == []


def test_another_run_is_told_whose_run_it_waits_for_and_a_kill_frees_the_folder(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "in\n"
    told: list[str] = []

    def wait(reason: str) -> None:
        told.append(reason)
        holder.kill()
        holder.communicate()

    with holding(tmp_path, "knn on iris", wait):
        pass
    (reason,) = told
    assert f"another run holds the folder '{tmp_path}', and" in reason
    assert f"process {holder.pid} on {os.uname().nodename}, since 20" in reason
    assert "dummy on iris" in reason


def test_runs_of_several_threads_hold_a_folder_one_after_the_other(tmp_path: Path) -> None:
    root = tmp_path / "results"
    inside, most = 0, 0

    def run() -> None:
        nonlocal inside, most
        for _ in range(20):
            with holding(root, "dummy on iris", lambda reason: None):
                inside += 1
                most = max(most, inside)
                assert root.is_dir()
                inside -= 1

    runs = [Thread(target=run) for _ in range(4)]
    for thread in runs:
        thread.start()
    for thread in runs:
        thread.join()
    assert most == 1
    assert not (root / ".run").exists()


def test_each_run_that_is_waited_for_is_named_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, looks, told = tmp_path / ".run", 0, list[str]()

    def name(pid: int) -> None:
        since = "2026-01-01T00:00:00+00:00"
        path.write_text(json.dumps({"pid": pid, "host": "there", "since": since, "about": "knn on iris"}))

    def look(seconds: float) -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            name(8)
        elif looks == 6:
            raise Enough

    monkeypatch.setattr(time, "sleep", look)
    name(7)
    with path.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(Enough), holding(tmp_path, "dummy", told.append):
            pass
    assert [reason.partition("process ")[2][:10] for reason in told] == ["7 on there", "8 on there"]


def test_a_run_within_a_run_of_the_same_folder_is_refused(tmp_path: Path) -> None:
    with (
        holding(tmp_path, "dummy on iris", stop_waiting),
        pytest.raises(UsageError, match="would wait for itself"),
        holding(tmp_path, "knn on iris", stop_waiting),
    ):
        pass


@pytest.mark.parametrize("said", ["", "nonsense", "[1]", '{"pid": 1}', '{"pid": 1, "since": 3}'])
def test_a_holder_that_does_not_say_who_it_is_is_waited_for(tmp_path: Path, said: str) -> None:
    path = tmp_path / ".run"
    path.write_text(said)
    with path.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(Enough, match="does not say whose"), holding(tmp_path, "dummy", stop_waiting):
            pass


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK])
def test_a_file_system_without_locks_is_refused_in_one_line_every_time(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(fd: int, operation: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", no_locks)
    for _ in range(2):
        with (
            pytest.raises(UsageError, match=f"{os.strerror(number)}; name another output folder"),
            holding(tmp_path / "results", "dummy on iris", stop_waiting),
        ):
            pass


def test_a_folder_that_cannot_be_held_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / ".run").symlink_to(tmp_path / "elsewhere")
    with (
        pytest.raises(UsageError, match=r"no run can hold .*: Too many levels"),
        holding(tmp_path, "dummy", stop_waiting),
    ):
        pass
    assert not os.path.lexists(tmp_path / "elsewhere")
    (tmp_path / "file").touch()
    with (
        pytest.raises(UsageError, match=r"no run can hold the folder '.*file': "),
        holding(tmp_path / "file", "dummy", stop_waiting),
    ):
        pass
