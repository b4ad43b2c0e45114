"""A supervised child: one warm process that serves job after job and can always be ended, with all it started.

`Child` starts a guard (`suite.supervision.guard`), and the guard starts the program, in a session of its own. Limits,
output and the ending of processes are the guard's work; the parent only reads messages and waits for none, so that one
thread serves any number of children: a child has a `fileno` for a selector, and `poll` returns what has happened.

The parent has deadlines of its own, a little later than the guard's: a guard that was stopped is woken, and one that
does not tell of an end in time is ended with all below it, which takes seconds at most.
"""

from __future__ import annotations

import os
import selectors
import socket
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from suite.supervision.channel import STOP, Channel, ChannelError, Header, Message
from suite.supervision.expected import SILENT, Expected
from suite.supervision.overseer import GuardProcess
from suite.supervision.verdict import Ending, Limits, judge

MAX_EVENT_PAYLOAD = 1 << 26
LOOK_S = 1.0
"""Between two looks at a child that is busy and silent."""


class Child:
    """A program under supervision. It is started at once, and answers when it can.

    A child is used by one thread. After any ending but ``ok`` and ``error`` it is dead and has to be replaced;
    after ``error``, an exception that the program caught, it goes on.

    Parameters
    ----------
    argv : sequence of str
        The program; it takes its jobs with `suite.supervision.link.Link`.
    cwd : str or Path
        Its current folder.
    env : mapping, optional
        Environment variables beside the parent's own, such as thread counts, which have to stand before the program
        starts; None takes one away. ``PYTHONHASHSEED`` is 0 unless it is given.
    cores : iterable of int, optional
        The cores that it and all it starts are held to (Linux).
    startup_limit : float
        Seconds until it has to be ready.
    log_bytes : int
        How much of its output is kept.

    Attributes
    ----------
    pid : int or None
        Process and session id of the program, once it is known.
    alive : bool
        Whether it can be given jobs, as far as `poll` knows.
    ready : bool
        Whether it has said that its start-up is over.

    Examples
    --------
    >>> with Child([sys.executable, "-m", "package.worker"]) as child:  # doctest: +SKIP
    ...     child.submit({"rows": 3}, limits=Limits(time_s=5, memory_mb=1000))
    ...     while child.busy:
    ...         for event in child.wait():
    ...             ...
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        cwd: str | Path = ".",
        env: Mapping[str, str | None] | None = None,
        cores: Iterable[int] | None = None,
        startup_limit: float = 120.0,
        log_bytes: int = 1 << 16,
    ) -> None:
        self.pid: int | None = None
        self.alive, self.ready = True, False
        self._startup_limit = startup_limit
        self._limits: Limits | None = None
        self._report: Message | None = None
        self._answer: Message | None = None
        self._fault: str | None = None
        self._expected = Expected(startup_limit)
        self._looked_at = 0.0
        control, guard_end = _pair()
        channel, child_end = _pair()
        # A shell's variables would tell of the parent's folder.
        given = {**os.environ, "PYTHONHASHSEED": "0", "PWD": None, "OLDPWD": None, **(env or {})}
        environment = {name: value for name, value in given.items() if value is not None}
        try:
            self._guard = GuardProcess(guard_end, child_end, cwd=cwd, environment=environment)
        except OSError:
            for fd in (control, channel):
                os.close(fd)
            raise
        finally:
            for fd in (guard_end, child_end):
                os.close(fd)
        for fd in (control, channel):
            os.set_blocking(fd, False)
        self._control = Channel(control)
        self._channel = Channel(channel, max_payload=MAX_EVENT_PAYLOAD)
        self._selector = selectors.DefaultSelector()
        for link in (self._control, self._channel):
            self._selector.register(link, selectors.EVENT_READ)
        self._control.post(
            {
                "argv": list(argv),
                "cores": None if cores is None else sorted(cores),
                "channel": child_end,
                "parent": os.getpid(),
                "startup_limit": startup_limit,
                "log_bytes": log_bytes,
            }
        )

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "busy" if self.busy else "ready" if self.ready else "starting"
        return f"<Child {self.pid} {state if self.alive else 'ended'}>"

    @property
    def busy(self) -> bool:
        """Whether a job has no ending yet."""
        return self._limits is not None

    def fileno(self) -> int:
        """Return a descriptor that is readable when `poll` has something to do, or can write more."""
        return self._selector.fileno()

    def submit(
        self, header: Header, payload: bytes | bytearray | memoryview = b"", *, limits: Limits | None = None
    ) -> None:
        """Give the child its next job. It may be given before the child is ready.

        Nothing waits: what the child does not take at once is written by later calls of `poll`, from the payload
        itself, which must not change meanwhile. The child also finds its ``memory_limit_mb`` and ``time_limit`` in the
        header.

        Raises
        ------
        RuntimeError
            The child has ended, or has a job.
        """
        if not self.alive or self.busy:
            raise RuntimeError(f"{self!r} takes no job now")
        self._limits = limits = limits or Limits()
        if self.ready:
            self._expected.enter("prepare", limits.prepare_s)
        bounds = {"time_limit": limits.time_s, "memory_limit_mb": limits.memory_mb}
        self._control.post({"type": "job", "prepare_limit": limits.prepare_s, **bounds})
        self._channel.post({**header, **bounds}, payload)
        self._watch_for_room()

    def ask_to_stop(self) -> None:
        """Ask the job at hand to come to an end; it sees that in `Link.is_asked_to_stop`, and need not heed it."""
        self._channel.post({"type": STOP})
        self._watch_for_room()

    def poll(self) -> list[Message | Ending]:
        """Return what has happened since the last call, without waiting.

        These are events of the child in their order (``ready``, ``started``, and its own), and at the end of a job its
        ending. A child that dies without a job gives an ending only if it was never ready.
        """
        if not self.alive:
            return []
        self._looked_at = time.monotonic()
        self._channel.flush()
        happened: list[Message | Ending] = []
        for report in self._control.pump():
            if report.type == "spawned":
                self.pid = self._guard.session = report.header["pid"]
            else:
                self._report = report
        if self._control.ended and (self._report is None or self._report.type != "exited"):
            self._guard.end_session()
            self._report = self._told(cause="fault", fault="its guard was ended from outside")
        try:
            happened += [event for event in self._channel.pump() if self._is_news(event)]
        except ChannelError as error:
            self._fault = f"wrote to the parent's channel what is no message: {error}"
            self._control.post({"type": "stop"})
            self._drop(self._channel)
        if self._channel.ended and self._channel.fileno() >= 0:
            self._drop(self._channel)
            self._expected.end()
        self._watch_for_room()
        if self.busy and (self._report is None or self._answer is None):
            self._look_after_guard()
        if self._report is not None:
            happened += self._conclude(self._report)
        return happened

    def wait(self, timeout: float | None = None) -> list[Message | Ending]:
        """Return what happens next, after at most `timeout` seconds; empty then, or if the child is dead."""
        until = None if timeout is None else time.monotonic() + timeout
        while not (happened := self.poll()) and self.alive:
            left = LOOK_S if until is None else min(LOOK_S, until - time.monotonic())
            if left <= 0:
                break
            self._selector.select(left)
        return happened

    @property
    def is_due(self) -> bool:
        """Whether it is time for `poll`, though nothing came: the child is busy and has been silent."""
        return self.alive and self.busy and time.monotonic() - self._looked_at >= LOOK_S

    def interrupt(self) -> None:
        """Begin to end the child, without waiting; its job gets no ending. `close` has still to be called."""
        self.alive, self._limits = False, None
        self._drop(self._channel)
        self._drop(self._control)

    def close(self) -> None:
        """End the child and all that it started, and wait until they are gone; safe to call again."""
        self.interrupt()
        self._guard.close()
        self._selector.close()

    def _is_news(self, event: Message) -> bool:
        """Take note of an event, and say whether the caller is told of it."""
        self._expected.follow(event, self._limits or Limits())
        if event.type == "ready":
            self.ready = True
        elif event.type in ("result", "error"):
            self._answer = event
        return event.type not in SILENT

    def _look_after_guard(self) -> None:
        """Wake a guard that was stopped; end one that should have told how the job ended, and tell it in its place."""
        self._guard.wake()
        is_told = self._report is not None and self._report.type == "exited"
        if is_told or not self._expected.is_over:
            return
        self._guard.end()
        if self._answer is not None:
            # What came back came in time, and the cap on memory was the child's own.
            self._report = Message({"type": "ended", **self._expected.facts})
        elif self._channel.ended:
            self._report = self._told(cause="fault", fault="ended, and its guard does not tell how")
        else:
            self._report = self._told(cause="time")

    def _told(self, **facts: str) -> Message:
        """Return the report of an end that the guard does not give."""
        return Message({"type": "exited", **self._expected.facts, **facts})

    def _conclude(self, report: Message) -> list[Ending]:
        """Return the ending that a report of the guard makes, once the child's answer is here as well."""
        if report.type == "ended" and self._answer is None and not self._channel.ended:
            return []
        if self._fault is not None and report.header.get("cause") == "closed":
            report.header.update(cause="fault", fault=self._fault)
        limits, answer = self._limits, self._answer
        self._limits = self._report = self._answer = None
        if report.type == "exited" or self._guard.is_gone:
            self.close()
        if limits is None and self.ready:
            return []
        ending = judge(report, answer, limits or Limits(), self._startup_limit)
        if self.alive and ending.status not in ("ok", "error"):
            self.interrupt()
        return [ending]

    def _drop(self, channel: Channel) -> None:
        if channel.fileno() >= 0:
            self._selector.unregister(channel)
            channel.close()

    def _watch_for_room(self) -> None:
        """Let `fileno` report room to write for as long as something waits to be written."""
        if self._channel.fileno() >= 0:
            room = 0 if self._channel.flush() else selectors.EVENT_WRITE
            self._selector.modify(self._channel, selectors.EVENT_READ | room)


def wait_any(children: Iterable[Child], timeout: float | None = None) -> list[Child]:
    """Wait until some of the children have something for `poll`, at most `timeout` seconds; return those."""
    children = list(children)
    timeout = LOOK_S if timeout is None else min(timeout, LOOK_S)
    with selectors.DefaultSelector() as selector:
        for child in children:
            if child.alive:
                selector.register(child, selectors.EVENT_READ)
        if not selector.get_map():
            return []
        ready = {key.fileobj for key, _ in selector.select(timeout)}
    return [child for child in children if child in ready or child.is_due]


def _pair() -> tuple[int, int]:
    here, there = socket.socketpair()
    return here.detach(), there.detach()
