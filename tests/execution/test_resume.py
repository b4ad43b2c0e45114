"""Runs that are stopped, killed, doubled or starved of disk: what is there afterwards, and what the next run does."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from suite import api
from suite.commands import main
from suite.errors import UsageError
from suite.results import Results
from suite.store import Store
from suite.supervision.processes import descendants, running

Run = Callable[..., Results]
Start = Callable[..., "subprocess.Popen[str]"]
FAULTY = Path(__file__).with_name("faulty_models.py")
CELLS = ["--data", "iris", "--protocol", "cv3"]


def records_in(home: Path, folder: str = "results") -> list[Path]:
    return sorted((home / folder / "records").rglob("seed-*.json"))


def wait_for_records(home: Path, process: subprocess.Popen[str], count: int) -> None:
    until = time.monotonic() + 60
    while len(records_in(home)) < count:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.05)


def are_gone(pids: list[int]) -> bool:
    until = time.monotonic() + 20
    while running(pids) and time.monotonic() < until:
        time.sleep(0.02)
    return not running(pids)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_interrupted_keeps_what_it_has_and_goes_on_later(
    number: signal.Signals, home: Path, command: Start, run: Run
) -> None:
    process = command("run", "dummy", f"{FAULTY}:Tires", *CELLS, "--time-limit", "60")
    wait_for_records(home, process, 5)
    children = descendants(process.pid)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert err.splitlines()[-1] == "suite: interrupted; what was finished is kept"
    assert "Traceback" not in out + err
    assert children
    assert are_gone(children)
    board = home / "results" / "iris" / "cv3" / "LEADERBOARD.md"
    assert "**Partial: the run was interrupted, and 1 fit is not done yet.**" in board.read_text()
    before = {path: path.read_bytes() for path in records_in(home)}
    assert run("dummy", protocol="cv3", executor="inline").failed == []
    assert {path: path.read_bytes() for path in records_in(home)} == before
    assert "Partial" not in board.read_text()


def test_a_run_that_is_killed_leaves_no_process_and_goes_on_later(
    home: Path, command: Start, run: Run
) -> None:
    process = command("run", "dummy", f"{FAULTY}:Tires", *CELLS, "--time-limit", "60")
    wait_for_records(home, process, 4)
    children = descendants(process.pid)
    process.kill()
    process.communicate()
    assert children
    assert are_gone(children)
    kept = {path: path.read_bytes() for path in records_in(home)}
    again = run("dummy", protocol="cv3", executor="inline")
    assert (len(again.records), again.failed) == (3, [])
    now = {path: path.read_bytes() for path in records_in(home)}
    assert kept.items() <= now.items()
    assert len(now) == 5


KILL_AT = """
import os, signal, sys, time
from pathlib import Path
from suite import api, disk
import sklearn.metrics, pandas

def run():
    return api.run(["dummy"], "iris", protocol="holdout", executor="inline", out="results")

def forked(action):
    pid = os.fork()
    if pid == 0:
        try:
            action()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

def dying_at(point):
    calls = 0
    def wrapped(original):
        def call(*args, **options):
            nonlocal calls
            calls += 1
            if calls == point:
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*args, **options)
        return call
    os.fsync = wrapped(os.fsync)
    Path.replace = wrapped(Path.replace)
    Path.open = wrapped(Path.open)
    Path.unlink = wrapped(Path.unlink)
    run()

os.mkdir("before")
os.chdir("before")
run()
os.chdir("..")
point, killed = 0, -9
while killed == -9:
    point += 1
    os.mkdir(f"at-{point}")
    os.chdir(f"at-{point}")
    killed = forked(lambda: dying_at(point))
    assert forked(run) == 0
    os.chdir("..")
