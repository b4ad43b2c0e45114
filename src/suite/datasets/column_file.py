"""A table's features on disk: column after column in one memory-mapped file, a JSON with their positions beside it."""

from __future__ import annotations

import contextlib
import json
import mmap
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import pandas as pd

LAYOUT = 4
LARGE_ROWS = 200_000
"""Rows from which numbers that were read are left in a file: when memory is short, the system can drop their pages."""
ALIGNMENT = 64
"""Bytes; what libraries need to take an array over without a copy."""
_ABOUT = "columns.json"
_DATA = "columns"


class Extent(NamedTuple):
    """The part of a file that holds a one-dimensional array."""

    dtype: str
    size: int
    start: int


def write(X: pd.DataFrame, folder: Path) -> None:
    """Write a table to an empty folder.

    Columns of numbers or booleans keep their dtype; categories become int32 codes (-1 is missing), and their levels are
    written beside them.
    """
    levels: list[list[str] | None] = []
    extents = []
    text = "object"
    with (folder / _DATA).open("wb") as file:
        for _, column in X.items():
            if isinstance(column.dtype, pd.CategoricalDtype):
                levels.append([str(level) for level in column.cat.categories])
                text = str(column.cat.categories.dtype)
                column = column.cat.codes.astype(np.int32)
            else:
                levels.append(None)
            extents.append(_append(column.to_numpy(), file))
        size = file.tell()
    names = [str(name) for name in X.columns]
    about = {"names": names, "levels": levels, "text": text, "extents": extents, "bytes": size}
    (folder / _ABOUT).write_text(json.dumps(about), encoding="utf-8")


def is_whole(folder: Path) -> bool:
    """Return whether a table has the size it was written with: after a power loss files may be cut off or empty."""
    try:
        return bool(_about(folder)["bytes"] == (folder / _DATA).stat().st_size)
    except (OSError, ValueError, LookupError, TypeError):
        return False


def read(folder: Path, rows: np.ndarray) -> pd.DataFrame:
    """Return the rows at some positions of a table, in the order asked for, with a fresh index.

    The memory taken is that of the result. Where there are many rows, their numbers are left in a file without a name.
    """
    names = _about(folder)["names"]
    if len(rows) >= LARGE_ROWS:
        with contextlib.suppress(OSError):
            return _frame(names, left_in_file(_columns(folder, rows), folder.parent))
    return _frame(names, _columns(folder, rows))


def mapped(folder: Path) -> pd.DataFrame:
    """Return a whole table, its numbers left in the file: they are read when they are looked at."""
    return _frame(_about(folder)["names"], _columns(folder))


def left_in_file(columns: Iterable[Any], folder: Path) -> list[Any]:
    """Return columns whose arrays are in a file without a name, in that folder; the file vanishes with them.

    Columns that are no arrays stay as they are. One column is taken at a time, so that no two are in memory together.
    The arrays are the caller's own: what is changed in them stays in memory.
    """
    with tempfile.TemporaryFile(dir=folder) as file:
        found = [_append(column, file) if isinstance(column, np.ndarray) else column for column in columns]
        file.flush()
        extents = [column for column in found if isinstance(column, Extent)]
        arrays = iter(_arrays(extents, file, mmap.ACCESS_COPY))
    return [next(arrays) if isinstance(column, Extent) else column for column in found]


def _append(array: np.ndarray, file: IO[bytes]) -> Extent:
    file.write(bytes(-file.tell() % ALIGNMENT))
    extent = Extent(array.dtype.str, len(array), file.tell())
    array.tofile(file)
    return extent


def _arrays(extents: Sequence[Extent], file: IO[bytes], access: int) -> list[np.ndarray]:
    """Return the arrays in a file, which may be closed then."""
    if not any(extent.size for extent in extents):  # an empty file cannot be mapped
        return [np.empty(0, extent.dtype) for extent in extents]
    # Whatever the number of arrays, one map: each takes a file descriptor.
    buffer = mmap.mmap(file.fileno(), 0, access=access)
    return [np.frombuffer(buffer, *extent) for extent in extents]


def _about(folder: Path) -> dict[str, Any]:
    about: dict[str, Any] = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
    return about


def _columns(folder: Path, rows: np.ndarray | slice = slice(None)) -> Iterator[Any]:
    """Yield numbers as arrays and categories as pandas has them, one column after the other."""
    about = _about(folder)
    with (folder / _DATA).open("rb") as file:
        arrays = _arrays([Extent(*extent) for extent in about["extents"]], file, mmap.ACCESS_READ)
    for array, levels in zip(arrays, about["levels"], strict=True):
        if levels is None:
            yield array[rows]
        else:
            yield pd.Categorical.from_codes(array[rows], categories=pd.Index(levels, dtype=about["text"]))


def _frame(names: Sequence[str], columns: Iterable[Any]) -> pd.DataFrame:
    return pd.DataFrame(dict(zip(names, columns, strict=True)), copy=False)
