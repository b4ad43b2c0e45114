"""Runs for the tests: in an empty folder, with a cache of their own, by the API and as a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import suite
from suite import api
from suite.results import Results
from suite.supervision.processes import descendants, running

SOURCE = str(Path(suite.__file__).parents[1])
FAULTY = Path(__file__).with_name("faulty_models.py")
Run = Callable[..., Results]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with a cache and a folder for temporary files of its own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("SUITE_DATA", raising=False)
    return tmp_path


@pytest.fixture
def run(home: Path) -> Iterator[Run]:
    """Compare models on iris, one split; afterwards no process that this started is left."""
    before = set(descendants(os.getpid()))

    def run(*models: str, **options: Any) -> Results:
        options = {"data": "iris", "protocol": "holdout", "out": "results", **options}
        return api.run(models, options.pop("data"), **options)

    yield run
    until = time.monotonic() + 20
    while (left := running([pid for pid in descendants(os.getpid()) if pid not in before])) and (
        time.monotonic() < until
    ):
        time.sleep(0.02)
    assert left == []


@pytest.fixture
def command(home: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a command of suite as a process of its own; it does not outlive the test."""
    environment = {**os.environ, "PYTHONPATH": SOURCE, "COLUMNS": "100"}
    begun: list[subprocess.Popen[str]] = []
    # Whoever runs the tests in the background may have them ignore Ctrl-C, which what they start would inherit.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def start(*args: str, **options: Any) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "suite", *args],
            cwd=home,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **{"env": environment, **options},
        )
        begun.append(process)
        return process

    yield start
    signal.signal(signal.SIGINT, before)
    for process in begun:
        with process:  # closes its pipes
            process.kill()


@pytest.fixture
def faulty() -> Callable[[str], str]:
    """Return a function that gives the reference of a model that misbehaves."""
    return lambda name: f"{FAULTY}:{name}"
