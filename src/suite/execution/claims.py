"""Claims: runs that share an output folder agree on who does a cell.

A claim is a file under ``.claims`` that its run holds a kernel lock on, so the claims of a run that ends in any way are
free at once. Where locks do not reach, on other hosts, the file's age tells: a thread of its run touches it again and
again.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event as Signal
from threading import Lock, Thread
from typing import Literal

from suite.errors import UsageError
from suite.events import Event
from suite.locks import is_at, try_lock
from suite.names import digest
from suite.schema import Outcome, Work

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
    beat_s : float
        Seconds between two touches of this run's claims.
    host : str, optional
        What this host is called in claims.
    """

    def __init__(
        self, folder: Path, *, stale_s: float = STALE_S, beat_s: float = BEAT_S, host: str | None = None
    ) -> None:
        self._folder = folder
        self._stale_s, self._beat_s = stale_s, beat_s
        self._host = (host or os.uname().nodename).encode()
        self._held: dict[str, int] = {}
        self._lock = Lock()
        self._closed = Signal()
        self._heart: Thread | None = None

    def take(self, key: str) -> bool:
        """Claim a cell; False if another run has it.

        Raises
        ------
        UsageError
            If the folder cannot be written to, or its file system has no locks.
        """
        if key in self._held:
            return True
        try:
            fd = self._taken(self._path(key))
        except OSError as error:
            raise UsageError(
                f"cells cannot be claimed in {self._folder}: {error.strerror or error}; name another folder with --out"
            ) from error
        if fd is None:
            return False
        try:
            with self._lock:
                self._held[key] = fd
        except BaseException:
            # Ctrl-C while the heart beats: nobody would know of the claim, and this process would wait for itself.
            os.close(fd)
            raise
        if self._heart is None:
            self._heart = Thread(target=self._beat, daemon=True)
            self._heart.start()
        return True

    def release(self, key: str) -> None:
        """Let go of a cell, once its record is there."""
        with self._lock:
            fd = self._held.pop(key, None)
        if fd is not None:
            # While the lock is held: whoever opens the path from now on makes a new file.
            path = self._path(key)
            with contextlib.suppress(OSError):
                if is_at(fd, path):
                    path.unlink()
            os.close(fd)

    def close(self) -> None:
        """Let go of all."""
        self._closed.set()
        for key in list(self._held):
            self.release(key)
        with contextlib.suppress(OSError):
            self._folder.rmdir()

    def _beat(self) -> None:
        """Tell other hosts again and again that this run is alive, whatever its main thread does."""
        while not self._closed.wait(self._beat_s):
            with self._lock:
                for fd in self._held.values():
                    # A claim that another host took over is no longer there to be touched.
                    with contextlib.suppress(OSError):
                        os.utime(fd)

    def _path(self, key: str) -> Path:
        return self._folder / f"{digest(key)[:32]}.claim"

    def _taken(self, path: Path) -> int | None:
        """Return the file of a claim, opened and ours; None if another run has it."""
        while True:
            try:
                fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
            except FileNotFoundError:
                self._folder.mkdir(parents=True, exist_ok=True)
                continue
            taken: bool | None = False
            try:
                taken = self._is_ours(fd, path)
            finally:
                if not taken:
                    os.close(fd)
            if taken is not None:
                return fd if taken else None

    def _is_ours(self, fd: int, path: Path) -> bool | None:
        """Return whether the file is ours now; None if it was replaced meanwhile and has to be opened anew."""
        if not try_lock(fd):
            return False
        if not is_at(fd, path):
            return None
        holder = os.pread(fd, 1000, 0)
        if holder and holder != self._host:
            if time.time() - os.fstat(fd).st_mtime < self._stale_s:
                return False
            # Several hosts may see that it is stale: the one whose rename succeeds goes on with a new file.
            stale = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
            with contextlib.suppress(FileNotFoundError):
                path.rename(stale)
                if is_at(fd, stale):
                    stale.unlink()
                else:
                    # Another host was between the two lines above: this is its new claim.
                    stale.rename(path)
            return None
        os.ftruncate(fd, 0)
        os.pwrite(fd, self._host, 0)
        os.utime(fd)
        return True
