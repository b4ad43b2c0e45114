"""Kill runs at random moments, hundreds of times, and see that the next one makes everything whole.

``python benchmarks/crash_loop.py --kills 200`` starts runs of cheap cells and kills with -9 either the run itself
or one of its children (a worker or a guard). A folder in which every cell is done is checked and a new one begun:
every cell has to be there once, every record has to be readable and to agree with its predictions, no process and
no temporary file may be left, and the board's scores have to be those of a run that nobody disturbed.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from suite.store import Store
from suite.supervision.processes import descendants, running
from suite.verify import verify

MODELS, PROTOCOL, CELLS = ("dummy", "naive_bayes"), "cv5x2", 20
LONGEST_S = 3.0


def main() -> None:
    """Kill as often as asked, then say what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    generator = random.Random(options.seed)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        quiet = home / "undisturbed"
        start(quiet).wait()
        expected = quality(quiet)
        counts: Counter[str] = Counter()
        while counts["kills"] < options.kills:
            out = home / f"killed-{counts['folders']}"
            for done in kills_until_done(out, generator, options.kills - counts["kills"]):
                counts[done] += 1
                counts["kills"] += done.startswith("killed")
            check(out, expected)
            counts["folders"] += 1
            print(f"{counts['kills']} kills, {counts['folders']} folders made whole", flush=True)
            shutil.rmtree(out)
    report(counts, options.seed, time.monotonic() - begun)


def start(out: Path) -> subprocess.Popen[bytes]:
    """Start a run, in a folder of its own, without a terminal."""
    command = [sys.executable, "-m", "suite", "run", *MODELS, "--data", "iris"]
    command += ["--protocol", PROTOCOL, "--threads", "1", "--out", str(out), "--json"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(out.parent / "cache")}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def kills_until_done(out: Path, generator: random.Random, left: int) -> Iterator[str]:
    """Run and kill, again and again, until a run gets to its end with every cell ok or no kill is left."""
    while True:
        run = start(out)
        # Children are killed some times in one run, the run itself once.
        while left > 0:
            try:
                run.wait(generator.uniform(0.1, LONGEST_S))
                break
            except subprocess.TimeoutExpired:
                victim = generator.choice([run.pid, *descendants(run.pid)])
                kind = "run" if victim == run.pid else "child"
            family = descendants(run.pid)
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                continue
            left -= 1
            yield f"killed {kind}"
            if kind == "run":
                run.wait()
                wait_until_gone(family)
                break
        code = run.wait()
        yield f"runs that ended with {code}"
        if code == 0:
            return


def wait_until_gone(pids: list[int]) -> None:
    """Wait for the children of a run that was killed; they have seconds to be gone."""
    until = time.monotonic() + 20
    while running(pids):
        assert time.monotonic() < until, f"processes are left: {running(pids)}"
        time.sleep(0.05)


def check(out: Path, expected: str) -> None:
    """See that a folder is whole."""
    store = Store(out)
    records = store.records()
    assert store.unreadable == {}, store.unreadable
    assert len(records) == CELLS, len(records)
    assert len({record.key for record in records}) == CELLS
    assert len(list((out / "records").rglob("seed-*.json"))) == CELLS
    assert {record.status for record in records} == {"ok"}
    assert {finding.verdict for finding in verify(store)} == {"agrees"}
    assert not list(out.rglob("*.tmp")), list(out.rglob("*.tmp"))
    assert quality(out) == expected


def quality(out: Path) -> str:
    """Return the part of the board that holds scores and ranks; its title has the date."""
    board = (out / "iris" / PROTOCOL / "LEADERBOARD.md").read_text().partition("\n")[2]
    return board.split("## Time and memory")[0]


def report(counts: Counter[str], seed: int, seconds: float) -> None:
    """Print what was done."""
    print(f"seed {seed}, {seconds:.0f} s, {CELLS} cells a folder")
    for name, count in sorted(counts.items()):
        print(f"{count:6} {name}")
    print(
        "Every folder was whole: each cell once, every record readable and in agreement with its predictions,"
    )
    print("no process and no temporary file left, the board's scores those of an undisturbed run.")


if __name__ == "__main__":
    main()
