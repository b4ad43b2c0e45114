from __future__ import annotations

import os
import subprocess
import sys

import pytest

from suite import threads


def test_the_environment_holds_every_library_to_the_budget() -> None:
    variables = threads.environment(3)
    assert {variables[name] for name in variables if name.endswith("NUM_THREADS")} == {"3"}


@pytest.mark.skipif(sys.platform != "linux", reason="affinity is Linux's")
def test_cores_are_given_back_after_the_block(monkeypatch: pytest.MonkeyPatch) -> None:
    before = os.sched_getaffinity(0)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    with threads.pinned(1):
        assert len(os.sched_getaffinity(0)) == 1
    assert os.sched_getaffinity(0) == before


def test_loaded_libraries_obey_the_limit() -> None:
    code = (
        "import numpy, sklearn.ensemble\nfrom suite import threads\n"
        "with threads.limited(1):\n    assert threads.most_threads() == 1"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
