"""Kernel locks on files: they end with the process that holds them, however that ends."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
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


def open_lock(path: Path, mode: int = 0o666) -> int:
    """Open a file for locking, made if it is not there; neither a link is followed nor a pipe waited for.

    Raises
    ------
    OSError
        If that cannot be done, or it is no regular file.
    """
    # For writing: on network file systems a lock is refused otherwise.
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, mode)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    return fd


def make_own(folder: Path) -> None:
    """Make a folder that only this user can enter; among the temporary files anybody may have made one of its name.

    Raises
    ------
    OSError
        If it cannot be made, or is another user's, a link, or open to others.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not is_own(folder):
        raise PermissionError(errno.EPERM, "it is another user's, or others may write to it", str(folder))


def is_own(folder: Path) -> bool:
    """Return whether a folder is this user's, and no one else can write to it."""
    try:
        about = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(about.st_mode) and about.st_uid == os.getuid() and not about.st_mode & 0o022


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
    fd = open_lock(path)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(fd)
