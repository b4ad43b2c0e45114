"""Readings of this process, from the standard library: memory, its high-water mark, CPU time, load."""

from __future__ import annotations

import contextlib
import ctypes
import os
import time
from pathlib import Path

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")


def rss_mb() -> float | None:
    """Return the resident memory of this process in MB (10**6 bytes), or None where it is not told."""
    return _status_mb("VmRSS")


def peak_rss_mb() -> float | None:
    """Return the highest resident memory since `reset_peak`, in MB, or None where it is not told."""
    return _status_mb("VmHWM")


def reset_peak() -> None:
    """Set the high-water mark of resident memory to what is resident now (Linux; see proc(5), clear_refs)."""
    try:
        _CLEAR.write_text("5")
    except OSError:
        return


def _status_mb(field: str) -> float | None:
    try:
        for line in _STATUS.read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024 / 1e6
    except (OSError, ValueError, IndexError):
        return None
    return None


def cpu_s() -> float:
    """Return the CPU seconds that all threads of this process have used."""
    return time.process_time()


def load() -> float | None:
    """Return the machine's one-minute load average, or None where it is not told."""
    try:
        return os.getloadavg()[0]
    except OSError:
        return None


def give_back() -> None:
    """Return memory that was freed to the system: glibc keeps blocks of up to 32 MB, which add up to a table."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
