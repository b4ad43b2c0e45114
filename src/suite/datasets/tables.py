"""Read a user's file as a table, whatever its format: text, workbook, database, JSON, ARFF, Parquet, Feather.

Cells are typed and never changed: what looks like junk (`?`, `NA`, a lone -1) is said in the notes.
"""

from __future__ import annotations

import difflib
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from suite.datasets import sources
from suite.datasets.assemble import unique_names
from suite.datasets.define import Table, count_rows
from suite.datasets.delimited import Dialect, read_cells, to_dates, to_numbers
from suite.datasets.dialect import sniff
from suite.datasets.formats import Format, format_of
from suite.errors import DataError, UnknownName, UsageError, listed
from suite.names import digest
from suite.schema import Finding

if TYPE_CHECKING:
    import pandas as pd

READER_VERSION = 3
JUNK = ("?", "-", ".", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "NULL", "Null", "null", "None", "none")
SENTINELS = (-1, -9, -99, -999, -9999)


class Raw(NamedTuple):
    """What a file holds, as it is written there."""

    frame: pd.DataFrame
    """Columns of numbers where every cell is a plain number, else of text; the target of a text file is text."""
    written: tuple[str, ...]
    """Names as in the file, "" where a column has none."""
    target: str
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    leading_zeros: tuple[str, ...] = ()
    """Columns of numbers some of which are written with zeros in front."""
    dialect: Dialect | None = None
    """How a text file is written."""


def read(path: Path, target: str | None, *, no_header: bool = False, decimal: str | None = None) -> Table:
    """Read a file whose first row names the columns.

    Parameters
    ----------
    path : Path
        A file, or `FILE#PART`: a sheet of a workbook, a table of a database. What it is, and whether it is packed
        (gzip, zip with one member, bzip2, xz, zstd), is told from its bytes.
    target : str or None
        The column that holds the classes.
    no_header : bool
        The first row is data: columns are called column_1, column_2, ...; a target may be a bare position.
    decimal : str or None
        The decimal mark of a text file, if it is known.

    Returns
    -------
    Table
        Its fingerprint stands for the file's bytes, this reader, the target, the part and the options.

    Raises
    ------
    UsageError
        If no target is given; the message names the columns.
    UnknownName
        If the target, or the part, does not exist.
    DataError
        If there is no such file, or it holds no table that can be read.
    """
    raw = read_raw(path, target, no_header=no_header, decimal=decimal)
    frame, target, notes = raw.frame, raw.target, list(raw.notes)
    if raw.dialect is not None:
        # What there is to say of the encoding is said.
        frame, changes = _typed(frame, raw.dialect._replace(encoding="utf-8"), target)
        notes = changes + notes
    drop = {
        name: reason
        for name, was in zip(frame.columns, raw.written, strict=True)
        if (reason := _no_feature(was, name, frame[name], target))
    }
    file, part = sources.split_part(path)
    options: dict[str, Any] = {"no_header": True} if no_header else {}
    options |= {"decimal": decimal} if decimal else {}
    return Table(
        frame=frame.drop(columns=target),
        labels=frame[target],
        target=target,
        drop=drop,
        notes=(*notes, *_junk(frame.drop(columns=[target, *drop]), frame[target])),
        findings=raw.findings,
        fingerprint=digest(sources.sha256(file), READER_VERSION, target, part, options),
    )


def read_raw(path: Path, target: str | None, *, no_header: bool = False, decimal: str | None = None) -> Raw:
    """Read a file as it is written; parameters and errors are those of `read`."""
    path, part = sources.split_part(path)
    _check_file(path)
    kind = format_of(path)
    if part is not None and kind not in ("workbook", "database"):
        raise UsageError(f"{path} has no part {part!r}: only workbooks and databases have")
    if no_header and kind not in ("workbook", "text"):
        raise UsageError(f"--no-header is for text files and workbooks; {path} names its columns")
    raw = (
        _read_text(path, target, no_header, decimal)
        if kind == "text"
        else _read_typed(path, part, kind, target, no_header)
    )
    return _without_empty_rows(path, raw)


