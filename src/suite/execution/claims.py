"""Claims: runs that share an output folder agree on who does a cell.

A claim is a file under ``.claims`` that its run holds a kernel lock on, so the claims of a run that ends in any way are
free at once. Where locks do not reach, on other hosts, the file's age tells: its run touches it again and again.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from suite.names import digest
from suite.schema import Event, Outcome, Work

BEAT_S = 10.0
STALE_S = 60.0
ELSEWHERE_S = 0.3
"""Seconds between two looks at a cell that another run has."""
Emit = Callable[[Event | Outcome], None]
Claim = Callable[[Work], Literal["mine", "elsewhere", "done"]]


def always_mine(work: Work) -> Literal["mine"]:
    """Claim every cell for this run."""
    return "mine"


class Claims:
    """The cells that this run has claimed.

    Parameters
    ----------
    folder : Path
        Of the claims; made when it is first needed.
    stale_s : float
        Seconds after which another host's claim that nobody touches is taken over.
    host : str, optional
        What this host is called in claims.
    """

    def __init__(self, folder: Path, *, stale_s: float = STALE_S, host: str | None = None) -> None:
        self._folder = folder
        self._stale_s = stale_s
        self._host = (host or os.uname().nodename).encode()
        self._held: dict[str, int] = {}
        self._beaten = time.monotonic()

    def take(self, key: str) -> bool:
        """Claim a cell; False if another run has it."""
        if key in self._held:
            return True
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(key)
        while True:
            try:
                fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
            except FileNotFoundError:
                self._folder.mkdir(parents=True, exist_ok=True)
                continue
            taken = self._lock(fd, path)
            if taken:
                self._held[key] = fd
                return True
            os.close(fd)
            if taken is False:
                return False

    def release(self, key: str) -> None:
        """Let go of a cell, once its record is there."""
        if (fd := self._held.pop(key, None)) is not None:
            # While the lock is held: whoever opens the path from now on makes a new file.
            path = self._path(key)
            with contextlib.suppress(OSError):
                if path.stat().st_ino == os.fstat(fd).st_ino:
                    path.unlink()
            os.close(fd)

    def beat(self) -> None:
        """Tell other hosts that this run is alive; to be called often, does something every ten seconds."""
        now = time.monotonic()
        if now - self._beaten >= BEAT_S:
            self._beaten = now
            for fd in self._held.values():
                os.utime(fd)

    def close(self) -> None:
        """Let go of all."""
        for key in list(self._held):
            self.release(key)
        with contextlib.suppress(OSError):
            self._folder.rmdir()

    def _path(self, key: str) -> Path:
        return self._folder / f"{digest(key)[:32]}.claim"

    def _lock(self, fd: int, path: Path) -> bool | None:
        """Return whether the file is ours now; None if it was replaced meanwhile and has to be opened anew."""
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        try:
            if os.fstat(fd).st_ino != path.stat().st_ino:
                return None
        except FileNotFoundError:
            return None
        holder = os.pread(fd, 1000, 0)
        if holder and holder != self._host:
            if time.time() - os.fstat(fd).st_mtime < self._stale_s:
                return False
            # Several hosts may see that it is stale: the one whose rename succeeds goes on with a new file.
            stale = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
            with contextlib.suppress(FileNotFoundError):
                path.rename(stale)
                if stale.stat().st_ino == os.fstat(fd).st_ino:
                    stale.unlink()
                else:
                    # Another host was between the two lines above: this is its new claim.
                    stale.rename(path)
            return None
        os.ftruncate(fd, 0)
        os.pwrite(fd, self._host, 0)
        os.utime(fd)
        return True
