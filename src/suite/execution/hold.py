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
from suite.locks import is_at, open_lock, try_lock

LOOK_S = 0.3
"""Seconds between two looks at a folder that another run holds."""


@contextlib.contextmanager
def holding(root: Path, about: str, wait: Callable[[str], None]) -> Iterator[None]:
    """Be the run that holds a folder, made if it is not there; wait until the run that holds it now is over.

    For each run that it waits for, `wait` is called with a sentence that says whose it is. Those who wait for this one
    are told what it is `about`.

    Raises
    ------
    UsageError
        If the folder cannot be written to, its file system has no locks, or this very thread holds it.
    """
    path, now = root / ".run", datetime.now(UTC).isoformat(timespec="seconds")
    with contextlib.ExitStack() as held:
        for folder in reversed((root, *root.parents)):
            if not folder.exists():
                held.callback(_remove_if_empty, folder)
        fd = _locked(path, wait)
        held.callback(_release, fd, path)
        with _refused(root):
            os.ftruncate(fd, 0)
            os.pwrite(fd, json.dumps({**_us(), "since": now, "about": about[:500]}).encode(), 0)
        yield


def _locked(path: Path, wait: Callable[[str], None]) -> int:
    """Return the open and locked file of a folder."""
    root, told = path.parent, ""
    while True:
        with contextlib.ExitStack() as opened, _refused(root):
            root.mkdir(parents=True, exist_ok=True)
            try:
                fd = open_lock(path)
            except FileNotFoundError:
                # The run that is over has just removed the folder, which it had made and left empty.
                continue
            opened.callback(os.close, fd)
            if not try_lock(fd):
                holder = _parsed(os.pread(fd, 4000, 0))
            elif is_at(fd, path):
                opened.pop_all()
                return fd
            else:
                # The run that is over has removed the file, and the next one makes another.
                continue
        if holder.items() >= _us().items():
            raise UsageError(
                f"a run of this very thread holds the folder {str(root)!r}: this one would wait for itself"
            )
        if (
            words
            := f"another run holds the folder {str(root)!r}, and this one waits for it ({_whose(holder)})"
        ) != told:
            wait(told := words)
        time.sleep(LOOK_S)


@contextlib.contextmanager
def _refused(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"no run can hold the folder {str(root)!r}: {error.strerror or error}; name another output folder"
        ) from error


def _release(fd: int, path: Path) -> None:
    with contextlib.suppress(OSError):
        if is_at(fd, path):
            path.unlink()
    os.close(fd)


def _remove_if_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()


def _us() -> dict[str, Any]:
    return {"pid": os.getpid(), "host": os.uname().nodename, "thread": threading.get_ident()}


def _parsed(text: bytes) -> dict[str, Any]:
    """Return what the run that holds a folder says of itself, nothing where it has not yet."""
    with contextlib.suppress(ValueError):
        if isinstance(found := json.loads(text), dict):
            return found
    return {}


def _whose(holder: dict[str, Any]) -> str:
    try:
        since = datetime.fromisoformat(holder["since"]).astimezone()
        return f"process {holder['pid']} on {holder['host']}, since {since:%Y-%m-%d %H:%M}: {holder['about']}"
    except (KeyError, TypeError, ValueError):
        return "it does not say whose it is"
