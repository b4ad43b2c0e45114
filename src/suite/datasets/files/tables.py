"""Read a user's file as a table, whatever its format: text, workbook, database, JSON, ARFF, Parquet, Feather.

Cells are kept as they are written, except plain numbers: `recipe` decides what a column is.
"""

from __future__ import annotations

import difflib
import stat
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from suite.datasets.columns.typed import EXACT, integers
from suite.datasets.files import arff, arrow, database, json_rows, sources, workbook
from suite.datasets.files.delimited import Dialect, read_cells
from suite.datasets.files.dialect import sniff
from suite.datasets.files.formats import Contents, Format, format_of
from suite.datasets.files.rows import Row, is_number
from suite.datasets.files.strays import without_strays
from suite.datasets.table import Table, count_rows, unique_names
from suite.errors import DataError, SuiteError, UnknownName, UsageError, in_one_line, listed
from suite.names import digest
from suite.schema import Finding

if TYPE_CHECKING:
    import pandas as pd

READER_VERSION = 4
NO_TARGET = ""
"""The target of a table of rows to predict: no column is it, and rows are left as they are."""


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


def read(
    path: Path,
    target: str | None,
    *,
    no_header: bool = False,
    decimal: str | None = None,
    as_text: Collection[str] = (),
) -> Table:
    """Read a file whose first row names the columns.

    The path is a file, or `FILE#PART`: a sheet of a workbook, a table of a database. The file's bytes show what it is,
    and whether it is packed (gzip, zip with one member, bzip2, xz, zstd). The table's fingerprint stands for these
    bytes, this reader, the target, the part and the options.

    Parameters
    ----------
    no_header : bool
        The first row is data: columns are called column_1, column_2, ...; a target may be a bare position.
    decimal : str or None
        The decimal mark of a text file, if it is known.
    as_text : collection of str
        Columns of a text file whose numbers are kept as they are written: `007`, `010224`.

    Raises
    ------
    UsageError
        If no target is given; `UnknownName` if it, or the part, does not exist.
    DataError
        If the file does not exist or holds no table that can be read.
    """
    raw = read_raw(path, target, no_header=no_header, decimal=decimal, as_text=as_text)
    frame, target = raw.frame, raw.target
    drop = {
        name: "has the name of the target"
        for name, was in zip(frame.columns, raw.written, strict=True)
        if was == target != name
    }
    file, part = sources.split_part(path)
    options: dict[str, Any] = {"no_header": True} if no_header else {}
    options |= {"decimal": decimal} if decimal else {}
    return Table(
        frame=frame.drop(columns=target),
        labels=frame[target],
        target=target,
        drop=drop,
        notes=raw.notes,
        usual_decimal=_usual_decimal(raw),
        leading_zeros=raw.leading_zeros,
        findings=raw.findings,
        fingerprint=digest(sources.sha256(file), READER_VERSION, target, part, options),
    )


def _usual_decimal(raw: Raw) -> str:
    """Return `,` for a file with `;` between cells, unless some of its numbers have a point."""
    if raw.dialect is None or raw.dialect.separator != ";":
        return "."
    floats = (raw.frame[name] for name in raw.frame.columns if raw.frame[name].dtype.kind == "f")
    return "." if any((values.dropna() % 1 != 0).any() for values in floats) else ","


def read_raw(
    path: Path,
    target: str | None,
    *,
    no_header: bool = False,
    decimal: str | None = None,
    as_text: Collection[str] = (),
) -> Raw:
    """Read a file as it is written; parameters and errors are those of `read`."""
    path, part = sources.split_part(path)
    check_file(path)
    try:
        return _read_raw(path, part, target, no_header, decimal, as_text)
    except SuiteError:
        raise
    except Exception as error:
        # What a library makes of a file that somebody damaged has no list.
        raise DataError(
            f"{path} cannot be read as a table: {in_one_line(type(error).__name__, error)}"
        ) from error


def _read_raw(
    path: Path,
    part: str | None,
    target: str | None,
    no_header: bool,
    decimal: str | None,
    as_text: Collection[str],
) -> Raw:
    kind = format_of(path)
    if part is not None and kind not in ("workbook", "database"):
        raise UsageError(f"{path} has no part {part!r}: only workbooks and databases have")
    if no_header and kind not in ("workbook", "text"):
        raise UsageError(f"--no-header is for text files and workbooks; {path} names its columns")
    raw = (
        _read_text(path, target, no_header, None if decimal == "," else as_text)
        if kind == "text"
        else _read_typed(path, part, kind, target, no_header)
    )
    if target == NO_TARGET:
        return raw
    raw = _without_empty_rows(path, raw)
    if kind not in ("text", "workbook") or no_header:
        return raw
    frame, findings = without_strays(raw.frame, raw.written, raw.target)
    new = [finding for finding in findings if finding not in raw.findings]
    return raw._replace(frame=frame, findings=(*raw.findings, *new))


