"""Arrays left in a file: when memory is short, the system can put their pages away."""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np

ALIGNMENT = 64
"""Bytes; what libraries need to take an array over without a copy."""


class Place(NamedTuple):
    """Where a one-dimensional array stands in a file."""

    dtype: str
    size: int
    start: int


def put(array: np.ndarray, file: IO[bytes]) -> Place:
    """Write an array to the end of a file."""
    file.write(bytes(-file.tell() % ALIGNMENT))
    place = Place(array.dtype.str, len(array), file.tell())
    array.tofile(file)
    return place


def mapped(places: Sequence[Place], file: IO[bytes], access: int) -> list[np.ndarray]:
    """Return the arrays in a file, which may be closed then, or be without a name.

    Parameters
    ----------
    places : sequence of Place
        As `put` returned them.
    file : file
        With a descriptor.
    access : int
        ``mmap.ACCESS_READ``, or ``ACCESS_COPY`` for arrays that may be changed: the file stays as it is.
    """
    import numpy as np

    if not any(place.size for place in places):  # an empty file cannot be mapped
        return [np.empty(0, place.dtype) for place in places]
    # Whatever the number of arrays, one map: each takes a file descriptor.
    buffer = mmap.mmap(file.fileno(), 0, access=access)
    return [np.frombuffer(buffer, *place) for place in places]


def kept(columns: Iterable[Any], folder: Path | None) -> list[Any]:
    """Return the columns, arrays among them from a file in `folder`; without a folder as they are.

    The file has no name, and vanishes with the arrays. They are the caller's own: what is changed in them stays in
    memory.

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
    with tempfile.TemporaryFile(dir=folder) as file:
        found = [put(column, file) if isinstance(column, np.ndarray) else column for column in columns]
        file.flush()
        arrays = iter(mapped([place for place in found if isinstance(place, Place)], file, mmap.ACCESS_COPY))
    return [next(arrays) if isinstance(column, Place) else column for column in found]
