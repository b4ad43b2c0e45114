"""Start-up of `suite list` beside a bare interpreter, as whole processes."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

COMMANDS = {
    "bare interpreter": [sys.executable, "-c", "pass"],
    "suite list": [sys.executable, "-m", "suite", "list"],
    "suite run --help": [sys.executable, "-m", "suite", "run", "--help"],
}


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.benchmark(group="start-up")
def bench_startup(benchmark: Any, name: str) -> None:
    """One process from start to end."""
    benchmark.pedantic(
        subprocess.run,
        args=(COMMANDS[name],),
        kwargs={"check": True, "capture_output": True},
        rounds=7,
        warmup_rounds=1,
    )
