"""A program and all that it starts, kept together by the kernel: started, signalled, reaped, ended.

The process that holds a family is a subreaper: whatever a descendant starts stays below it, whichever process group
or session that goes to, and however often it forks. That nothing is left is therefore not guessed: the kernel says
that there are no children to wait for.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from suite.supervision import shared_memory
from suite.supervision.processes import descendants, is_servant, kill, running

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_PAUSE_S = 0.005
END_S = 10.0
STRAY_S = 2.0


class Family:
    """A program, started in a session of its own, and its descendants.

    The process that makes one has a single thread and holds one family only: all its children are taken to belong to
    it. On Linux the program is held to `cores` and, if it is `separate`, has shared memory of its own. It gets the
    descriptors `inherit` beside an empty standard input, and writes to the descriptor `output`. Its `pid` is that of
    its session and process group too; its `status` is its exit code, minus the signal's number if a signal ended it,
    and None while it runs.
    """

    def __init__(
        self,
        argv: Sequence[str],
        environment: dict[str, str],
        *,
        cores: Sequence[int] | None,
        inherit: Sequence[int],
        output: int,
        separate: bool = False,
    ) -> None:
        self.status: int | None = None
        holder = os.getpid()
        prctl = _prctl()
        prctl(_PR_SET_CHILD_SUBREAPER, 1)
        self.pid = os.fork()
        if self.pid == 0:
            try:
                if separate:
                    # Where it is not allowed any more, files there are watched as if it had never been.
                    with suppress(OSError):
                        shared_memory.separate()
                prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
                if os.getppid() == holder:
                    _prepare(cores, inherit, output)
                    os.execvpe(argv[0], list(argv), environment)
            except BaseException as error:
                os.write(output, f"{argv[0]} cannot be started: {error}\n".encode())
            finally:
                os._exit(127)

    def reap(self) -> bool:
        """Take the status of every member that has ended; False when none is left at all."""
        try:
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return True
                if pid == self.pid:
                    self.status = os.waitstatus_to_exitcode(status)
        except ChildProcessError:
            return False

    def end(self, grace: float, meanwhile: Callable[[], None]) -> None:
        """End every member: with SIGKILL, and before that with SIGTERM and `grace` seconds unless those are 0.

        Until they are gone, `meanwhile` is called again and again.
        """
        if grace > 0:
            self._signal(signal.SIGTERM)
            self._wait(grace, meanwhile)
        until = time.monotonic() + END_S
        while self.reap() and time.monotonic() < until:
            self._signal(signal.SIGKILL)
            self._wait(_PAUSE_S, meanwhile)

    def end_strays(self) -> int:
        """End what runs beside the program itself; return how many there were that nobody would have ended."""
        left = self._strays()
        n_strays = sum(not is_servant(pid) for pid in left)
        until = time.monotonic() + STRAY_S
        while left and time.monotonic() < until:
            kill(left, signal.SIGKILL)
            time.sleep(_PAUSE_S)
            self.reap()
            left = self._strays()
        return n_strays

    def _strays(self) -> list[int]:
        return running([pid for pid in descendants(os.getpid()) if pid != self.pid])

    def _signal(self, number: int) -> None:
        # without /proc and subreapers, the process group is what can be reached
        kill(descendants(os.getpid()) if sys.platform == "linux" else [-self.pid], number)

    def _wait(self, seconds: float, meanwhile: Callable[[], object]) -> None:
        until = time.monotonic() + seconds
        while self.reap() and time.monotonic() < until:
            time.sleep(_PAUSE_S)
            meanwhile()


def _prepare(cores: Sequence[int] | None, inherit: Sequence[int], output: int) -> None:
    """Make a fresh fork what the program expects to start in."""
    import resource

    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        if cores:
            os.sched_setaffinity(0, cores)
        _volunteer_for_oom()
    os.dup2(output, 1)
    os.dup2(output, 2)
    for fd in inherit:
        os.set_inheritable(fd, True)


def _volunteer_for_oom() -> None:
    """Where the machine runs out of memory, let the kernel take this process before any other of the user's."""
    try:
        # it closes at the latest when the program takes over this process
        fd = os.open("/proc/self/oom_score_adj", os.O_WRONLY | os.O_CLOEXEC)
        os.write(fd, b"500")
        os.close(fd)
    except OSError:
        return


def _prctl() -> Callable[[int, int], object]:
    if sys.platform != "linux":
        return lambda option, value: None
    import ctypes

    function = ctypes.CDLL(None).prctl
    return lambda option, value: function(option, value, 0, 0, 0)
