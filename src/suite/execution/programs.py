"""Where programs that XLA compiled for trials are kept: in the user's cache, apart by what they depend on."""

from __future__ import annotations

import contextlib
import os
import platform
import time
from pathlib import Path

from suite.datasets.files.sources import cache_dir
from suite.disk import remove_tree
from suite.locks import is_own, make_own
from suite.names import digest
from suite.provenance import distributions

UNUSED_S = 30 * 24 * 3600.0
_KEYS = (
    "vendor_id", "cpu family", "model", "model name", "stepping", "flags",
    "CPU implementer", "CPU architecture", "CPU variant", "CPU part", "Features",
)  # fmt: skip


def programs_folder(threads: int) -> Path | None:
    """Return the folder for programs of this processor, TensorFlow's version and so many threads; it is made.

    None without TensorFlow, or where no folder can be made that is this user's alone. Folders that nobody has used for
    a month are removed.
    """
    versions = "-".join(distributions("tensorflow").values())
    if not versions:
        return None
    try:
        root = cache_dir() / "xla"
        make_own(root)
        folder = root / f"{versions}-{digest(_processor(), threads, os.environ.get('XLA_FLAGS'))[:16]}"
        make_own(folder)
        os.utime(folder)
    except (OSError, RuntimeError):  # the last: a user without a home
        return None
    _sweep(root)
    return folder


def _sweep(root: Path) -> None:
    with contextlib.suppress(OSError):
        for folder in root.iterdir():
            if is_own(folder) and time.time() - folder.stat().st_mtime > UNUSED_S:
                remove_tree(folder)


def _processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> list[str]:
    """Return what the first processor is and can do: code compiled for it may fail on another."""
    said = [platform.machine(), platform.processor()]
    with contextlib.suppress(OSError):
        first = cpuinfo.read_text(errors="replace").partition("\n\n")[0]
        said += [line for line in first.splitlines() if line.partition(":")[0].strip() in _KEYS]
    return said
