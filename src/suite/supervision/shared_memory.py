"""Shared memory of a family: kept apart from everybody else's where the kernel allows it, counted, and cleared away.

Files in ``/dev/shm``, of ``memfd_create`` and System V segments are memory that no process has to map, and that no
process's end gives back. In a mount and IPC namespace of its own a family has its own, which vanish with it. Where no
such namespace can be made, files are counted while a member has them open, and those it made are removed in the end.

Imported by the guard: the standard library only.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from suite.supervision.processes import read

FOLDER = "/dev/shm"
_CLONE_NEWNS, _CLONE_NEWIPC, _CLONE_NEWUSER = 0x00020000, 0x08000000, 0x10000000
_MS_NOSUID, _MS_NODEV, _MS_REC, _MS_SLAVE = 2, 4, 1 << 14, 1 << 19
_MEMORY = (f"{FOLDER}/", "/memfd:")
_NAMED = re.compile(r"(?:sem\.loky-|joblib_memmapping_folder_|torch_)([0-9]+)[-_]")
"""What libraries make is named by the number of their process."""


class Found(NamedTuple):
    """A file in memory that a process has open."""

    device: int
    inode: int
    path: str
    kb: int


def is_separable() -> bool:
    """Say whether a process here may get shared memory of its own; tried in a process that ends at once.

    It may not where a folder that it needs lies there: its own, those of the interpreter, or one in its environment.
    """
    needed = (os.getcwd(), sys.prefix, sys.base_prefix, *os.environ.values())
    is_needed = any(f"{FOLDER}/" in f"{path}/" for path in needed)
    if sys.platform != "linux" or is_needed or not os.access(FOLDER, os.W_OK):
        return False
    import ctypes  # noqa: F401  # here, so that the fork need not

    pid = os.fork()
    if pid == 0:
        code = 1
        with suppress(BaseException):
            separate()
            code = 0
        os._exit(code)
    return os.waitpid(pid, 0)[1] == 0


def separate() -> None:
    """Give this process shared memory of its own, for good; it must have one thread. OSError if that is not allowed."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)

    def check(result: int) -> None:
        if result != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))

    user, group = os.geteuid(), os.getegid()
    if user == 0:
        # In a namespace of users it would lose its rights over the files of others.
        check(libc.unshare(_CLONE_NEWNS | _CLONE_NEWIPC))
    else:
        # There everybody keeps their number.
        check(libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNS | _CLONE_NEWIPC))
        for name, content in (
            ("setgroups", "deny"),
            ("uid_map", f"{user} {user} 1"),
            ("gid_map", f"{group} {group} 1"),
        ):
            fd = os.open(f"/proc/self/{name}", os.O_WRONLY)
            os.write(fd, content.encode())
            os.close(fd)
    # What is mounted here stays here; what is unmounted elsewhere is not kept.
    check(libc.mount(b"none", b"/", None, _MS_REC | _MS_SLAVE, None))
    check(libc.mount(b"tmpfs", FOLDER.encode(), b"tmpfs", _MS_NOSUID | _MS_NODEV, b"mode=1777"))


class SharedMemory:
    """The shared memory of a family, as its guard sees it; made before the family's first process."""

    def __init__(self) -> None:
        self.is_separate = is_separable()
        self._before = {entry.inode() for entry in _entries()}
        self._seen: set[tuple[int, int]] = set()
        self._pids: set[int] = set()

    def unmapped_kb(self, first: int, pids: Iterable[int], *, exact: bool = False) -> int:
        """Return the memory in files of a family, `first` its first process, in KiB.

        Pages that are mapped as well count in their process's shared memory too; `exact` leaves them out (it walks
        page tables).
        """
        pids = list(pids)
        files = {(file.device, file.inode): file for pid in pids for file in _open_files(pid)}
        kb = sum(file.kb for file in files.values())
        if self.is_separate and _device(f"/proc/{first}/root{FOLDER}") != _device(FOLDER):
            kb = sum(file.kb for file in files.values() if not file.path.startswith(FOLDER))
            with suppress(OSError):
                room = os.statvfs(f"/proc/{first}/root{FOLDER}")
                kb += (room.f_blocks - room.f_bfree) * room.f_frsize // 1024
        else:
            self._pids |= set(pids)
            self._seen |= files.keys()
        return max(0, kb - sum(map(_mapped_kb, pids))) if exact and kb else kb

    def clear(self) -> None:
        """Remove what a family, now ended, has left in a folder that it shared with others."""
        for entry in _entries():
            with suppress(OSError):
                if entry.inode() not in self._before and self._is_own(entry):
                    _remove(entry)

    def _is_own(self, entry: os.DirEntry[str]) -> bool:
        about = entry.stat(follow_symlinks=False)
        if about.st_uid != os.getuid():
            return False
        named = _NAMED.match(entry.name)
        is_made = (about.st_dev, about.st_ino) in self._seen or (named and int(named[1]) in self._pids)
        return bool(is_made) and not _is_used(entry.path)


def _entries() -> list[os.DirEntry[str]]:
    try:
        with os.scandir(FOLDER) as entries:
            return list(entries)
    except OSError:
        return []


def _remove(entry: os.DirEntry[str]) -> None:
    if not entry.is_dir(follow_symlinks=False):
        os.unlink(entry.path)
        return
    import shutil

    shutil.rmtree(entry.path, ignore_errors=True)


def _open_files(pid: int | str) -> list[Found]:
    folder, found = f"/proc/{pid}/fd", []
    with suppress(OSError):
        for name in os.listdir(folder):
            with suppress(OSError):
                path = os.readlink(f"{folder}/{name}")
                if path.startswith(_MEMORY):
                    about = os.stat(f"{folder}/{name}")
                    found.append(Found(about.st_dev, about.st_ino, path, about.st_blocks // 2))
    return found


def _is_used(path: str) -> bool:
    """Say whether a process, now that the family has ended, has a file or one below it open or mapped."""
    for name in os.listdir("/proc"):
        if name.isdigit() and (
            any(f"{file.path}/".startswith(f"{path}/") for file in _open_files(name))
            or path.encode() in read(f"/proc/{name}/maps")
        ):
            return True
    return False


def _device(path: str) -> int | None:
    try:
        return os.stat(path).st_dev
    except OSError:
        return None


def _mapped_kb(pid: int) -> int:
    """Return the share of a process in files in memory that it maps, in KiB."""
    kb, is_memory = 0, False
    for line in read(f"/proc/{pid}/smaps").splitlines():
        words = line.split(None, 5)
        if b"-" in words[0] and not words[0].endswith(b":"):
            is_memory = len(words) > 5 and words[5].decode(errors="replace").startswith(_MEMORY)
        elif is_memory and words[0] == b"Pss:":
            kb += int(words[1])
    return kb
