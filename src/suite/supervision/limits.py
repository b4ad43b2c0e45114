"""The memory cap of a job, set by the child on itself."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from suite.supervision.processes import memory_kb


@contextmanager
def memory_cap(limit_mb: float | None) -> Iterator[None]:
    """Let this process allocate at most `limit_mb` MB more than it holds now, while the block runs.

    The cap is ``RLIMIT_DATA`` = private data now + limit: an allocation over it fails at once, in Python with
    `MemoryError`. It counts thread stacks (commonly 8 MiB each) and private writable maps whether touched or not;
    read-only file maps are free. Without a limit, and where the system is not Linux, nothing is changed. A MB is 10**6
    bytes.
    """
    if limit_mb is None or sys.platform != "linux":
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    cap = memory_kb().get("VmData", 0) * 1024 + int(limit_mb * 1e6)
    bounds = [bound for bound in (soft, hard) if bound != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min([cap, *bounds]), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
