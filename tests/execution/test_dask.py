"""Cells on a Dask cluster: the records of a local run, also where a worker dies, and nothing left of a stopped run."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from suite.datasets.column_file import digest_on_disk
from suite.datasets.column_store import Held
from suite.errors import UsageError
from suite.execution.cluster import _ask, connected
from suite.execution.dask import Dask
from suite.results import Results
from suite.schema import Budget
from suite.supervision.processes import descendants, running

Client = pytest.importorskip("distributed").Client

Run = Callable[..., Results]
Start = Callable[..., "subprocess.Popen[str]"]
FAULTY = Path(__file__).with_name("faulty_models.py")
CELLS = ["dummy", "knn", "--data", "iris", "--protocol", "cv3", "--threads", "1", "--json"]
# What another run of the same cells may say otherwise.
TIMED = ("timing", "resources", "provenance", "content_sha256")


def records(out: str) -> dict[str, dict[str, Any]]:
    found = [json.loads(line) for line in out.splitlines()]
    return {record["key"]: {k: v for k, v in record.items() if k not in TIMED} for record in found}


@contextmanager
def existing_cluster(home: Path, n_workers: int = 1, lines: str = "") -> Iterator[tuple[int, str]]:
    """A cluster with a cache of its own, whose scheduler tells its workers late, as on a busy machine.

    Its workers run `lines` first.
    """
    code = (
        "import os, sys\nfrom distributed import LocalCluster, scheduler\n"
        "prompt = scheduler.BatchedSend\n"
        "scheduler.BatchedSend = lambda interval, **options: prompt('100ms', **options)\n"
        f"{lines}\n"
        "if __name__ == '__main__':\n"
        "    os.environ['XDG_CACHE_HOME'] = 'elsewhere'\n"
        f"    cluster = LocalCluster(n_workers={n_workers}, threads_per_worker=1, host='127.0.0.1',\n"
        "                           dashboard_address=None, memory_limit=0)\n"
        "    print(cluster.scheduler_address, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    (home / "cluster.py").write_text(code)
    process = subprocess.Popen(
        [sys.executable, "cluster.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=home
    )
    try:
        assert process.stdout is not None
        yield process.pid, f"dask:{process.stdout.readline().strip()}"
    finally:
        process.communicate("", timeout=60)


def dask_workers(process: subprocess.Popen[str]) -> list[int]:
    def line(pid: int) -> str:
        try:
            return Path(f"/proc/{pid}/cmdline").read_text()
        except OSError:
            return ""

    return [pid for pid in descendants(process.pid) if "multiprocessing.spawn" in line(pid)]


def is_worker(pid: int) -> bool:
    return b"multiprocessing-fork" in Path(f"/proc/{pid}/cmdline").read_bytes()


def children_of_cells(cluster: int) -> list[int]:
    """Return the children of a cluster's workers that were started for cells."""
    return [
        pid
        for pid in descendants(cluster)
        if b"suite.execution.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


def wait_for(condition: Callable[[], object]) -> None:
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.slow
def test_a_cluster_of_two_workers_gives_the_records_of_a_local_run(command: Start) -> None:
    here, there = (
        command("run", *CELLS, "--out", kind, "--executor", kind).communicate(timeout=120)
        for kind in ("local", "dask")
    )
    assert len(records(here[0])) == 6, here[1]
    assert records(there[0]) == records(here[0]), there[1]


@pytest.mark.slow
def test_a_worker_of_the_cluster_that_is_killed_loses_no_cell(home: Path, command: Start) -> None:
    process = command("run", *CELLS[:4], "--protocol", "cv10", "--json", "--executor", "dask")
    wait_for(lambda: list((home / "results" / "records").rglob("seed-*.json")) or process.poll() is not None)
    workers = dask_workers(process)
    assert len(workers) == min(2, len(os.sched_getaffinity(0)))
    os.kill(workers[0], signal.SIGKILL)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    found = records(out)
    assert len(found) == 20
    assert {record["status"] for record in found.values()} == {"ok"}


@pytest.mark.slow
def test_a_worker_of_the_cluster_that_is_stopped_holds_nobody_up(home: Path, command: Start) -> None:
    process = command("run", *CELLS[:4], "--protocol", "cv10", "--json", "--executor", "dask")
    wait_for(lambda: list((home / "results" / "records").rglob("seed-*.json")) or process.poll() is not None)
    for worker in dask_workers(process):
        os.kill(worker, signal.SIGSTOP)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert {record["status"] for record in records(out).values()} == {"ok"}


@pytest.mark.slow
def test_the_cells_of_a_worker_elsewhere_that_is_stopped_go_to_another(home: Path, command: Start) -> None:
    with existing_cluster(home, n_workers=2) as (cluster, executor):
        stopped = next(pid for pid in descendants(cluster) if is_worker(pid))
        os.kill(stopped, signal.SIGSTOP)
        try:
            out, err = command("run", *CELLS, "--executor", executor).communicate(timeout=120)
        finally:
            os.kill(stopped, signal.SIGCONT)
    assert {record["status"] for record in records(out).values()} == {"ok"}, err


def test_a_cluster_of_our_own_lets_nobody_in_and_shows_nothing(home: Path) -> None:
    with connected(None, 1) as client:
        address = client.scheduler.address
        assert address.startswith("tls://127.0.0.1:")
        with pytest.raises(UsageError, match="no Dask scheduler answers"):
            _ask(address.replace("tls://", "tcp://"))
        ports = set(client.sync(client.scheduler.identity)["services"].values())
        assert 8787 not in ports
        for port in ports:
            with pytest.raises(HTTPError, match="404"):
                urlopen(f"http://127.0.0.1:{port}/json/identity.json", timeout=10)
        assert client.submit(lambda: sys.flags.safe_path).result(timeout=60)


@pytest.mark.slow
def test_an_existing_cluster_gets_the_table_once_and_a_cancelled_run_leaves_nothing_there(
    home: Path, command: Start
) -> None:
    with existing_cluster(home) as (cluster, executor):
        out, err = command("run", *CELLS, "--executor", executor).communicate(timeout=120)
        assert len(records(out)) == 6, err
        assert len(list((home / "elsewhere" / "suite" / "columns").glob("*/columns"))) == 1
        quiet = set(descendants(cluster))
        hangs = command(
            "run", f"{FAULTY}:sleeps", "--data", "iris", "--executor", executor, "--time-limit", "60"
        )
        wait_for(lambda: len(set(descendants(cluster)) - quiet) >= 2)
        hangs.send_signal(signal.SIGINT)
        _, err = hangs.communicate(timeout=60)
        assert hangs.returncode == 130, err
        wait_for(lambda: not running(list(set(descendants(cluster)) - quiet)))


@pytest.mark.slow
def test_a_worker_that_cannot_keep_the_table_fails_the_cells_and_ends_the_run(
    home: Path, command: Start
) -> None:
    (home / "file").write_text("a file, where a folder is needed")
    nowhere = (
        "from pathlib import Path\nfrom suite.datasets import column_store\n"
        "column_store.roots = lambda: [Path('file')]"
    )
    with existing_cluster(home, lines=nowhere) as (_, executor):
        process = command("run", *CELLS, "--executor", executor)
        out, err = process.communicate(timeout=120)
    assert process.returncode == 1, err
    failures = [record["failure"] for record in records(out).values()]
    assert [failure["kind"] for failure in failures] == ["Start"] * 6
    assert "Error: " in failures[0]["message"]


@pytest.mark.slow
def test_a_cluster_that_stays_without_workers_gives_one_clear_line(home: Path) -> None:
    code = (
        "import sys\nfrom suite.execution import dask\nfrom suite.commands import main\n"
        "dask.NO_WORKER_S, dask.TOLD_S = 1, 0.1\n"
        "sys.exit(main(['run', 'dummy', '--data', 'iris', '--executor', sys.argv[1]]))"
    )
    with existing_cluster(home, n_workers=0) as (_, executor):
        done = subprocess.run(
            [sys.executable, "-c", code, executor], capture_output=True, text=True, timeout=60, check=False
        )
    assert done.returncode == 2
    assert done.stderr == (
        "· the Dask cluster has no worker; waiting for one, 1 s at most\n"
        "suite: the Dask cluster has had no worker for 1 s; what was finished is kept\n"
    )
    assert done.stdout == ""


@pytest.mark.slow
def test_two_tables_on_their_way_to_one_worker_are_not_confused(home: Path) -> None:
    for key in ("one", "other"):
        (home / key).mkdir()
        (home / key / "columns").write_text(key)
        (home / key / "columns.json").write_text("{}")
    budget = Budget(threads=1, workers=1, time_s=None, memory_mb=None)
    with (
        existing_cluster(home) as (_, executor),
        Client(executor.partition(":")[2]) as client,
        ExitStack() as stack,
    ):
        (address,) = client.nthreads()
        placer = Dask(None, budget, {})
        placer._client = client
        tables = [
            stack.enter_context(Held(home / key, digest_on_disk(home / key), (home / "lock").open("wb")))
            for key in ("one", "other")
        ]

        async def both() -> None:
            await asyncio.gather(*(placer._deliver(table, address) for table in tables))

        client.sync(both, callback_timeout=60)
    kept = home / "elsewhere" / "suite" / "columns"
    assert [(kept / key / "columns").read_text() for key in ("one", "other")] == ["one", "other"]


def test_without_dask_there_is_one_clear_line(home: Path, command: Start) -> None:
    shadow = home / "shadow" / "distributed"
    shadow.mkdir(parents=True)
    (shadow / "__init__.py").write_text("raise ImportError('not installed')\n")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(home / "shadow"), *sys.path])}
    process = command("run", "dummy", "--data", "iris", "--executor", "dask", env=environment)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert err.splitlines()[-1] == 'suite: --executor dask needs Dask: pip install "tabular-suite[dask]"'


