"""Limits that a shell sets a process: which one an error is about, and whether there is memory to begin with."""

from __future__ import annotations

import errno
import os
import resource

from suite.errors import UsageError, in_one_line

_FILES = ("too many open files", resource.RLIMIT_NOFILE, "ulimit -n")
_MEMORY = ("not enough memory", resource.RLIMIT_AS, "ulimit -v")
_PROCESSES = ("no more processes or threads can be started", resource.RLIMIT_NPROC, "ulimit -u")
_BY_NUMBER = {errno.EMFILE: _FILES, errno.ENOMEM: _MEMORY}
_BY_WORDS = {
    "too many open files": _FILES,
    "cannot allocate memory": _MEMORY,
    "unable to allocate": _MEMORY,
    "failed to map segment": _MEMORY,
    "std::bad_alloc": _MEMORY,
    "can't start new thread": _PROCESSES,
    "resource temporarily unavailable": _PROCESSES,
}
"""What libraries say that have met a limit."""
_BASE_MB, _CORE_MB = 460, 20
"""What the libraries need, about: with less, OpenBLAS looks for memory for ever, or ends the process."""


def check_memory() -> None:
    """Refuse to begin where the libraries could not even be imported."""
    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    least = _BASE_MB + _CORE_MB * cores
    if most != resource.RLIM_INFINITY and most < least * 1e6:
        raise UsageError(
            f"not enough memory: the limit is {_amount(most)} (ulimit -v), and the libraries alone need {least} MB"
        )


def met_by(error: BaseException) -> str:
    """Return which limit an error, or what it came of, is about, and what the limit is; nothing if it is about none."""
    seen: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in seen:
        seen.append(one)
        if found := _limit(one):
            what, limit, flag = found
            most, _ = resource.getrlimit(limit)
            if most == resource.RLIM_INFINITY:
                return what
            return f"{what}: the limit is {_amount(most) if found is _MEMORY else f'{most:,}'} ({flag})"
        one = one.__cause__ or one.__context__
    return ""


def _limit(error: BaseException) -> tuple[str, int, str] | None:
    if isinstance(error, MemoryError):
        return _MEMORY
    if isinstance(error, OSError) and error.errno in _BY_NUMBER:
        return _BY_NUMBER[error.errno]
    said = in_one_line("", error).casefold()
    return next((limit for words, limit in _BY_WORDS.items() if words in said), None)


def _amount(size: float) -> str:
    return f"{size / 1e6:,.0f} MB"
