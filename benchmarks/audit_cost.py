"""Measure what `suite audit` takes on tables of two sizes, reading the file included.

``python benchmarks/audit_cost.py`` writes each table to a temporary folder, audits it in a process of its own, and
prints its seconds, the seconds of its processor time, and its peak memory.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

SIZES = ((50_000, 18), (1_000_000, 20))
CHILD = """
import sys
from pathlib import Path
from suite.commands import main
code = main(sys.argv[1:])
sys.stderr.write(Path("/proc/self/status").read_text())
sys.exit(code)
"""
"""Audits and says what memory it took at most; `getrusage` would count what the parent held as well."""


def main() -> None:
    """Measure every size."""
    with tempfile.TemporaryDirectory() as folder:
        for n, n_columns in SIZES:
            path = Path(folder) / f"table_{n}.csv"
            write(path, n, n_columns)
            command = [sys.executable, "-c", CHILD, "audit", str(path), "--target", "y", "--out", folder]
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            began = time.monotonic()
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            seconds = time.monotonic() - began
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            peak = next(int(line.split()[1]) for line in done.stderr.splitlines() if line.startswith("VmHWM"))
            print(
                f"{n:,} x {n_columns}: {seconds:.1f} s, {cpu:.1f} s of processor time, {peak * 1024 / 1e6:.0f} MB"
            )


def write(path: Path, n: int, n_columns: int) -> None:
    """Write a table of numbers, counts, text, dates and a column of groups; 1 % of its rows are repeated."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 5, n)
    columns = {f"x{i}": (rng.normal(size=n) + 0.3 * y * (i % 3 == 0)).round(4) for i in range(n_columns - 6)}
    columns["count"], columns["age"] = rng.poisson(4, n), rng.integers(18, 90, n)
    columns["colour"] = rng.choice(["red", "green", "blue"], n)
    columns["town"] = rng.choice([f"town {i}" for i in range(300)], n)
    columns["shop"] = np.array([f"shop {i}" for i in range(n // 20)])[rng.integers(0, n // 20, n)]
    days = rng.integers(0, 900, n).astype("timedelta64[D]")
    columns["seen"] = np.datetime_as_string(np.datetime64("2020-01-01") + days)
    table = pd.DataFrame(columns).assign(y=y)
    pd.concat([table.iloc[: -n // 100], table.iloc[: n // 100]]).to_csv(path, index=False)


if __name__ == "__main__":
    main()
