"""The guard: a small process beside each child, which starts it, holds it to its limits and leaves nothing behind.

It is not the parent, so a parent that is busy, stopped or killed changes nothing: when the control stream ends, or
the parent does, the child and all it started are ended. It takes the child's output, too.

Run as ``python -I -S`` with the standard library only; up in some 25 ms.
"""

from __future__ import annotations

import math
import os
import select
import signal
import time
from collections.abc import Callable, Sequence

from suite.supervision.channel import LINK_VARIABLE, Channel, Header
from suite.supervision.family import Family
from suite.supervision.output import CappedLog, read_all
from suite.supervision.processes import (
    descendants,
    held_kb,
    is_stopped,
    kernel_oom_kills,
    kill,
    memory_kb,
    proportional_held_kb,
)
from suite.supervision.shared_memory import SharedMemory

SAMPLE_S = 0.1
GRACE_S = 0.5
"""Seconds between SIGTERM and SIGKILL."""
ORPHAN_CHECK_S = 1.0
NEAR = 0.5
"""Share of a memory limit above which what is in use is counted exactly."""
PREPARE_MB = 2000.0
"""What imports and reading may take before a job's clock begins, under a limit that is smaller."""


def in_use_kb(shared: SharedMemory, child: int, pids: Sequence[int], enough_kb: float = 0.0) -> int:
    """Return the memory of a family in KiB; more than enough is counted again, exactly.

    Processes share pages, which the system counts for each, and files in memory are mapped as well.
    """
    total = sum(map(held_kb, pids)) + shared.unmapped_kb(child, pids)
    if total <= enough_kb:
        return total
    return sum(map(proportional_held_kb, pids)) + shared.unmapped_kb(child, pids, exact=True)


class JobWatch:
    """The limits of the job at hand, and what it has used of them."""

    def __init__(self, order: Header, shared: SharedMemory) -> None:
        self._shared = shared
        memory_mb = order["memory_limit_mb"]
        self.time_limit: float | None = order["time_limit"]
        self._limit_kb = math.inf if memory_mb is None else memory_mb * 1e6 / 1024
        self._prepare_kb = max(self._limit_kb, PREPARE_MB * 1e6 / 1024)
        self.prepare_limit: float = order["prepare_limit"]
        self.seconds: float | None = None
        self._asked_at = time.monotonic()
        self._started_at: float | None = None
        self._oom_kills = kernel_oom_kills()
        self.count_memory_from(0, 0)

    def start_clock(self, at: float, held_kb: int, data_kb: int) -> float:
        """Begin the clock, and the limit of memory, at the child's own readings; return when it began."""
        # the clock is the system's: a guard that wakes late takes nothing from the child, and gives nothing
        self._started_at = min(time.monotonic(), max(self._asked_at, at))
        self.count_memory_from(held_kb, data_kb)
        return self._started_at

    def stop_clock(self, at: float) -> None:
        """Fix the seconds that the clock ran; it may have been stopped before, or never begun."""
        if self._started_at is not None and self.seconds is None:
            self.seconds = min(time.monotonic(), at) - self._started_at

    def count_memory_from(self, held_kb: int, data_kb: int) -> None:
        """Take what the child holds now as the level above which the limit counts."""
        self._base_kb, self._base_data_kb = held_kb, data_kb
        self._peak_kb, self._growth_kb = held_kb, 0

    def is_over_memory(self, child: int) -> bool:
        """Sample the memory of the child and all that it started; say whether it is over the limit."""
        pids = descendants(os.getpid())
        limit = self._limit_kb if self._started_at is not None else self._prepare_kb
        total = in_use_kb(self._shared, child, pids, self._base_kb + NEAR * limit)
        data_kb = memory_kb(child).get("VmData", 0)
        self._peak_kb = max(self._peak_kb, total)
        self._growth_kb = max(self._growth_kb, total - self._base_kb, data_kb - self._base_data_kb)
        return total - self._base_kb > limit

    def facts(self) -> Header:
        """Return what was used, for the report."""
        return {
            "seconds": self.seconds,
            "peak_mb": self._peak_kb * 1024 / 1e6,
            "growth_mb": self._growth_kb * 1024 / 1e6,
            "kernel_oom": kernel_oom_kills() > self._oom_kills,
        }


