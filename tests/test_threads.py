from __future__ import annotations

import os
import subprocess
import sys

import pytest

from suite import threads


def test_the_environment_holds_every_library_to_the_budget() -> None:
    variables = threads.environment(3)
    assert {name: value for name, value in variables.items() if name.endswith("_THREADS")} == {
        "OMP_NUM_THREADS": "3",
        "OPENBLAS_NUM_THREADS": "3",
        "MKL_NUM_THREADS": "3",
        "NUMEXPR_NUM_THREADS": "3",
        "VECLIB_MAXIMUM_THREADS": "3",
        "TF_NUM_INTRAOP_THREADS": "3",
        "TF_NUM_INTEROP_THREADS": "1",
    }


def test_libraries_that_are_imported_in_the_block_read_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {"OMP_NUM_THREADS": "7", "KERAS_BACKEND": "theirs"})
    with threads.pinned(1):
        assert os.environ == threads.environment(1)
    # Keras's settings are the user's again; a library that read its number of threads keeps it.
    wanted = threads.environment(1) | {"KERAS_BACKEND": "theirs"}
    assert os.environ == {name: value for name, value in wanted.items() if name != "KERAS_HOME"}


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
        "before = threads.most_threads()\n"
        "with threads.limited(1):\n    within = threads.most_threads()\n"
        "print(before, within, threads.most_threads())"
    )
    # More than this machine may have cores, so that a limit can be seen.
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "3", "OMP_NUM_THREADS": "3"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.split() == ["3", "1", "3"]
