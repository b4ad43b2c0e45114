"""What Linux tells of running processes: descendants, sessions, memory. Elsewhere the answers are empty.

Imported by the guard: nothing here but `os`.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from functools import cache

_SERVANTS = (
    b"resource_tracker import main",
    b"multiprocessing.forkserver import main",
    b"joblib.externals.loky.backend.popen_loky_posix",
)


def descendants(pid: int) -> list[int]:
    """List the living and the unreaped descendants of `pid`, parents before their children.

    An orphan counts as a child of the process that adopted it. One listing may miss some while processes come and go:
    to be sure that none is left, ask until the answer is empty.
    """
    children = _children if _has_children_files() else _parent_map().get
    found, frontier = [], [pid]
    while frontier:
        frontier = [child for parent in frontier for child in children(parent) or ()]
        found += frontier
    return found


def running(pids: list[int]) -> list[int]:
    """Keep those of `pids` that still run: a zombie has ended, though nobody has asked for its status yet."""
    return [pid for pid in pids if _stat(pid)[:1] not in ([], ["Z"], ["X"])]


def mask(words: Collection[str]) -> None:
    """Overwrite words in the command line and the environment of this process as others see them in ``/proc`` (Linux).

    A word is masked where it is an argument, or stands behind a ``=``. What the program itself reads stays as it is.
    """
    fields = _stat(os.getpid())
    if len(fields) < 49 or not words:
        return
    import ctypes

    masked = {os.fsencode(word) for word in words}
    # Where the system reads them from: fields 48 to 51 of proc(5), counted from the third.
    for start, end in ((int(fields[45]), int(fields[46])), (int(fields[47]), int(fields[48]))):
        for part in ctypes.string_at(start, end - start).split(b"\0"):
            name, equals, value = part.partition(b"=")
            if part in masked or (equals and value in masked):
                kept = 0 if part in masked else len(name) + 1
                ctypes.memset(start + kept, ord("*"), len(part) - kept)
            start += len(part) + 1
    for variable, told in os.environ.items():
        if told in words:
            # For the processes that this one starts: a copy that stands elsewhere.
            os.environ[variable] = told


def is_servant(pid: int) -> bool:
    """Say whether a process is one that Python or joblib keeps beside a program, and ends with it."""
    command = read(f"/proc/{pid}/cmdline")
    return any(words in command for words in _SERVANTS)


def is_stopped(pid: int) -> bool:
    """Say whether a process was stopped by a signal."""
    return _stat(pid)[:1] == ["T"]


def session_members(session: int) -> list[int]:
    """List the running processes of a session."""
    return running([pid for pid in _all_pids() if _stat(pid)[3:4] == [str(session)]])


def memory_kb(pid: int | str = "self") -> dict[str, int]:
    """Return the sizes in ``/proc/<pid>/status`` (``VmRSS``, ``VmHWM``, ``VmData``, ``RssAnon``...) in KiB.

    Empty for a process that is gone, for a zombie, and where there is no ``/proc``.
    """
    return _sizes(f"/proc/{pid}/status")


def held_kb(pid: int | str = "self") -> int:
    """Return the memory of one process that no file on disk backs, shared or not, swapped or not, in KiB.

    0 when it is gone.
    """
    sizes = memory_kb(pid)
    return sizes.get("RssAnon", 0) + sizes.get("RssShmem", 0) + sizes.get("VmSwap", 0)


def proportional_held_kb(pid: int) -> int:
    """Return the same with shared pages divided among their processes: exact, and slow (it walks page tables)."""
    sizes = _sizes(f"/proc/{pid}/smaps_rollup")
    if not sizes:
        return held_kb(pid)
    return sizes.get("Pss_Anon", 0) + sizes.get("Pss_Shmem", 0) + sizes.get("SwapPss", 0)


def kernel_oom_kills() -> int:
    """Count the processes that the kernel has killed for want of memory since it started."""
    for line in read("/proc/vmstat").splitlines():
        if line.startswith(b"oom_kill "):
            return int(line.split()[1])
    return 0


def read(path: str) -> bytes:
    """Return a file of ``/proc``; empty where it is not there, or its process has just ended."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        parts = []
        while part := os.read(fd, 1 << 16):
            parts.append(part)
        return b"".join(parts)
    except OSError:
        return b""
    finally:
        os.close(fd)


def kill(pids: Iterable[int], number: int) -> None:
    """Send a signal to each of `pids` that is still there."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except OSError:
            continue


def _sizes(path: str) -> dict[str, int]:
    sizes = {}
    for line in read(path).splitlines():
        if line.endswith(b" kB"):
            name, _, value = line.partition(b":")
            sizes[name.decode()] = int(value[:-3])
    return sizes


@cache
def _has_children_files() -> bool:
    pid = os.getpid()
    return os.access(f"/proc/{pid}/task/{pid}/children", os.R_OK)


def _children(pid: int) -> list[int]:
    try:
        threads = [entry.name for entry in os.scandir(f"/proc/{pid}/task")]
    except OSError:
        return []
    return [int(child) for thread in threads for child in read(f"/proc/{pid}/task/{thread}/children").split()]


def _parent_map() -> dict[int, list[int]]:
    children: dict[int, list[int]] = {}
    for pid in _all_pids():
        fields = _stat(pid)
        if len(fields) > 1:
            children.setdefault(int(fields[1]), []).append(pid)
    return children


def _all_pids() -> list[int]:
    try:
        return [int(entry.name) for entry in os.scandir("/proc") if entry.name.isdigit()]
    except OSError:
        return []


def _stat(pid: int) -> list[str]:
    """Return state, parent, group, session, ... of a process: what follows its name, which may hold anything."""
    return read(f"/proc/{pid}/stat").decode(errors="replace").rpartition(")")[2].split()
