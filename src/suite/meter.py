"""Readings of this process: memory, its high-water mark, the machine's load."""

from __future__ import annotations

import contextlib
import ctypes
import os
from pathlib import Path

from suite.supervision.processes import memory_kb


def rss_mb() -> float | None:
    """Return the resident memory of this process in MB (10**6 bytes), or None where the system does not say."""
    return _mb(memory_kb().get("VmRSS"))


def peak_rss_mb() -> float | None:
    """Return the highest resident memory since `reset_peak`, in MB, or None where the system does not say."""
    return _mb(memory_kb().get("VmHWM"))


def reset_peak() -> None:
    """Set the high-water mark of resident memory to what is resident now (Linux; see proc(5), clear_refs)."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _mb(kb: int | None) -> float | None:
    return None if kb is None else kb * 1024 / 1e6


def load() -> float | None:
    """Return the machine's one-minute load average, or None where the system does not say."""
    try:
        return os.getloadavg()[0]
    except OSError:
        return None


def give_back() -> None:
    """Return memory that was freed to the system: glibc keeps blocks of up to 32 MB, which add up to a table."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
