"""Cells in this very process: held to the threads of the run while it lasts."""

from __future__ import annotations

import os
import sys

import pytest

from suite import threads
from suite.execution.inline import Inline


@pytest.mark.skipif(sys.platform != "linux", reason="affinity is Linux's")
def test_what_a_cell_imports_in_this_process_reads_the_threads_of_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "environ", {"OMP_NUM_THREADS": "7"})
    with Inline(1, None):
        assert os.environ == threads.environment(1)
        assert len(os.sched_getaffinity(0)) == 1