def at(*addresses: str) -> list[tuple[int, str]]:
    """Run a cell at addresses that are given a second to answer; return exit codes and standard errors.

    One process runs them all; what it says as it ends is added to the last.
    """
    code = (
        "import sys\nfrom suite.execution import cluster\nfrom suite.commands import main\ncluster.CONNECT_S = 1\n"
        "for address in sys.argv[1:]:\n"
        "    code = main(['run', 'dummy', '--data', 'iris', '--executor', f'dask:{address}'])\n"
        "    print(f'\\0{code}\\0', end='', file=sys.stderr, flush=True)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *addresses], capture_output=True, text=True, timeout=60, check=True
    )
    *parts, last = done.stderr.split("\0")
    said, codes = parts[::2], parts[1::2]
    said[-1] += last
    return [(int(code), words) for code, words in zip(codes, said, strict=True)]


NOWHERE = {
    "tcp://127.0.0.1:9": "Timed out trying to connect",
    "foo": "missing port number",
    "tcp:127.0.0.1:8786": "invalid address",
    "tcp://127.0.0.1:123456": "",
    "foo://x": "unknown address scheme",
    "tls://127.0.0.1:9": "",
}


@pytest.mark.slow
def test_an_address_where_no_scheduler_is_gives_one_clear_line(home: Path) -> None:
    for (address, reason), (code, said) in zip(NOWHERE.items(), at(*NOWHERE), strict=True):
        assert code == 2
        assert said.startswith(f"suite: no Dask scheduler answers at {address!r}: ")
        assert reason in said
        assert said.count("\n") == 1


