"""Read a user's file as a table: delimited text, plain or packed, and Parquet.

Cells are typed and never changed: what looks like junk (`?`, `NA`, a lone -1) is said in the notes.
"""

from __future__ import annotations

import difflib
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.datasets import sources
from suite.datasets.assemble import unique_names
from suite.datasets.define import Table, count_rows
from suite.datasets.delimited import Dialect, read_cells, read_header, sniff, to_dates, to_numbers
from suite.errors import DataError, UnknownName, UsageError, listed
from suite.names import digest

if TYPE_CHECKING:
    import pandas as pd

READER_VERSION = 2
JUNK = ("?", "-", ".", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "NULL", "Null", "null", "None", "none")
SENTINELS = (-1, -9, -99, -999, -9999)


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
        frame, changes = _typed(read_cells(path, dialect, names, target), dialect, target)
        notes = changes + notes
    drop = {
        name: reason
        for name, was in zip(names, written, strict=True)
        if (reason := _no_feature(was, name, frame[name], target))
    }
    return Table(
        frame=frame.drop(columns=target),
        labels=frame[target],
        target=target,
        drop=drop,
        notes=(*notes, *_junk(frame.drop(columns=[target, *drop]), frame[target])),
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


def _typed(frame: pd.DataFrame, dialect: Dialect, target: str) -> tuple[pd.DataFrame, list[str]]:
    import pandas as pd

    notes = []
    if dialect.encoding == "latin-1":
        notes.append("the file is not UTF-8 and was read as latin-1")
    columns = {}
    for name in frame.columns:
        columns[name] = frame[name]
        if name != target:
            numbers, said = to_numbers(frame[name], dialect.separator)
            columns[name] = to_dates(numbers)
            notes += said
    if dates := [name for name, values in columns.items() if values.dtype.kind == "M"]:
        notes.append(f"read as dates: {listed(dates)}")
    return pd.DataFrame(columns), notes


def _no_feature(written: str, name: str, values: pd.Series[Any], target: str) -> str | None:
    if name == target:
        return None
    if written == target:
        return "has the name of the target"
    if not written and values.dtype.kind == "i" and len(values) > 1:
        first = int(values.iloc[0])
        if first in (0, 1) and values.tolist() == list(range(first, first + len(values))):
            return "counts the rows"
    return None


def _junk(frame: pd.DataFrame, labels: pd.Series[Any]) -> list[str]:
    import pandas as pd

    notes = []
    for name in frame.columns:
        values = frame[name]
        if pd.api.types.infer_dtype(values, skipna=True) == "string":
            notes += [
                f"column {name!r} holds {word!r} in {rows}, read as text" for word, rows in _words(values)
            ]
        elif values.dtype.kind in "if" and (sentinel := _lone_sentinel(values)) is not None:
            rows = count_rows(int((values == sentinel).sum()))
            notes.append(
                f"column {name!r} holds {sentinel} in {rows} and no other negative number, read as a number"
            )
    kept = [
        f"target {labels.name!r} holds {word!r} in {rows}, kept as a class" for word, rows in _words(labels)
    ]
    return notes + kept


def _words(values: pd.Series[Any]) -> list[tuple[str, str]]:
    found = values[values.isin(JUNK)].value_counts()
    return [(str(word), count_rows(int(rows))) for word, rows in sorted(found.items(), key=str)]


def _lone_sentinel(values: pd.Series[Any]) -> int | None:
    """Return the one negative number of a column if it looks like a code for missing.

    In a column of a few different numbers, such as -1, 0 and 1, it is a number like the others.
    """
    negative = values[values < 0].unique()
    if len(negative) == 1 and negative[0] in SENTINELS and values.nunique() >= 10:
        return int(negative[0])
    return None