def _read_text(path: Path, target: str | None, no_header: bool, decimal: str | None) -> Raw:
    text = sniff(path, no_header=no_header)
    names, notes = _named(text.names)
    target, findings = _checked_target(path, target, names, text.first_row, no_header)
    as_text = None if decimal == "," else [names[j] for j in text.as_text]
    return Raw(
        frame=read_cells(path, text.dialect, names, target, as_text),
        written=text.names,
        target=target,
        notes=(*text.notes, *notes),
        findings=findings,
        leading_zeros=tuple(names[j] for j in text.leading_zeros if names[j] != target),
        dialect=text.dialect,
    )


def _read_typed(path: Path, part: str | None, kind: Format, target: str | None, no_header: bool) -> Raw:
    frame, said, first_row = _read_frame(path, part, kind, no_header)
    written = tuple(str(name) for name in frame.columns)
    names, notes = _named(written)
    target, findings = _checked_target(path, target, names, first_row, no_header)
    if frame.empty:
        raise DataError(f"{path} has columns and no rows")
    return Raw(
        frame.set_axis(names, axis=1).reset_index(drop=True), written, target, (*said, *notes), findings
    )


def _read_frame(
    path: Path, part: str | None, kind: Format, no_header: bool
) -> tuple[pd.DataFrame, Sequence[str], tuple[str, ...]]:
    """Return the columns with their names as written, notes, and what looks like data where names should be."""
    from suite.datasets import arff, arrow, database, json_rows, workbook

    if kind == "workbook":
        sheet = workbook.read_sheet(path, part, no_header=no_header)
        return sheet.frame.set_axis(list(sheet.names), axis=1), sheet.notes, sheet.first_row
    if kind == "json":
        return *json_rows.read_json(path), ()
    if kind == "database":
        return database.read_database(path, part), (), ()
    if kind == "arff":
        return arff.read_arff(path), (), ()
    assert kind != "text"
    return arrow.read_arrow(path, kind), (), ()


def _named(written: Sequence[str]) -> tuple[list[str], list[str]]:
    return unique_names([name or f"column {i}" for i, name in enumerate(written, start=1)])


def _without_empty_rows(path: Path, raw: Raw) -> Raw:
    """Leave out the rows in which no cell is filled."""
    frame = raw.frame
    empty = frame.index
    for name in frame.columns:
        values = frame[name]
        # Most tables are done with after the first column.
        empty = empty[(values if len(empty) == len(frame) else values.loc[empty]).isna().to_numpy()]
        if empty.empty:
            return raw
    if len(empty) == len(frame):
        raise DataError(f"{path} has columns and no cell that is filled")
    verb = "is" if len(empty) == 1 else "are"
    note = f"{count_rows(len(empty))} {verb} empty and left out"
    return raw._replace(frame=frame.drop(index=empty).reset_index(drop=True), notes=(*raw.notes, note))


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


def _checked_target(
    path: Path, target: str | None, names: Sequence[str], first_row: Sequence[str], no_header: bool
) -> tuple[str, tuple[Finding, ...]]:
    """Return the target's name, and what to check if the row of names looks like data."""
    if no_header and target is not None and target.isdecimal() and target not in names:
        target = f"column_{int(target)}"
    looks = f"the first row of {path} ({listed(first_row, 4)}) looks like data, not like names"
    if target not in names and first_row:
        raise DataError(
            f"{looks}; if it is, say --no-header and --target column_N (column_1 to column_{len(names)})"
        )
    if target is None:
        raise UsageError(f"{path} needs --target COLUMN; its columns are {listed(names)}")
    if target not in names:
        raise UnknownName("column", target, names)
    if not first_row:
        return target, ()
    instead = f"--no-header and --target column_{names.index(target) + 1}"
    text = f"{looks}, and was read as names; if it is data, say {instead}"
    return target, (Finding(code="no-header", text=text),)


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