def test_an_address_is_asked_from_a_notebook_too() -> None:
    async def cell() -> None:
        _ask("tcp://127.0.0.1:no")

    with pytest.raises(UsageError, match="invalid literal"):
        asyncio.run(cell())


@pytest.mark.slow
def test_a_server_that_says_something_else_or_nothing_is_no_scheduler(home: Path) -> None:
    def greet(server: socket.socket, words: bytes) -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(words)
            connection.recv(1)

    with ExitStack() as servers:
        ssh, zeros, silent = (servers.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(3))
        for server, words in ((ssh, b"SSH-2.0-OpenSSH_9.6\r\n" * 9), (zeros, bytes(64))):
            threading.Thread(target=greet, args=(server, words), daemon=True).start()
        found = at(*(f"tcp://127.0.0.1:{server.getsockname()[1]}" for server in (ssh, zeros, silent)))
    for code, said in found:
        assert code == 2
        assert said.startswith("suite: no Dask scheduler answers at ")
        assert said.count("\n") == 1
    assert found[-1][1].endswith(": no answer within 2 s\n")


@pytest.mark.slow
def test_a_worker_is_no_scheduler(home: Path) -> None:
    with existing_cluster(home) as (_, executor), Client(executor.partition(":")[2]) as client:
        (worker,) = client.nthreads()
        found = at(worker)
    assert found == [(2, f"suite: what answers at {worker!r} is no Dask scheduler, but a Worker\n")]


@pytest.mark.slow
def test_a_scheduler_that_is_killed_ends_the_run_with_one_clear_line(home: Path) -> None:
    code = (
        "import sys, dask\ndask.config.set({'distributed.comm.timeouts.connect': '1s'})\n"
        "from suite.commands import main\n"
        f"sys.exit(main(['run', '{FAULTY}:sleeps', '--data', 'iris', '--executor', sys.argv[1]]))"
    )
    with (
        existing_cluster(home) as (cluster, executor),
        subprocess.Popen(
            [sys.executable, "-c", code, executor],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        ) as runs,
    ):
        wait_for(lambda: children_of_cells(cluster))
        os.kill(cluster, signal.SIGKILL)
        _, err = runs.communicate(timeout=100)
    assert runs.returncode == 2
    assert err == "suite: the Dask scheduler is gone; what was finished is kept\n"
