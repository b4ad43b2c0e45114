"""Kernel locks on files: they end with the process that holds them, however that ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


def try_lock(fd: int) -> bool:
    """Lock an open file without waiting; False if somebody else holds it.

    OSError if its file system has no locks.
    """
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_at(fd: int, path: Path) -> bool:
    """Say whether an open file still is what stands at a path: before it was locked somebody may have replaced it."""
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold a file, made if it is not there, against all who lock it this way; it stays where it is.

    Raises
    ------
    OSError
        If it cannot be opened, its file system has no locks, or, unless `wait`, somebody else has it.
    """
    # For writing: on network file systems a lock is refused otherwise.
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(fd)
