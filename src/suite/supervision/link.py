"""The child's side: a warm worker takes jobs from its parent one after the other, and answers.

A worker's program is::

    link = Link.inherited()
    link.ready()
    for job in link.jobs():
        try:
            ...                                 # imports, warm-up, reading of columns: not timed
            with link.clock():                  # the time limit and the memory cap hold in here
                ...
                link.send({"type": "progress", "step": 3})
            link.send({"type": "output", ...})      # what must not be lost
            with link.bounded(4.0):             # what is only measured, in a few seconds and the same cap
                ...
            link.finish({"file": "predictions.npz"})
        except Exception as error:
            link.fail(error)

What is not an `Exception` (`SystemExit` above all) should end the process: the parent tells a crash from it.
"""

from __future__ import annotations

import faulthandler
import io
import os
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from suite.supervision.channel import LINK_VARIABLE, STOP, Channel, Header, Message
from suite.supervision.limits import broken_off_after, cap_above, capped
from suite.supervision.processes import held_kb, memory_kb

MAX_WORDS = 20_000
"""Characters of what an exception says, and of its traceback."""
UNINTERRUPTED_S = 2.0
"""How much longer than a bound may last what no alarm interrupts."""
TELL_S = 5.0
"""How long a job that failed may take to say why."""
RESERVED = frozenset({"ready", "started", "stopped", "bounded", "result", "error"})


class Link:
    """A worker's connection to its parent (jobs, events, answers) and to its guard (when limits begin and end).

    Both channels are blocking; `Link.inherited` finds those that the guard handed down.
    """

    def __init__(self, parent: Channel, guard: Channel) -> None:
        self._parent = parent
        self._guard = guard
        self._pid = os.getpid()
        self._memory_limit_mb: float | None = None
        self._cap: int | None = None
        self._is_asked_to_stop = False

    @classmethod
    def inherited(cls) -> Link:
        """Take the connection that this process was started with, once.

        Grandchildren do not get it. Standard output becomes line-buffered, and a crash or the SIGTERM that ends a
        job that ran too long writes the Python stack to standard error, so that the log tells where it was.

        Raises
        ------
        RuntimeError
            The process was not started as a `suite.supervision.supervise.Child`.
        """
        value = os.environ.pop(LINK_VARIABLE, None)
        if value is None:
            raise RuntimeError("this program is started by suite as a worker, not by hand")
        parent, guard = (int(fd) for fd in value.split(","))
        for fd in (parent, guard):
            os.set_inheritable(fd, False)
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(line_buffering=True, errors="backslashreplace")
        faulthandler.enable()
        faulthandler.register(signal.SIGTERM, chain=True)
        return cls(Channel(parent), Channel(guard))

    def ready(self, header: Header | None = None) -> None:
        """Say that start-up is over; `header` reaches the parent as an event of type ``ready``."""
        self._guard.send({"type": "ready"})
        self._tell({**(header or {}), "type": "ready"})

    def jobs(self) -> Iterator[Message]:
        """Yield the parent's jobs until it closes the connection."""
        while (job := self._parent.receive()) is not None:
            if job.type == STOP:
                # Its job had ended before it came.
                continue
            self._is_asked_to_stop = False
            limit = job.header.get("memory_limit_mb")
            self._memory_limit_mb = None if limit is None else float(limit)
            yield job

    @contextmanager
    def clock(self) -> Iterator[None]:
        """Hold the job's time limit and memory cap while the block runs; once a job.

        Both count from here: seconds from the start of the block, memory above what the process holds then.
        """
        self._guard.send(
            {
                "type": "started",
                "at": time.monotonic(),
                "held_kb": held_kb(),
                "data_kb": memory_kb().get("VmData", 0),
            }
        )
        self._tell({"type": "started"})
        is_done = False
        try:
            self._cap = cap_above(self._memory_limit_mb)
            with capped(self._cap):
                yield
            is_done = True
        finally:
            self._guard.send({"type": "stopped", "at": time.monotonic()})
            self._tell({"type": "stopped"})
            if not is_done:
                # All that is left is to say what went wrong, and even that may never end.
                self._bound(TELL_S)

    @contextmanager
    def bounded(self, seconds: float) -> Iterator[None]:
        """Hold the block, which comes after the clock, to some seconds and to the memory cap of the job.

        TimeoutError if it takes longer and can be interrupted; if not, the guard ends the process soon after.
        """
        self._bound(seconds + UNINTERRUPTED_S)
        with broken_off_after(seconds), capped(self._cap):
            yield

    def _bound(self, seconds: float) -> None:
        bound = {"type": "bounded", "limit": seconds}
        self._guard.send(bound)
        self._tell(bound)

    def send(self, header: Header, payload: bytes | bytearray | memoryview = b"") -> None:
        """Send an event to the parent. Any thread may, a forked copy of the process may not.

        Raises
        ------
        ValueError
            The header's ``type`` is one that the link itself uses.
        RuntimeError
            Called in a process forked from the worker: its bytes would mix with the worker's own.
        """
        if header.get("type") in RESERVED:
            raise ValueError(f"an event may not be of type {header['type']!r}")
        self._tell(header, payload)

    def is_asked_to_stop(self) -> bool:
        """Say whether the parent has asked the job at hand to stop."""
        if not self._is_asked_to_stop and self._parent.waiting():
            # Nothing else is sent while a job runs; a parent that is gone waits for no answer.
            self._parent.receive()
            self._is_asked_to_stop = True
        return self._is_asked_to_stop

    def finish(
        self,
        header: Header | None = None,
        payload: bytes | bytearray | memoryview = b"",
        *,
        failure: str | None = None,
    ) -> None:
        """Answer the job with at most 64 MiB of payload (what is larger goes through a file), and take the next.

        A `failure` says that the job failed, beginning with the kind of exception: its status is then ``error``, or
        ``out_of_memory`` if that was the cause.
        """
        answer = {"type": "result"} if failure is None else {"type": "error", "failure": failure}
        self._tell({**(header or {}), **answer}, payload)
        for stream in (sys.stdout, sys.stderr):
            # A job may have closed them, or put something else in their place.
            with suppress(Exception):
                stream.flush()
        self._guard.send({"type": "done"})

    def fail(self, error: BaseException) -> None:
        """Answer the job with an exception: header ``kind``, ``message``, ``traceback`` and ``failure``."""
        self.finish(
            {
                "kind": type(error).__name__,
                "message": str(error)[:MAX_WORDS],
                "traceback": "".join(traceback.format_exception(error))[-MAX_WORDS:],
            },
            failure="\n".join(
                f"{type(part).__name__}: {part}"[:MAX_WORDS].rstrip(": ") for part in _causes(error)
            ),
        )

    def _tell(self, header: Header, payload: bytes | bytearray | memoryview = b"") -> None:
        if os.getpid() != self._pid:
            raise RuntimeError("a forked copy of a worker cannot speak to the worker's parent")
        self._parent.send(header, payload)


def _causes(error: BaseException) -> list[BaseException]:
    """Return an exception and those that led to it, latest first."""
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in chain:
        chain.append(link)
        link = link.__cause__ or link.__context__
    return chain
