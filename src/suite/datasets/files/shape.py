"""How large a table may be: refused by its shape, which is known before its cells are read."""

from __future__ import annotations

from pathlib import Path

from suite.datasets.files.sources import FREE_BYTES, MAX_BYTES, MAX_RATIO
from suite.errors import DataError

MAX_COLUMNS = 20_000
MAX_ROWS = 50_000_000
_BYTES_OF_A_CELL = 8


def most_rows(path: Path, columns: int) -> int:
    """Return how many rows a table may have whose format may write a cell once for many."""
    room = min(MAX_BYTES, max(FREE_BYTES, MAX_RATIO * path.stat().st_size))
    return min(MAX_ROWS, room // (_BYTES_OF_A_CELL * max(columns, 1)))


def check_shape(path: Path, rows: int, columns: int, *, may_repeat: bool = False) -> None:
    """Raise `DataError` if a table has more rows, columns or bytes in memory than one may have.

    `may_repeat`: its format may write a cell once for many, so that a small file claims any size; then it may need no
    more than 200 times the bytes of its file.
    """
    if columns > MAX_COLUMNS:
        raise DataError(f"{path} has {columns:,} columns; the limit is {MAX_COLUMNS:,}")
    if rows > MAX_ROWS:
        raise DataError(f"{path} has {rows:,} rows; the limit is {MAX_ROWS:,}")
    check_bytes(path, rows * columns * _BYTES_OF_A_CELL, f"{rows:,} rows of {columns:,} columns", may_repeat)


def check_bytes(path: Path, needed: int, what: str, may_repeat: bool = True) -> None:
    """Raise `DataError` if what a file holds needs too many bytes in memory."""
    if needed > MAX_BYTES:
        raise DataError(
            f"{path} has {what}, {needed / 2**30:,.1f} GiB in memory; the limit for one table is "
            f"{MAX_BYTES / 2**30:g} GiB"
        )
    if may_repeat and needed > max(FREE_BYTES, MAX_RATIO * path.stat().st_size):
        raise DataError(
            f"{path} has {what}, {needed / 2**30:,.1f} GiB in memory, more than {MAX_RATIO} times its size; refused"
        )
