"""One run at a time holds an output folder: its lock names the run, and ends with its process however that ends.

The lock is the kernel's, on a file in the folder. It holds between hosts too where the file system passes locks on, as
NFS does on Linux unless it is mounted with ``nolock`` or ``local_lock``; a host that is gone keeps its lock there until
the server gives it up.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from suite.errors import UsageError
from suite.locks import is_at, try_lock

_NAME = ".run"
LOOK_S = 0.3
"""Seconds between two looks at a folder that another run holds."""


@contextlib.contextmanager
def holding(root: Path, about: str, wait: Callable[[str], None]) -> Iterator[None]:
    """Be the run that holds a folder; wait until the run that holds it now is over.

    Parameters
    ----------
    root : Path
        The folder; made if it is not there.
    about : str
        What this run does, for those who wait for it.
    wait : callable
        Called with a sentence that says whose run is waited for, once for each.

    Raises
    ------
    UsageError
        If the folder cannot be written to, its file system has no locks, or this very thread holds it.
    """
    path = root / _NAME
    made: list[Path] = []
    with contextlib.ExitStack() as held:
        held.callback(_remove_empty, made)
        fd = _locked(path, wait, made)
        held.callback(_release, fd, path)
        with _refused(root):
            os.ftruncate(fd, 0)
            os.pwrite(fd, json.dumps({**_whose(), "since": _now(), "about": about[:500]}).encode(), 0)
        yield


def _locked(path: Path, wait: Callable[[str], None], made: list[Path]) -> int:
    """Return the open and locked file of a folder; add the folders that had to be made to `made`, innermost first."""
    root, told = path.parent, ""
    while True:
        made += [folder for folder in path.parents if folder not in made and not folder.exists()]
        with contextlib.ExitStack() as opened, _refused(root):
            root.mkdir(parents=True, exist_ok=True)
            try:
                # For writing: on network file systems a lock is refused otherwise.
                fd = os.open(
                    path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o666
                )
            except FileNotFoundError:
                # The run that is over has just removed the folder, which it had made and left empty.
                continue
            opened.callback(os.close, fd)
            holder = None if try_lock(fd) else _holder(fd)
            if holder is None and is_at(fd, path):
                opened.pop_all()
                return fd
        if holder is None:
            # The run that is over has removed the file, and the next one makes another.
            continue
        if holder.items() >= _whose().items():
            raise UsageError(f"a run of this very thread holds {root}: this one would wait for itself")
        if (words := _in_words(root, holder)) != told:
            wait(told := words)
        time.sleep(LOOK_S)


@contextlib.contextmanager
def _refused(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"no run can hold {root}: {error.strerror or error}; name another folder with --out"
        ) from error


def _release(fd: int, path: Path) -> None:
    with contextlib.suppress(OSError):
        if is_at(fd, path):
            path.unlink()
    os.close(fd)


def _remove_empty(folders: list[Path]) -> None:
    with contextlib.suppress(OSError):
        for folder in folders:
            folder.rmdir()


def _whose() -> dict[str, Any]:
    return {"pid": os.getpid(), "host": os.uname().nodename, "thread": threading.get_ident()}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _holder(fd: int) -> dict[str, Any]:
    """Return what the run that holds a folder says of itself, nothing where it has not yet."""
    try:
        found = json.loads(os.pread(fd, 4000, 0))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _in_words(root: Path, holder: dict[str, Any]) -> str:
    try:
        since = datetime.fromisoformat(holder["since"]).astimezone().strftime("%Y-%m-%d %H:%M:%S")
        whose = f"process {holder['pid']} on {holder['host']}, since {since}: {holder['about']}"
    except (KeyError, TypeError, ValueError):
        whose = "it does not say whose it is"
    return f"another run holds {root}, and this one waits for it ({whose})"
