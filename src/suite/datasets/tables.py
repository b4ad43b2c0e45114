"""Read a user's file as a table: delimited text, plain or packed, and Parquet.

Cells are kept as they are written, but for plain numbers: what a column is, `recipe` decides.
"""

from __future__ import annotations

import difflib
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from suite.datasets import sources
from suite.datasets.assemble import unique_names
from suite.datasets.define import Table
from suite.datasets.delimited import read_cells, read_header, sniff
from suite.errors import DataError, UnknownName, UsageError, listed
from suite.names import digest

if TYPE_CHECKING:
    import pandas as pd

READER_VERSION = 3


def read(path: Path, target: str | None) -> Table:
    """Read a file whose first row names the columns.

    Parameters
    ----------
    path : Path
        A `.parquet` or `.pq` file, or text with `,` `;` tab or `|` between cells, in UTF-8 or latin-1; text
        may be packed as `.gz`, or as `.zip` with one member. In text, dates are those of ISO 8601.
    target : str or None
        The column that holds the classes.

    Returns
    -------
    Table
        Its fingerprint stands for the file's bytes, this reader and the target.

    Raises
    ------
    UsageError
        If no target is given; the message names the columns.
    UnknownName
        If the target is no column.
    DataError
        If there is no such file, or it holds no table that can be read.
    """
    _check_file(path)
    usual_decimal = "."
    if path.suffix.lower() in (".parquet", ".pq"):
        frame = _read_parquet(path)
        written = [str(name) for name in frame.columns]
        names, notes = unique_names(written)
        target = _checked_target(path, target, names)
        frame = frame.set_axis(names, axis=1)
        if frame.empty:
            raise DataError(f"{path} has columns and no rows")
    else:
        dialect = sniff(path)
        written = read_header(path, dialect)
        names, notes = unique_names([name or f"column {i}" for i, name in enumerate(written, start=1)])
        target = _checked_target(path, target, names)
        frame = read_cells(path, dialect, names, target)
        usual_decimal = "," if dialect.separator == ";" else "."
        if dialect.encoding == "latin-1":
            notes.insert(0, "the file is not UTF-8 and was read as latin-1")
    drop = {
        name: "has the name of the target"
        for name, was in zip(names, written, strict=True)
        if was == target != name
    }
    return Table(
        frame=frame.drop(columns=target),
        labels=frame[target],
        target=target,
        drop=drop,
        notes=tuple(notes),
        usual_decimal=usual_decimal,
        fingerprint=digest(sources.sha256(path), READER_VERSION, target),
    )


def _check_file(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise DataError(_no_file(path)) from None
    except (OSError, ValueError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or error
        raise DataError(f"no file {str(path)!r}: {reason}") from None
    if stat.S_ISDIR(mode):
        raise DataError(f"{path} is a folder; name the file in it")
    if not stat.S_ISREG(mode):
        raise DataError(f"{path} is not a regular file")


def _no_file(path: Path) -> str:
    if not path.parent.is_dir():
        return f"no file {str(path)!r}: there is no folder {str(path.parent)!r}"
    beside = sorted(file.name for file in path.parent.iterdir() if file.is_file())
    nearest = difflib.get_close_matches(path.name, beside, n=3, cutoff=0.5)
    hint = f"; did you mean {' or '.join(str(path.parent / name) for name in nearest)}?" if nearest else ""
    return f"no file {str(path)!r}{hint}"


def _checked_target(path: Path, target: str | None, names: Sequence[str]) -> str:
    if target is None:
        raise UsageError(f"{path} needs --target COLUMN; its columns are {listed(names)}")
    if target not in names:
        raise UnknownName("column", target, names)
    return target


def _read_parquet(path: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        frame = pd.read_parquet(path, engine="pyarrow")
    except ImportError:
        raise DataError('reading Parquet needs pyarrow: pip install "tabular-suite[parquet]"') from None
    except (ValueError, OSError, NotImplementedError) as error:
        raise DataError(f"{path} cannot be read as Parquet: {str(error).splitlines()[0]}") from error
    return frame if list(frame.index.names) == [None] else frame.reset_index()
