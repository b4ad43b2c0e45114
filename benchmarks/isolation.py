"""What isolation costs: whole runs beside plain scripts, cheap cells beside bare fits, memory beside the table.

``python benchmarks/isolation.py race|cells|memory``, each a minute or more on a machine that is otherwise idle. The
plain script reads the same table, builds the same pipelines and fits them one after the other with all cores, in one
process.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median

from suite.supervision.processes import descendants

RACERS = ("logistic", "hist_gb", "lightgbm", "xgboost")
LARGE, SMALL = "synthetic:rows=1000000,features=20", "synthetic:rows=2000,features=20"
TABLE_MB = 1_000_000 * 20 * 4 / 1e6


def main() -> None:
    """Run one of the comparisons and print its ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["race", "cells", "memory", "plain"])
    parser.add_argument("names", nargs="*", help="for plain: data set, then models")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    if options.what == "plain":
        plain(options.names[0], options.names[1:])
    elif options.what == "race":
        race(options.repeats)
    elif options.what == "cells":
        cells()
    else:
        memory()


def plain(source: str, models: Sequence[str]) -> None:
    """Fit and predict some models one after the other with all cores, without anything around it."""
    from suite import threads
    from suite.config import DataConfig
    from suite.datasets.catalogue import load
    from suite.datasets.column_store import plain_columns
    from suite.execution.assignment import assign, job_of
    from suite.models.catalogue import resolve
    from suite.planning.cells import cells_of
    from suite.protocol import Protocol
    from suite.schema import Context

    cores = len(os.sched_getaffinity(0))
    os.environ.update(threads.environment(cores))
    dataset = load(DataConfig(source=source))
    split = Protocol.parse(dataset.protocol).splits(dataset)[0]
    for name in models:
        work = cells_of([resolve(name)], dataset, [split], seeds=1)[0]
        job = job_of(work, assign(work), plain_columns(dataset.X), cores, None)
        model = resolve(name).spec.build(job.task, Context(seed=job.seed, threads=cores), **job.params)
        model.fit(job.X_train, job.y_train)
        model.predict_proba(job.X_test)


def race(repeats: int) -> None:
    """Compare a run of four models through the workers with the plain script, in turns."""
    ours, theirs = [], []
    for turn in range(repeats):
        theirs.append(timed([sys.executable, __file__, "plain", "music_genre", *RACERS]))
        ours.append(timed(suite_run(["music_genre"], RACERS)))
        print(f"turn {turn}: plain script {theirs[-1]:.1f} s, suite {ours[-1]:.1f} s", flush=True)
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    print(f"suite / plain: median {median(ratios):.2f}, {', '.join(f'{ratio:.2f}' for ratio in ratios)}")


def cells() -> None:
    """Say what a cheap cell of digits takes beyond its fit and its predictions, in a warm worker."""
    from suite import api
    from suite.events import Event, Finished
    from suite.fitting.measure import LATENCY_BUDGET_S

    with tempfile.TemporaryDirectory() as folder:
        ends: list[tuple[float, float, float]] = []

        def watch(event: Event) -> None:
            if isinstance(event, Finished):
                timing = event.record.timing
                fit = (timing.fit_s or 0.0) + (timing.predict_s or 0.0)
                probe = min(LATENCY_BUDGET_S, 201 * (timing.latency_ms_p50 or 0.0) / 1e3)
                ends.append((time.perf_counter(), fit, probe))

        api.run(
            ["dummy", "naive_bayes"],
            "digits",
            protocol="cv5x4",
            workers=1,
            threads=1,
            out=folder,
            watch=watch,
        )
    added = [b - a - fit - probe for (a, _, _), (b, fit, probe) in pairwise(ends[1:])]
    print(
        f"{len(ends)} cells: {median(added):.3f} s a cell beyond fit and predict, the most {max(added):.3f} s"
    )


def memory() -> None:
    """Compare the peak memory of a run on a large table with that on a small one, and with bare fits.

    Few trees, since the rows take the memory; one core, so that nothing depends on how many there are.
    """
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    for model in ("lightgbm:n_estimators=10", "hist_gb:max_iter=10"):
        found = {}
        for kind, command in (
            ("suite", lambda source, model=model: suite_run([source], [model])),
            ("bare", lambda source, model=model: [sys.executable, __file__, "plain", source, model]),
        ):
            found[kind] = peak_mb(command(LARGE)) - peak_mb(command(SMALL))
            print(
                f"{model:24} {kind:6} {found[kind]:6.0f} MB above imports: {found[kind] / TABLE_MB:.2f} tables"
            )
        print(f"{model:24} suite / bare {found['suite'] / found['bare']:.2f}", flush=True)


def suite_run(sources: Sequence[str], models: Sequence[str]) -> list[str]:
    """Return the command of a run into a folder of its own."""
    out = tempfile.mkdtemp()
    data = [word for source in sources for word in ("--data", source)]
    return [sys.executable, "-m", "suite", "run", *models, *data, "--out", out, "--json"]


def timed(command: Sequence[str]) -> float:
    """Return the seconds of a whole process."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def peak_mb(command: Sequence[str], read: Callable[[int], float] | None = None) -> float:
    """Return the largest memory that a process and all it starts hold together, shared pages counted once."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, sum(map(read or anonymous_mb, [process.pid, *descendants(process.pid)])))
        time.sleep(0.05)
    assert process.returncode == 0, command
    return peak


def anonymous_mb(pid: int) -> float:
    """Return a process's share of anonymous memory; files, such as the cached columns, are the system's."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss_Anon:"):
                return int(line.split()[1]) * 1024 / 1e6
    except OSError:
        return 0.0
    return 0.0


if __name__ == "__main__":
    main()
