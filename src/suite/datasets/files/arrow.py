"""Parquet and Feather to a frame, through pyarrow."""

from __future__ import annotations

import re
import warnings
from collections.abc import Hashable
from pathlib import Path
from typing import IO, Literal

import pandas as pd

from suite.datasets.files.arrow_shape import check_feather, check_parquet
from suite.datasets.files.sources import content, open_content, packing
from suite.errors import DataError, SuiteError, in_one_line

_UNNAMED_INDEX = re.compile(r"__index_level_\d+__")


def read_arrow(path: Path, kind: Literal["parquet", "feather"]) -> pd.DataFrame:
    """Read a Parquet or Feather file; an index with a name becomes a column.

    Raises `DataError` if pyarrow is missing, or the file is damaged or larger than a table may be.
    """
    called = kind.capitalize()
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise DataError(f'reading {called} needs pyarrow: pip install "tabular-suite[parquet]"') from None
    source = content(path) if is_packed(path) else None
    try:
        if kind == "parquet":
            check_parquet(path, source or path)
        else:
            check_feather(path, source or path)
        with source or path.open("rb") as stream:
            frame = _frame(stream, kind)
    except SuiteError:
        raise
    except Exception as error:
        # A damaged file makes pyarrow raise whatever it came upon.
        raise DataError(
            f"{path} cannot be read as {called}: {in_one_line(type(error).__name__, error)}"
        ) from error
    for position, name in enumerate(frame.columns):
        first = frame.iloc[:, position].dropna().head(1).tolist()
        if first and not isinstance(first[0], Hashable):
            raise DataError(
                f"{path}: column {str(name)!r} holds lists or objects; a cell is a number, a text, a date or a "
                "truth value"
            )
    return frame


def _frame(stream: IO[bytes], kind: str) -> pd.DataFrame:
    from pyarrow import feather, parquet

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", (FutureWarning, DeprecationWarning))
        table = parquet.ParquetFile(stream).read() if kind == "parquet" else feather.read_table(stream)
        # The buffers of a damaged file may be shorter than its header says: reading beyond them ends the process.
        table.validate(full=True)
        try:
            frame = table.to_pandas()
            return frame if list(frame.index.names) == [None] else frame.reset_index()
        except Exception:
            # What pandas wrote there of its own may be damaged, or not fit the columns, which stand without it.
            frame = table.replace_schema_metadata(None).to_pandas()
    unnamed = [bool(_UNNAMED_INDEX.fullmatch(str(name))) for name in frame.columns]
    return frame.loc[:, [not index for index in unnamed]]


def is_packed(path: Path) -> bool:
    """Return whether a file holds its content in packed form."""
    with path.open("rb") as raw, open_content(path) as stream:
        head = raw.read(10)
        return packing(head) is not None and stream.read(10) != head
