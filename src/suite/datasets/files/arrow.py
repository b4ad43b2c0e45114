"""Parquet and Feather to a frame, through pyarrow."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Literal

import pandas as pd

from suite.datasets.files.sources import content, open_content, packing
from suite.errors import DataError, in_one_line


def read_arrow(path: Path, kind: Literal["parquet", "feather"]) -> pd.DataFrame:
    """Read a Parquet or Feather file; an index with a name becomes a column.

    Raises `DataError` if pyarrow is missing, or the file is damaged.
    """
    called = kind.capitalize()
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise DataError(f'reading {called} needs pyarrow: pip install "tabular-suite[parquet]"') from None
    read = pd.read_parquet if kind == "parquet" else pd.read_feather
    try:
        frame = read(content(path) if is_packed(path) else path)
    except DataError:
        raise
    except Exception as error:
        # A damaged file makes pyarrow raise whatever it came upon.
        raise DataError(
            f"{path} cannot be read as {called}: {in_one_line(type(error).__name__, error)}"
        ) from error
    frame = frame if list(frame.index.names) == [None] else frame.reset_index()
    for name in frame.columns:
        first = frame[name].dropna().head(1).tolist()
        if first and not isinstance(first[0], Hashable):
            raise DataError(
                f"{path}: column {str(name)!r} holds lists or objects; a cell is a number, a text, a date or a "
                "truth value"
            )
    return frame


def is_packed(path: Path) -> bool:
    """Return whether a file holds its content in packed form."""
    with path.open("rb") as raw, open_content(path) as stream:
        head = raw.read(10)
        return packing(head) is not None and stream.read(10) != head