class Guard:
    """Starts one child, watches over its jobs, and ends it.

    The order says what to start: ``argv``, ``cores``, ``channel`` (the descriptor to hand down), ``parent`` (its pid),
    ``startup_limit`` in seconds, ``log_bytes``.
    """

    def __init__(self, control: Channel, order: Header) -> None:
        self._control = control
        self._parent: int = order["parent"]
        self._log = CappedLog(order["log_bytes"])
        self._deadline: float | None = None
        self._enter("start", order["startup_limit"])
        self._next_sample = 0.0
        self._job: JobWatch | None = None
        self._poller = select.poll()
        self._handlers: dict[int, Callable[[], object]] = {}
        self._shared = SharedMemory()
        self._watch_signals()
        self._start(order)
        self._watch(control.fileno(), self._take_orders)
        control.send({"type": "spawned", "pid": self._family.pid})

    def run(self) -> None:
        """Serve until the child has ended or has to, then end what is left and report."""
        cause = None
        while cause is None:
            self._wait()
            self._family.reap()
            cause = self._reason_to_end()
        if self._job is not None:
            self._job.stop_clock(time.monotonic())
        self._shared.unmapped_kb(self._family.pid, descendants(os.getpid()))
        self.end(GRACE_S if cause in ("time", "closed") else 0.0)
        self.report("exited", cause=cause, status=self._family.status)

    def end(self, grace: float) -> None:
        """End the child and every descendant: with SIGTERM and `grace` seconds before SIGKILL, if any."""
        self._family.end(grace, self._read_output)
        self._read_output()
        self._shared.clear()

    def _start(self, order: Header) -> None:
        output, child_output = os.pipe()
        link, child_link = os.pipe()
        inherit = (order["channel"], child_link)
        environment = {**os.environ, LINK_VARIABLE: ",".join(map(str, inherit))}
        self._family = Family(
            order["argv"],
            environment,
            cores=order["cores"],
            inherit=inherit,
            output=child_output,
            separate=self._shared.is_separate,
        )
        for fd in (*inherit, child_output):
            os.close(fd)
        for fd in (output, link):
            os.set_blocking(fd, False)
        self._output, self._link = output, Channel(link)
        self._watch(output, self._read_output)
        self._watch(link, self._take_notice)

    def _watch_signals(self) -> None:
        """Be woken when a descendant ends, and by no other signal."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        woken, waker = os.pipe()
        for fd in (woken, waker):
            os.set_blocking(fd, False)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        self._watch(woken, lambda: read_all(woken, bytes))

    def _watch(self, fd: int, handler: Callable[[], object]) -> None:
        self._handlers[fd] = handler
        self._poller.register(fd, select.POLLIN)

    def _unwatch(self, fd: int) -> None:
        if self._handlers.pop(fd, None):
            self._poller.unregister(fd)

    def _wait(self) -> None:
        now = time.monotonic()
        until = now + ORPHAN_CHECK_S
        if self._deadline is not None:
            until = min(until, self._deadline)
        if self._job is not None and self._phase != "start":
            until = min(until, self._next_sample)
        for fd, _ in self._poller.poll(max(0.0, until - now) * 1000 + 1):
            if fd in self._handlers:
                self._handlers[fd]()

    def _reason_to_end(self) -> str | None:
        now = time.monotonic()
        if self._family.status is not None:
            return "exit"
        if self._control.ended or os.getppid() != self._parent:
            return "closed"
        if self._deadline is not None and now >= self._deadline:
            return "time"
        if self._phase in ("start", "idle", "prepare") and is_stopped(self._family.pid):
            # No job is at work, so that it is not the job's doing.
            kill([self._family.pid], signal.SIGCONT)
        if self._job is None or self._phase == "start" or now < self._next_sample:
            return None
        self._next_sample = now + SAMPLE_S
        return "memory" if self._job.is_over_memory(self._family.pid) else None

    def _take_orders(self) -> None:
        """Read what the parent sent: a job's limits, or the wish to stop."""
        while not self._control.ended and self._control.waiting():
            message = self._control.receive()
            if message is None or message.type == "stop":
                self._control.ended = True
            else:
                self._job = JobWatch(message.header, self._shared)
                if self._phase != "start":
                    self._prepare()

    def _take_notice(self) -> None:
        """Read what the child says of its progress."""
        notices = self._link.pump()
        # a job's limits are sent before the job: they are here, though perhaps not read yet
        self._take_orders()
        for message in notices:
            if message.type == "ready" and self._phase == "start":
                self._prepare()
            elif self._job is not None:
                self._follow(self._job, message.type, message.header)
        if self._link.ended:
            self._unwatch(self._link.fileno())

    def _prepare(self) -> None:
        """Begin what comes before a job's clock; without a job, wait for one."""
        self._enter("idle", None)
        if self._job is not None:
            self._enter("prepare", self._job.prepare_limit)
            child = self._family.pid
            held = in_use_kb(self._shared, child, [child])
            self._job.count_memory_from(held, memory_kb(child).get("VmData", 0))

    def _follow(self, job: JobWatch, notice: str, header: Header) -> None:
        if notice == "started" and self._phase == "prepare":
            child = self._family.pid
            # The child's own reading is of that very moment; files are the guard's to find.
            has_files = self._shared.unmapped_kb(child, [child]) > 0
            held = in_use_kb(self._shared, child, [child]) if has_files else header["held_kb"]
            began = job.start_clock(header["at"], held, header["data_kb"])
            self._enter("run", job.time_limit, began)
        elif notice == "stopped" and self._phase == "run":
            job.stop_clock(header["at"])
            self._enter("finish", job.prepare_limit)
        elif notice == "bounded" and self._phase in ("finish", "measure"):
            self._enter("measure", min(header["limit"], job.prepare_limit))
        elif notice == "done":
            strays = self._family.end_strays()
            self._read_output()
            self.report("ended", strays=strays)
            self._job = None
            self._prepare()

    def _enter(self, phase: str, limit: float | None, began: float | None = None) -> None:
        """Begin a phase that may last some seconds, from now on if it did not begin before; None is no limit."""
        self._phase, self._limit = phase, limit
        now = time.monotonic() if began is None else began
        self._deadline = None if limit is None else now + limit

    def report(self, kind: str, **facts: object) -> None:
        """Tell the parent how a job, or the child, has ended, with the output since the last report."""
        used = {} if self._job is None else self._job.facts()
        try:
            said = {"type": kind, "phase": self._phase, "limit_s": self._limit, **used, **facts}
            self._control.send(said, self._log.read())
        except OSError:
            self._control.ended = True
        self._log.clear()

    def _read_output(self) -> None:
        if self._output in self._handlers and not read_all(self._output, self._log.write):
            self._unwatch(self._output)


def main(control_fd: int) -> None:
    """Guard the child that the first message on the control descriptor asks for."""
    os.set_inheritable(control_fd, False)
    control = Channel(control_fd)
    order = control.receive()
    if order is None:
        return
    guard = Guard(control, order.header)
    try:
        guard.run()
    except Exception as error:
        guard.end(0.0)
        guard.report("exited", cause="fault", fault=f"{type(error).__name__}: {error}")
