"""Searches in real processes: killed in the middle and resumed, and on a Dask cluster."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import suite
from suite.execution.search import OVER, seconds_of
from suite.schema import Record
from suite.store import TRIALS, Store
from suite.supervision.processes import descendants, running

pytestmark = pytest.mark.slow

SEARCHABLE = Path(__file__).with_name("searchable_models.py")


@contextmanager
def started(home: Path, out: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(Path(suite.__file__).parents[1]), *sys.path]),
    }
    line = ["run", *words, "--protocol", "holdout", "--threads", "1", "--workers", "2", "--out", out]
    process = subprocess.Popen(
        [sys.executable, str(SEARCHABLE), *line],
        cwd=home,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        with process:
            process.kill()


def run(home: Path, out: str, *words: str) -> Store:
    with started(home, out, *words) as process:
        said, _ = process.communicate(timeout=240)
        assert process.returncode == 0, said
    return Store(home / out)


def trials(home: Path, out: str) -> list[Path]:
    return sorted((home / out / TRIALS).rglob("seed-*.json"))


def killed(home: Path, out: str, n_trials: int, *words: str) -> None:
    """Kill a run, as the machine's keeper might, once so many trials are kept."""
    with started(home, out, *words) as process:
        until = time.monotonic() + 120
        while len(trials(home, out)) < n_trials:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < until
            time.sleep(0.02)
        children = descendants(process.pid)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=30)
        while running(children):
            assert time.monotonic() < until
            time.sleep(0.05)


def told(store: Store) -> dict[tuple[str, str], Any]:
    """What a run found, whatever it cost."""

    def of(record: Record) -> Any:
        tuning = record.tuning
        history = (
            [(t.number, t.origin, dict(t.params), t.status, t.score, t.fits) for t in tuning.history]
            if tuning
            else []
        )
        chosen = (tuning.chosen, tuning.inner_score, dict(tuning.weights)) if tuning else None
        return record.key, record.predictions_sha256, dict(record.params), history, chosen

    return {(record.model, record.variant): of(record) for record in store.records()}


BY_TRIALS = ("random_forest", "knn", "--data", "iris", "--tune", "10trials", "--portfolio", "1", "--ensemble")


def test_a_search_by_trials_that_was_killed_ends_as_one_that_was_not(home: Path) -> None:
    calm = told(run(home, "calm", *BY_TRIALS))
    assert len(calm) == 8
    killed(home, "out", 25, *BY_TRIALS)
    kept = {path: path.stat().st_mtime_ns for path in trials(home, "out")}
    assert told(run(home, "out", *BY_TRIALS)) == calm
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert len(trials(home, "out")) == len(trials(home, "calm"))


def test_a_search_by_seconds_that_was_killed_keeps_its_budget(home: Path) -> None:
    words = ("random_forest", "--data", "digits", "--tune", "12s")
    killed(home, "out", 8, *words)
    store = run(home, "out", *words)
    spent = [seconds_of(record) for path in trials(home, "out") if (record := store._read(path))]
    assert len(spent) > 8
    assert 12 * 0.8 < sum(spent) <= 12 * OVER
    (tuned,) = (record for record in store.records() if record.variant == "tuned")
    assert tuned.tuning
    assert tuned.tuning.seconds == pytest.approx(sum(spent), abs=0.1)
    before = trials(home, "out")
    assert told(run(home, "out", *words)) == told(store)
    assert trials(home, "out") == before


def test_dask_finds_what_local_workers_find(home: Path) -> None:
    pytest.importorskip("distributed")
    assert told(run(home, "dask", *BY_TRIALS, "--executor", "dask")) == told(run(home, "local", *BY_TRIALS))


@pytest.mark.parametrize("executor", ["local", "dask"])
def test_a_trial_ends_where_its_search_has_nothing_left(executor: str, home: Path) -> None:
    if executor == "dask":
        pytest.importorskip("distributed")
    words = ("random_forest:n_estimators=50000", "--data", "digits", "--tune", "3s", "--time-limit", "8")
    with started(home, "out", *words, "--executor", executor) as process:
        said, _ = process.communicate(timeout=240)
        assert process.returncode == 1, said
    store = Store(home / "out")
    (trial,) = (store._read(path) for path in trials(home, "out"))
    assert trial
    assert trial.failure
    assert (trial.status, trial.failure.limit) == ("timeout", pytest.approx(3 * OVER - 0.1))
    assert trial.timing.wall_s is not None
    assert trial.timing.wall_s >= 3.0
    (tuned,) = (record for record in store.records() if record.variant == "tuned")
    assert (tuned.status, tuned.failure and tuned.failure.limit) == ("timeout", 8.0)
    assert tuned.tuning
    assert [(one.status, one.fits) for one in tuned.tuning.history] == [("pruned", 1)]