print(point)
"""


@pytest.mark.slow
def test_a_run_that_is_killed_at_any_write_leaves_nothing_torn(home: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(api.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", KILL_AT],
        capture_output=True,
        text=True,
        env=environment,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    points = int(done.stdout)
    assert points > 15
    boards = set()
    for point in range(1, points + 1):
        store = Store(home / f"at-{point}" / "results")
        (record,) = store.records()
        assert store.unreadable == {}
        assert record.status == "ok"
        assert store.predictions(record).proba.shape == (30, 3)
        assert list(store.root.rglob("*.tmp")) == []
        board = (store.root / "iris" / "holdout" / "LEADERBOARD.md").read_text()
        # Its title has the date.
        board = board.partition("\n")[2]
        boards.add(board.split("## Time and memory")[0].split("## Notes")[0])
    assert len(boards) == 1


@pytest.mark.parametrize("fails", [errno.ENOSPC, errno.EROFS])
def test_a_disk_that_is_full_ends_the_run_and_leaves_the_boards_as_they_were(
    fails: int, home: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("dummy")
    before = {path: path.read_bytes() for path in (home / "results").rglob("*") if path.is_file()}

    def no_room(descriptor: int) -> None:
        raise OSError(fails, os.strerror(fails))

    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(UsageError, match=os.strerror(fails)):
        run("dummy", "naive_bayes", threads=2, fresh=True)
    after = {path: path.read_bytes() for path in (home / "results").rglob("*") if path.is_file()}
    assert after == before


def test_a_second_run_waits_for_the_first_and_does_not_do_its_cells_again(home: Path, command: Start) -> None:
    args = ["run", "dummy", "naive_bayes", "--data", "iris", "--protocol", "cv5", "--json"]
    both = [command(*args) for _ in range(2)]
    outputs = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    found = [{json.loads(line)["key"]: json.loads(line) for line in out.splitlines()} for out, _ in outputs]
    assert found[0] == found[1]
    assert len(found[0]) == len(records_in(home)) == 10
    assert {record["attempt"] for record in found[0].values()} == {1}
    assert sum("another run holds the folder 'results'" in err for _, err in outputs) == 1


def wait_until_said(process: subprocess.Popen[str], words: str) -> str:
    """Return the line of standard error that holds some words."""
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return line
    raise AssertionError(f"{words!r} was not said")


def test_a_run_that_waits_says_for_whom_goes_on_after_a_kill_and_can_be_interrupted(
    home: Path, command: Start
) -> None:
    first = command("run", f"{FAULTY}:sleeps", *CELLS, "--time-limit", "60")
    until = time.monotonic() + 60
    while not (home / "results" / ".run").exists():
        assert time.monotonic() < until
        time.sleep(0.05)
    assert main(["run", "dumy", *CELLS, "--json"]) == 2
    waits = command("run", "dummy", *CELLS, "--json")
    line = wait_until_said(waits, "another run holds the folder 'results'")
    assert f"process {first.pid} on {os.uname().nodename}, since " in line
    assert f"{FAULTY}:sleeps on iris" in line
    waits.send_signal(signal.SIGINT)
    assert waits.wait(30) == 130
    again = command("run", "dummy", *CELLS, "--json")
    wait_until_said(again, "another run holds the folder 'results'")
    assert not records_in(home)
    assert main(["report"]) == 2
    first.kill()
    out, err = again.communicate(timeout=60)
    assert again.returncode == 0, err
    assert len(out.splitlines()) == 3
    assert not (home / "results" / ".run").exists()


def test_a_timeout_runs_again_under_a_larger_limit_only(run: Run, faulty: Callable[[str], str]) -> None:
    cell = faulty("sleeps")
    assert run(cell, time_limit_s=0.5).records[0].attempt == 1
    assert run(cell, time_limit_s=0.4).records[0].attempt == 1
    assert run(cell, time_limit_s=0.8).records[0].attempt == 2


def test_other_code_data_or_seed_is_another_cell_and_the_old_record_stays(home: Path, run: Run) -> None:
    (home / "mine.py").write_text(FAULTY.read_text())
    (home / "t.csv").write_text("a,b\n" + "".join(f"{i % 9},{'xy'[i % 2]}\n" for i in range(40)))

    def keys(**options: object) -> set[str]:
        given = {"data": "t.csv", "target": "b", "protocol": "holdout", "executor": "inline", **options}
        return {record.key for record in run("mine.py:Prior", **given).records}

    seen = keys()
    assert keys() == seen
    (more,) = keys(seeds=2) - seen
    seen |= {more}
    with (home / "mine.py").open("a") as file:
        file.write("# another version\n")
    (other_code,) = keys()
    with (home / "t.csv").open("a") as file:
        file.write("41,x\n")
    (other_data,) = keys()
    assert len(seen | {other_code, other_data}) == 4
    # Beside them the floor, once for each state of the table.
    assert sum(path.parent.name != "dummy" for path in records_in(home)) == 4
    assert len(records_in(home)) == 6
    again = run("mine.py:Prior", data="t.csv", target="b", protocol="holdout", executor="inline")
    (shown,) = (row for row in again.boards[0].rows if row.model != "dummy")
    assert shown.n_ok == 1


def test_a_model_without_a_seed_of_its_own_is_told_on_by_a_repeat(
    run: Run, faulty: Callable[[str], str]
) -> None:
    run(faulty("Random"), executor="inline")
    (record,) = run(faulty("Random"), executor="inline", fresh=True).records
    assert record.status == "ok"
    assert any("the same seed gave other predictions: " in note for note in record.notes)
    run("dummy", executor="inline")
    (same,) = run("dummy", executor="inline", fresh=True).records
    assert not any("other predictions" in note for note in same.notes)
