"""A table's features on disk: column after column in one memory-mapped file, a JSON with their positions beside it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import mmap
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, BinaryIO, NamedTuple

import numpy as np
import pandas as pd

from suite.disk import opened, read_bytes
from suite.errors import RecordError

LAYOUT = 4
LARGE_ROWS = 200_000
"""Rows from which numbers that were read are left in a file: when memory is short, the system can drop their pages."""
ALIGNMENT = 64
"""Bytes; what libraries need to take an array over without a copy."""
MAX_BYTES = 1 << 40
"""Of a table on disk."""
_ABOUT = "columns.json"
_DATA = "columns"


class Extent(NamedTuple):
    """The part of a file that holds a one-dimensional array."""

    dtype: str
    size: int
    start: int


class Changed(Exception):
    """A table on disk is not the one that was written."""


def write(X: pd.DataFrame, folder: Path) -> str:
    """Write a table to an empty folder and return its digest, see `digest`.

    Columns of numbers or booleans keep their dtype; categories become int32 codes (-1 is missing), and their levels are
    written beside them. The files are for reading only.
    """
    with (folder / _DATA).open("wb") as file:
        about, found = _laid_out(X, file.write)
    (folder / _ABOUT).write_bytes(about)
    for path in folder.iterdir():
        path.chmod(0o444)
    return found


def digest(X: pd.DataFrame) -> str:
    """Return the sha256 of all that `write` writes of a table, without writing it."""
    return _laid_out(X, lambda data: None)[1]


def digest_on_disk(folder: Path) -> str:
    """Return the sha256 of a table as it stands in a folder; `RecordError` if it has no regular files."""
    with opened(folder / _DATA, MAX_BYTES) as file:
        found = hashlib.file_digest(file, "sha256")
    found.update(read_bytes(folder / _ABOUT, MAX_BYTES))
    return found.hexdigest()


def _laid_out(X: pd.DataFrame, put: Callable[[memoryview], object]) -> tuple[bytes, str]:
    """Hand the content of a table's file to `put`, piece by piece; return what stands beside it, and the digest."""
    levels: list[list[str] | None] = []
    extents = []
    text, position, found = "object", 0, hashlib.sha256()
    for _, column in X.items():
        if isinstance(column.dtype, pd.CategoricalDtype):
            levels.append([str(level) for level in column.cat.categories])
            text = str(column.cat.categories.dtype)
            column = column.cat.codes.astype(np.int32)
        else:
            levels.append(None)
        array = np.ascontiguousarray(column.to_numpy())
        start = position + -position % ALIGNMENT
        extents.append(Extent(array.dtype.str, len(array), start))
        for piece in (memoryview(bytes(start - position)), array.view(np.uint8).data):
            put(piece)
            found.update(piece)
            position += len(piece)
    names = [str(name) for name in X.columns]
    about = {"names": names, "levels": levels, "text": text, "extents": extents, "bytes": position}
    raw = json.dumps(about).encode()
    found.update(raw)
    return raw, found.hexdigest()


class Columns:
    """A table on disk, mapped; `Changed` if its digest is not the one expected."""

    def __init__(self, folder: Path, expected: str) -> None:
        self._folder = folder
        try:
            raw = read_bytes(folder / _ABOUT, MAX_BYTES)
            # Whatever the number of arrays, one map: each takes a file descriptor.
            with opened(folder / _DATA, MAX_BYTES) as file:
                buffer = _mapped(file, mmap.ACCESS_READ)
        except RecordError as error:
            raise Changed(f"the stored columns cannot be read: {error}") from error
        found = hashlib.sha256(buffer)
        found.update(raw)
        if found.hexdigest() != expected:
            raise Changed("the stored columns are not those that were written")
        about = json.loads(raw)
        self._names, self._levels, self._text = about["names"], about["levels"], about["text"]
        self._arrays = _arrays([Extent(*extent) for extent in about["extents"]], buffer)

    def rows(self, rows: np.ndarray) -> pd.DataFrame:
        """Return the rows at some positions, in the order asked for, with a fresh index.

        The memory taken is that of the result. Where there are many rows, their numbers are left in a file without a
        name.
        """
        if len(rows) >= LARGE_ROWS:
            with contextlib.suppress(OSError):
                return self._frame(left_in_file(self._columns(rows), self._folder.parent))
        return self._frame(self._columns(rows))

    def _columns(self, rows: np.ndarray) -> Iterator[Any]:
        """Yield numbers as arrays and categories as pandas has them, one column after the other."""
        for array, levels in zip(self._arrays, self._levels, strict=True):
            if levels is None:
                yield array[rows]
            else:
                categories = pd.Index(levels, dtype=self._text)
                yield pd.Categorical.from_codes(array[rows], categories=categories)

    def _frame(self, columns: Iterable[Any]) -> pd.DataFrame:
        return pd.DataFrame(dict(zip(self._names, columns, strict=True)), copy=False)


def nameless(X: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Return a table whose numbers are left in a file without a name, in that folder."""
    columns = (c.array if isinstance(c.dtype, pd.CategoricalDtype) else c.to_numpy() for _, c in X.items())
    return pd.DataFrame(dict(zip(X.columns, left_in_file(columns, folder), strict=True)), copy=False)


def left_in_file(columns: Iterable[Any], folder: Path) -> list[Any]:
    """Return columns whose arrays are in a file without a name, in that folder; the file vanishes with them.

    Columns that are no arrays stay as they are. One column is taken at a time, so that no two are in memory together.
    The arrays are the caller's own: what is changed in them stays in memory.
    """
    with tempfile.TemporaryFile(dir=folder) as file:
        found = [_append(column, file) if isinstance(column, np.ndarray) else column for column in columns]
        file.flush()
        extents = [column for column in found if isinstance(column, Extent)]
        arrays = iter(_arrays(extents, _mapped(file, mmap.ACCESS_COPY)))
    return [next(arrays) if isinstance(column, Extent) else column for column in found]


def _append(array: np.ndarray, file: IO[bytes]) -> Extent:
    file.write(bytes(-file.tell() % ALIGNMENT))
    extent = Extent(array.dtype.str, len(array), file.tell())
    array.tofile(file)
    return extent


def _mapped(file: IO[bytes] | BinaryIO, access: int) -> mmap.mmap | bytes:
    """Return the content of a file, which may be closed then; an empty one cannot be mapped."""
    is_empty = os.fstat(file.fileno()).st_size == 0
    return b"" if is_empty else mmap.mmap(file.fileno(), 0, access=access)


def _arrays(extents: Sequence[Extent], buffer: mmap.mmap | bytes) -> list[np.ndarray]:
    return [
        np.frombuffer(buffer, *extent) if extent.size else np.empty(0, extent.dtype) for extent in extents
    ]
