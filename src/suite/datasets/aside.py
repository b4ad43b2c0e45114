"""Arrays left in a file without a name: when memory is short, the system can put their pages away."""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

ALIGNMENT = 64
"""Bytes; what libraries need to take an array over without a copy."""


def kept(columns: Iterable[Any], folder: Path | None) -> list[Any]:
    """Return the columns, arrays among them from a file in `folder`; without a folder as they are.

    The file vanishes with the arrays. They are the caller's own: what is changed in them stays in memory.

    Parameters
    ----------
    columns : iterable
        One-dimensional arrays, and whatever else; taken one after the other, so that one is in memory at a time.
    folder : Path or None
        On a disk with room for them.

    Raises
    ------
    OSError
        If there is not.
    """
    import numpy as np

    if folder is None:
        return list(columns)
    found: list[Any] = []
    places: dict[int, tuple[np.dtype[Any], int, int]] = {}
    with tempfile.TemporaryFile(dir=folder) as file:
        for position, column in enumerate(columns):
            found.append(column)
            if isinstance(column, np.ndarray) and column.size:
                file.seek(-(-file.tell() // ALIGNMENT) * ALIGNMENT)
                places[position] = column.dtype, len(column), file.tell()
                column.tofile(file)
                found[position] = None
        file.flush()
        if places:  # an empty file cannot be mapped
            # Whatever the number of columns, one map: each takes a file descriptor.
            buffer = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
            for position, place in places.items():
                found[position] = np.frombuffer(buffer, *place)
    return found