def _read_text(path: Path, target: str | None, no_header: bool, as_text: Collection[str] | None) -> Raw:
    text = sniff(path, no_header=no_header)
    names, notes = _named(text.names)
    target, findings = _checked_target(
        path, target, names, text.first_row, no_header, _lower(target, text.next_rows)
    )
    if as_text is not None:
        as_text = [names[j] for j in text.as_text] + [name for name in names if name in as_text]
    frame = read_cells(path, text.dialect, names, target, as_text)
    unpointed = [name for j, name in enumerate(names) if j not in text.pointed]
    if as_text is not None and (late := [name for name in unpointed if _may_be_grouped(frame[name])]):
        # Their first cells had no point: what stands behind one further below may be thousands.
        frame[late] = read_cells(path, text.dialect, names, target, [*as_text, *late])[late]
    # Among empty cells, pandas makes floats of whole numbers.
    if large := [name for name in names if _may_be_rounded(frame[name])]:
        cells = read_cells(path, text.dialect, names, target, [*(as_text or ()), *large])
        for name in large:
            if (exact := integers(cells[name].dropna())) is not None:
                frame[name] = exact.astype("Int64").reindex(frame.index)
    return Raw(
        frame=frame,
        written=text.names,
        target=target,
        notes=(*text.notes, *notes),
        findings=(*text.findings, *findings),
        leading_zeros=tuple(names[j] for j in text.leading_zeros if names[j] != target),
        dialect=text.dialect,
    )


def _may_be_grouped(values: pd.Series[Any]) -> bool:
    """Return whether all numbers with decimals in a column may be `1.234`, as far as floats can tell."""
    if values.dtype.kind != "f":
        return False
    numbers = values.to_numpy()
    parted = numbers[np.isfinite(numbers)]
    parted = parted[parted % 1 != 0]
    thousands = parted * 1000
    fits = np.abs(thousands - np.rint(thousands)) < 1e-6 * np.abs(thousands)
    return len(parted) > 0 and bool((fits & (np.abs(parted) >= 1) & (np.abs(parted) < 1000)).all())


def _may_be_rounded(values: pd.Series[Any]) -> bool:
    return values.dtype.kind == "f" and EXACT <= abs(values).max() < 2**63 and bool(values.isna().any())


def _read_typed(path: Path, part: str | None, kind: Format, target: str | None, no_header: bool) -> Raw:
    held = _contents(path, part, kind, no_header)
    frame, written = held.frame, tuple(str(name) for name in held.frame.columns)
    names, notes = _named(written)
    hint = _lower(target, held.next_rows) or held.hint
    target, findings = _checked_target(path, target, names, held.first_row, no_header, hint)
    if frame.empty:
        raise DataError(f"{path} has columns and no rows")
    return Raw(
        frame=frame.set_axis(names, axis=1).reset_index(drop=True),
        written=written,
        target=target,
        notes=(*held.notes, *notes),
        findings=(*held.findings, *findings),
    )


def _contents(path: Path, part: str | None, kind: Format, no_header: bool) -> Contents:
    if kind == "workbook":
        return workbook.read_sheet(path, part, no_header=no_header)
    if kind == "json":
        return Contents(*json_rows.read_json(path))
    if kind == "database":
        return Contents(database.read_database(path, part))
    if kind == "arff":
        return Contents(arff.read_arff(path))
    assert kind != "text"
    return Contents(arrow.read_arrow(path, kind))


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


def check_file(path: Path) -> None:
    """Raise `DataError` if there is no such file."""
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
    try:
        beside = sorted(file.name for file in path.parent.iterdir() if file.is_file())
    except OSError:
        beside = []
    nearest = difflib.get_close_matches(path.name, beside, n=3, cutoff=0.5)
    hint = f"; did you mean {' or '.join(str(path.parent / name) for name in nearest)}?" if nearest else ""
    return f"no file {str(path)!r}{hint}"


def _lower(target: str | None, rows: Sequence[tuple[int, Row]]) -> str:
    """Return what to say if one of the rows below the names has the target among other words."""
    for at, row in rows:
        cells = [cell.strip() for cell in row]
        if target in cells and not any(map(is_number, cells)):
            return f"; the names seem to stand in line {at}: delete what is above it"
    return ""


def _checked_target(
    path: Path, target: str | None, names: Sequence[str], first_row: Sequence[str], no_header: bool, hint: str
) -> tuple[str, tuple[Finding, ...]]:
    """Return the target's name, and what to check if the row of names looks like data."""
    if target == NO_TARGET:
        return NO_TARGET, ()
    if no_header and target is not None and target.isdecimal() and target not in names:
        target = f"column_{int(target)}"
    looks = f"the first row of {path} ({listed(first_row, 4)}) looks like data, not like names"
    if target not in names and first_row:
        raise DataError(
            f"{looks}; if it is, say --no-header and --target column_N (column_1 to column_{len(names)})"
        )
    if target is None:
        raise UsageError(f"{path} needs --target COLUMN; its columns are {listed(names)}{hint}")
    if target not in names:
        raise UnknownName("column", target, names, hint)
    if not first_row:
        return target, ()
    instead = f"--no-header and --target column_{names.index(target) + 1}"
    text = f"{looks}, and was read as names; if it is data, say {instead}"
    return target, (Finding(code="no-header", text=text),)
