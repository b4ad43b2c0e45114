"""The connection to a Dask cluster: one that is there already, asked before it is relied on, or one started here.

Whoever uses it says in one line what went wrong, so Dask's own log of that is left out meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from suite.errors import UsageError, in_one_line
from suite.execution.slot import scratch_folder

CONNECT_S = 20
"""Until a scheduler takes the connection, and again until it answers."""
END_S = 30.0
SILENT_S = 5
"""After how long a worker of a cluster that was started here is started anew if it sends no sign of life."""
_OWN_CLUSTER = {
    # No module of the current folder may be taken for one of the library.
    "distributed.nanny.pre-spawn-environ.PYTHONSAFEPATH": "1",
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}
_LOGGERS = ("distributed", "asyncio", "tornado")


@contextmanager
def connected(address: str | None, n_workers: int) -> Iterator[Any]:
    """Yield a client of the scheduler at an address, such as ``tcp://host:8786``.

    Without an address, a cluster of `n_workers` is started on this machine and ended afterwards. It speaks TLS with a
    key of its own, which stands in no file: whoever reaches its port could otherwise run code as this user.

    Raises
    ------
    UsageError
        If Dask is not installed, or no scheduler answers at the address.
    """
    try:
        import cryptography  # noqa: F401
        from dask import config
        from distributed import Client, LocalCluster
        from distributed.security import Security
    except ImportError:
        raise UsageError('--executor dask needs Dask: pip install "tabular-suite[dask]"') from None
    with _quiet(), ExitStack() as stack:
        cluster = None
        if address is None:
            folder = str(stack.enter_context(scratch_folder()))
            with config.set({**_OWN_CLUSTER, "temporary-directory": folder}):
                cluster = LocalCluster(
                    n_workers=n_workers,
                    threads_per_worker=1,
                    host="127.0.0.1",
                    security=Security.temporary(),
                    # The scheduler's web server cannot be left out: it has any free port, and nothing to show.
                    dashboard_address="127.0.0.1:0",
                    scheduler_kwargs={"dashboard": False, "worker_ttl": f"{SILENT_S} s"},
                    local_directory=folder,
                    memory_limit=0,
                    silence_logs=logging.CRITICAL,
                )
            stack.callback(close, cluster)
        else:
            _ask(address)
        with _explained(address):
            client = Client(cluster or address, timeout=CONNECT_S, set_as_default=False)
        stack.callback(close, client)
        yield client


def close(end: Any) -> None:
    """Close a client or a cluster; one that does not answer hides no error, and holds nobody up."""
    with suppress(Exception):
        end.close(timeout=END_S)


def _ask(address: str) -> None:
    """Check that a scheduler answers at an address.

    A client that gets no answer holds its caller up for longer than it was allowed.
    """
    from distributed.core import rpc
    from distributed.security import Security

    async def identity() -> Any:
        security = Security().get_connection_args("client")
        async with rpc(address, timeout=CONNECT_S, connection_args=security) as there:
            return await there.identity()

    # In a thread of its own: the caller's may have an event loop already, as that of a notebook.
    with _explained(address), ThreadPoolExecutor(1) as thread:
        found = thread.submit(lambda: asyncio.run(asyncio.wait_for(identity(), 2 * CONNECT_S))).result()
    if found.get("type") != "Scheduler":
        raise UsageError(f"what answers at {address!r} is no Dask scheduler, but a {found.get('type')}")


@contextmanager
def _explained(address: str | None) -> Iterator[None]:
    """Say in one line what keeps a connection from being made.

    What answers may be anything, and Dask reads it as lengths and frames: there is no list of what that raises.
    """
    try:
        yield
    except Exception as error:
        reason = f"no answer within {2 * CONNECT_S} s" if isinstance(error, TimeoutError) else ""
        reason = reason or in_one_line(type(error).__name__, error)
        raise UsageError(f"no Dask scheduler answers at {address or 'this machine'!r}: {reason}") from error


@contextmanager
def _quiet() -> Iterator[None]:
    names = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] in _LOGGERS]
    before = {name: logging.getLogger(name).level for name in names}
    try:
        for name in names:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
