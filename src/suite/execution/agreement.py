"""Runs at work on one output folder at once give every cell the same number of threads.

What its records were made with settles that for a folder; this does for one that has none yet. The number stands in a
file that every run at work holds a shared kernel lock on. Whoever looks at it, joins or leaves does so alone, under the
folder's own lock.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from suite.errors import UsageError
from suite.locks import locked, try_lock
from suite.store import LOCK

_NAME = ".threads"


def threads_at_work(root: Path) -> int | None:
    """Return the threads a cell of the runs that are at work on a folder, or None if there is no such run."""
    path = root / _NAME
    if not os.path.lexists(path):
        return None
    with contextlib.suppress(OSError), locked(root / LOCK), contextlib.ExitStack() as opened:
        fd = _open(path)
        opened.callback(os.close, fd)
        return None if try_lock(fd) else _number(fd)
    return None


@contextlib.contextmanager
def joined(root: Path, threads: int) -> Iterator[None]:
    """Be one of the runs at work on a folder, with so many threads a cell.

    Raises
    ------
    UsageError
        If another run at work there has another number of them, or its file system has no locks.
    """
    with contextlib.ExitStack() as held:
        try:
            root.mkdir(parents=True, exist_ok=True)
            with locked(root / LOCK):
                found = _join(root / _NAME, threads, held)
        except OSError as error:
            raise UsageError(
                f"{root} cannot be shared by runs: {error.strerror or error}; name another folder with --out"
            ) from error
        if found != threads:
            raise UsageError(
                f"another run has begun in {root} with {found} threads a cell, and this one has {threads}: their times "
                "would not compare; start it again"
            )
        yield


def _join(path: Path, threads: int, held: contextlib.ExitStack) -> int | None:
    """Hold the file with the number until the stack is closed; return the number of whoever came first."""
    fd = _open(path)
    held.callback(_leave, fd, path)
    if try_lock(fd):
        os.ftruncate(fd, 0)
        os.pwrite(fd, str(threads).encode(), 0)
    fcntl.flock(fd, fcntl.LOCK_SH)
    return _number(fd)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)


def _leave(fd: int, path: Path) -> None:
    with contextlib.suppress(OSError), locked(path.with_name(LOCK)):
        if try_lock(fd):
            path.unlink()
    os.close(fd)


def _number(fd: int) -> int | None:
    text = os.pread(fd, 20, 0)
    return int(text) if text.isdigit() else None
