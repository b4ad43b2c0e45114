"""What is computed from records and kept beside them as JSON: read if it is sound, written whole, removed if old."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from suite.disk import encoded, read_bytes, write_all
from suite.errors import RecordError
from suite.nouns import dumps, loads, plain, sound

MAX_BYTES = 100_000_000
"""Of a file that is read."""
T = TypeVar("T")


def read(folder: Path, name: str, kind: type[T]) -> T | None:
    """Return what stands in a file, as a `kind`, or None if there is none that can be read as that.

    It can be computed again, so a damaged file is as good as none.
    """
    try:
        found: T = sound(loads(read_bytes(folder / f"{name}.json", MAX_BYTES)), kind)
    except RecordError:
        return None
    return found


def write(folder: Path, found: Mapping[str, Any], only: bool = False) -> None:
    """Write each of the values into a file of its name, if it differs; if `only`, remove all other files.

    Raises
    ------
    UsageError
        If the folder cannot be written to.
    """
    new = {folder / f"{name}.json": encoded(dumps(plain(value)) + "\n") for name, value in found.items()}
    changed = {path: content for path, content in new.items() if not _holds(path, content)}
    if changed:
        write_all(changed)
    if only:
        for path in set(folder.glob("*.json")) - new.keys():
            with contextlib.suppress(OSError):
                path.unlink()


def _holds(path: Path, content: bytes) -> bool:
    try:
        return read_bytes(path, MAX_BYTES) == content
    except RecordError:
        return False
