"""The guard as its parent has it: a process that is started, woken, and ended with all below it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from suite.supervision.guard import GRACE_S
from suite.supervision.processes import descendants, is_stopped, kill, running, session_members

CLOSE_S = 5.0
_GUARD = "import sys as s; s.path.append(s.argv[1]); from suite.supervision import guard; guard.main(int(s.argv[2]))"
_ROOT = str(Path(__file__).parents[2])


class GuardProcess:
    """A guard, in a folder and an environment that its child shares; it gets both descriptors. OSError without one."""

    def __init__(
        self, control: int, channel: int, *, cwd: str | Path, environment: Mapping[str, str]
    ) -> None:
        self.session: int | None = None
        """That of the child, once it is known."""
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _GUARD, _ROOT, str(control)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=cwd,
            env=environment,
            pass_fds=(control, channel),
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_gone(self) -> bool:
        """Whether it is known to have ended."""
        return self._process.returncode is not None

    def wake(self) -> None:
        """Let it go on if it was stopped."""
        if not self.is_gone and is_stopped(self.pid):
            kill([self.pid], signal.SIGCONT)

    def close(self) -> None:
        """Wait until it has ended its family and itself, which it does once its stream has ended; or end it."""
        self.wake()
        try:
            self._process.wait(CLOSE_S + GRACE_S)
        except subprocess.TimeoutExpired:
            self.end()

    def end(self) -> None:
        """End it, as it does not do its work, and all below it."""
        until = time.monotonic() + CLOSE_S
        while (left := running(descendants(self.pid))) and time.monotonic() < until:
            kill(left, signal.SIGKILL)
            time.sleep(0.005)
        self._process.kill()
        self._process.wait()
        self.end_session()

    def end_session(self) -> None:
        """End what is left of the child's session when the guard is gone: its child went with it, others did not."""
        if self.session:
            kill(session_members(self.session), signal.SIGKILL)
