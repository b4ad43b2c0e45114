"""Folders for files of children: held by a lock, so that only what a killed run left is removed."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from suite.execution.slot import scratch_folder

HOLD = """
import sys, time
from suite.execution.slot import scratch_folder
with scratch_folder() as folder:
    print(folder, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files, of this process and of those that it starts."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def age(folder: Path) -> None:
    os.utime(folder, (0, 0))


def test_a_folder_is_there_until_it_is_let_go_of(temporary: Path) -> None:
    with scratch_folder() as folder:
        (folder / "proba.npz").touch()
        assert list(temporary.iterdir()) == [folder]
    assert list(temporary.iterdir()) == []


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_has_is_not(temporary: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        theirs = Path(process.stdout.readline().strip())
        age(theirs)
        with scratch_folder():
            assert theirs.is_dir()
        process.kill()
    with scratch_folder():
        assert not theirs.exists()


def test_a_folder_that_was_just_made_and_is_not_locked_yet_stays(temporary: Path) -> None:
    young = Path(tempfile.mkdtemp(prefix="suite-scratch-"))
    with scratch_folder():
        assert young.is_dir()
    age(young)
    with scratch_folder():
        assert not young.exists()


def test_a_container_removes_no_folder_of_a_process_outside(
    temporary: Path, in_a_container: Callable[[str], None]
) -> None:
    with scratch_folder() as folder:
        age(folder)
        in_a_container("from suite.execution.slot import scratch_folder\nwith scratch_folder(): pass")
        assert folder.is_dir()


def test_a_file_system_without_locks_is_no_hindrance(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(file: object, how: int) -> None:
        raise OSError("Operation not supported")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with scratch_folder() as folder:
        assert folder.is_dir()
    assert not folder.exists()
