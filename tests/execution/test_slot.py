"""A worker's place: its folder is held by a lock, and what became of a cell is told as it was."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from suite import threads
from suite.datasets.column_store import Held
from suite.execution import slot
from suite.execution.parcel import Parcel, pack_output
from suite.execution.slot import Slot, scratch_folder
from suite.neural import programs
from suite.schema import Budget, Failure, FitOutput, Resources
from suite.supervision.verdict import Ending

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


def test_a_folder_deeper_than_any_recursion_is_removed(temporary: Path) -> None:
    here = Path.cwd()
    with scratch_folder() as folder:
        os.chdir(folder)
        try:
            for _ in range(1500):
                Path("d").mkdir()
                os.chdir("d")
        finally:
            os.chdir(here)
    assert list(temporary.iterdir()) == []


def test_a_file_system_without_locks_is_no_hindrance(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(file: object, how: int) -> None:
        raise OSError("Operation not supported")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with scratch_folder() as folder:
        assert folder.is_dir()
    assert not folder.exists()


@pytest.mark.parametrize(("sampled", "told"), [(50.0, 300.0), (300.0, 50.0), (None, 300.0), (300.0, None)])
def test_a_peak_that_samples_missed_is_told_by_the_child(
    temporary: Path, sampled: float | None, told: float | None
) -> None:
    budget = Budget(threads=1, workers=1, time_s=None, memory_mb=250.0)
    failed = FitOutput(
        status="out_of_memory",
        failure=Failure(kind="MemoryError", message="MemoryError"),
        resources=Resources(peak_rss_mb=told),
    )
    answer = {"output": pack_output(failed)}
    ending = Ending(
        status="out_of_memory",
        message="MemoryError",
        phase="run",
        header=answer,
        peak_mb=sampled,
        growth_mb=sampled,
    )
    job = {"arrays": [["test_rows", "|u1", 5]], "n_classes": 2}
    output = Slot(budget, 0, temporary)._output(ending, job)
    assert output.failure is not None
    assert (output.status, output.failure.peak_mb) == ("out_of_memory", 300.0)


class Recorded:
    """Stands for a child; keeps what it was started with."""

    started: list[Recorded]

    def __init__(self, command: object, *, cwd: str, env: dict[str, str], cores: object) -> None:
        self.cwd, self.env, self.cores, self.alive = cwd, env, cores, True
        self.started.append(self)

    def submit(self, header: dict[str, object], payload: bytes = b"", *, limits: object) -> None:
        self.header = header

    def interrupt(self) -> None: ...

    def close(self) -> None: ...


@pytest.mark.skipif(sys.platform != "linux", reason="cores are held on Linux alone")
def test_every_child_is_started_with_the_threads_the_cores_and_the_folder_of_its_place(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Recorded, "started", [], raising=False)
    monkeypatch.setattr(slot, "Child", Recorded)
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    budget = Budget(threads=3, workers=1, time_s=None, memory_mb=None)
    place = Slot(budget, 0, temporary, temporary / "programs")
    place.warm_up("logistic", "scikit-learn")
    with Held(temporary, "digest", (temporary / "lock").open("wb")) as table:
        for alone in (False, True):
            place.give(Parcel(header={"model": "logistic", "alone": alone}, payload=b""), table)
    warm, single = Recorded.started
    for child in (warm, single):
        assert child.env.items() >= threads.environment(3).items()
        assert child.env["SUITE_DATA"] == ""
        compiled = programs.environment(temporary / "programs", Path(child.cwd, "xla"))
        assert child.env.items() >= compiled.items()
        assert child.cores == budget.cores(0)
    assert warm.cwd != single.cwd
    assert (warm.header["model"], single.header["alone"]) == ("logistic", True)
    place.close()
