"""What a child holds itself to: a cap on memory, and an alarm for work that may be broken off."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from suite.supervision.processes import memory_kb


def cap_above(limit_mb: float | None) -> int | None:
    """Return the cap in bytes that lets this process take `limit_mb` MB (10**6 bytes) more than it holds now.

    None without a limit, and where the system is not Linux.
    """
    if limit_mb is None or sys.platform != "linux":
        return None
    return memory_kb().get("VmData", 0) * 1024 + int(limit_mb * 1e6)


@contextmanager
def capped(cap: int | None) -> Iterator[None]:
    """Hold this process's private data to `cap` bytes while the block runs; None changes nothing.

    The cap is ``RLIMIT_DATA``: an allocation over it fails at once, in Python with `MemoryError`. It counts thread
    stacks (commonly 8 MiB each) and private writable maps whether touched or not; read-only file maps and shared
    memory are free.
    """
    if cap is None:
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    bounds = [bound for bound in (soft, hard) if bound != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min([cap, *bounds]), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


class _TooLong(BaseException):
    """Passes the `except Exception` of the code that it interrupts."""


@contextmanager
def broken_off_after(seconds: float) -> Iterator[None]:
    """Raise `TimeoutError` from the block if it takes longer; again every second, until it is left.

    Only Python code is interrupted, and only in the main thread: elsewhere nothing happens. Code in C that does not
    return has to be ended from outside.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    armed = True

    def interrupt(number: int, frame: object) -> None:
        if armed:
            raise _TooLong

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    except _TooLong:
        raise TimeoutError(f"not done within {seconds:.3g} s") from None
    finally:
        # An alarm that comes from here on finds nothing to interrupt.
        armed = False
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
