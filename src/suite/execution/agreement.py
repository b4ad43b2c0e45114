"""Runs at work on one output folder at once give every cell the same number of threads.

What its records were made with settles that for a folder; this does for one that has none yet. The number stands in a
file that every run at work holds a shared kernel lock on.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from suite.errors import UsageError
from suite.locks import is_alone, is_at

_NAME = ".threads"


def threads_at_work(root: Path) -> int | None:
    """Return the threads a cell of the runs that are at work on a folder, or None if there is no such run."""
    try:
        fd = os.open(root / _NAME, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return None if is_alone(fd) else _number(fd)
    finally:
        os.close(fd)


@contextlib.contextmanager
def joined(root: Path, threads: int) -> Iterator[None]:
    """Be one of the runs at work on a folder, with so many threads a cell.

    Raises
    ------
    UsageError
        If another run at work there has another number of them, or there can be no such file.
    """
    try:
        fd = _join(root / _NAME, threads)
    except OSError as error:
        raise UsageError(
            f"{root} cannot be shared by runs: {error.strerror or error}; name another with --out"
        ) from error
    try:
        if (found := _number(fd)) != threads:
            raise UsageError(
                f"another run has begun in {root} with {found} threads a cell, and this one has {threads}: their times "
                "would not compare; start it again"
            )
        yield
    finally:
        with contextlib.suppress(OSError):
            if is_alone(fd) and is_at(fd, root / _NAME):
                (root / _NAME).unlink()
        os.close(fd)


def _join(path: Path, threads: int) -> int:
    """Return the file with the number, opened and locked; the number is another run's if there is one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
        try:
            if is_alone(fd) and is_at(fd, path):
                os.ftruncate(fd, 0)
                os.pwrite(fd, str(threads).encode(), 0)
            # The kernel lets go of one lock before it gives the other: meanwhile another run may write its number.
            fcntl.flock(fd, fcntl.LOCK_SH)
            if is_at(fd, path):
                return fd
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)


def _number(fd: int) -> int | None:
    text = os.pread(fd, 20, 0)
    return int(text) if text.isdigit() else None
