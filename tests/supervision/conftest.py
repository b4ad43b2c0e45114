"""Children for the tests: every one is ended, and everything that it started is gone, when its test is over."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from suite.supervision.processes import descendants, running
from suite.supervision.supervise import Child
from suite.supervision.verdict import Ending

WORKER = str(Path(__file__).with_name("faulty_worker.py"))


@pytest.fixture
def gone():
    """Return a function that waits until none of some processes runs any more."""

    def check(pids):
        assert pids
        until = time.monotonic() + 20
        while (left := running(pids)) and time.monotonic() < until:
            time.sleep(0.01)
        assert left == []

    return check


@pytest.fixture
def start():
    """Return a function that starts the faulty worker, or another program, under supervision."""
    before = set(descendants(os.getpid()))
    children = []

    def start_child(argv=(sys.executable, WORKER), **options):
        children.append(Child(argv, **options))
        return children[-1]

    yield start_child
    for child in children:
        child.close()
    assert running([pid for pid in descendants(os.getpid()) if pid not in before]) == []


@pytest.fixture
def ending_of():
    """Return a function that gives a child one job and returns its ending and the events before that."""

    def run(child, job="answer", payload=b"", limits=None, **header):
        child.submit({"job": job, **header}, payload, limits=limits)
        return ending_after(child)

    return run


@pytest.fixture
def ending_of_start():
    """Return a function that waits for the ending of a child that has none but its start."""
    return ending_after


def ending_after(child):
    happened = []
    until = time.monotonic() + 60
    while not (happened and isinstance(happened[-1], Ending)):
        assert time.monotonic() < until, happened
        happened += child.wait(1.0)
    return happened[-1], happened[:-1]
