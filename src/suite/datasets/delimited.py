"""Delimited text to typed columns: encoding, separator, header, cells."""

from __future__ import annotations

import codecs
import csv
import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TextIO

from suite.datasets.sources import open_content, read_bounded
from suite.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

SEPARATORS = (",", ";", "\t", "|")
MAX_COLUMNS = 20_000
_SAMPLE_CHARACTERS = 2**16
_SAMPLE_ROWS = 100


class Dialect(NamedTuple):
    """How a text file is written."""

    encoding: str
    separator: str
    newline: str | None = ""
    """For `io.TextIOWrapper`: None where rows end in CR alone, which pandas would misread."""


def sniff(path: Path) -> Dialect:
    """Find a file's encoding (UTF-8, else latin-1) and its separator.

    The separator is the one under which most of the first rows have as many cells as the header, and two or
    more; among equals, the one that gives the most cells.

    Raises
    ------
    DataError
        If the file is empty, or holds bytes that no text has.
    """
    encoding = _encoding(path)
    with _open_text(path, Dialect(encoding, "")) as stream:
        sample = stream.read(_SAMPLE_CHARACTERS)
    if len(sample) == _SAMPLE_CHARACTERS and "\n" in sample:
        sample = sample[: sample.rindex("\n")]

    def evenness(separator: str) -> tuple[float, int]:
        rows = _first_rows(sample, separator)
        width = len(rows[0])
        if width == 1:
            return (0.0, 1)
        return (sum(len(row) == width for row in rows) / len(rows), width)

    newline = None if "\r" in sample and "\n" not in sample else ""
    return Dialect(encoding, max(SEPARATORS, key=evenness), newline)


def read_header(path: Path, dialect: Dialect) -> list[str]:
    """Return the cells of the first row that is not blank.

    Raises
    ------
    DataError
        If there are more than 20,000 columns.
    """
    with _open_text(path, dialect) as stream:
        header = _take_header(path, stream, dialect)
    if len(header) > MAX_COLUMNS:
        raise DataError(f"{path} has {len(header):,} columns; the limit is {MAX_COLUMNS:,}")
    return header


def read_cells(path: Path, dialect: Dialect, names: Sequence[str], target: str) -> pd.DataFrame:
    """Read every row below the header, with numbers as numbers and the target as text.

    Only the empty string is missing.

    Raises
    ------
    DataError
        If there is no row, or a row has another number of cells than the header; the message has its line.
    """
    import pandas as pd

    with _open_text(path, dialect) as stream, warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        _take_header(path, stream, dialect)
        try:
            frame = pd.read_csv(
                stream,
                sep=dialect.separator,
                header=None,
                names=list(names),
                index_col=False,
                dtype={target: str},
                keep_default_na=False,
                na_values=[""],
                low_memory=False,
            )
        except pd.errors.EmptyDataError:
            frame = pd.DataFrame()
        except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
            _refuse_ragged(path, dialect, len(names))
            raise DataError(f"{path} cannot be read as a table: {str(error).strip()}") from error
    if frame.empty:
        raise DataError(f"{path} has a header and no rows")
    # pandas fills a row that is too short with missing values: only then can the last column tell.
    if frame[names[-1]].isna().any():
        _refuse_ragged(path, dialect, len(names))
    return frame


def _encoding(path: Path) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")()
    encoding, blank = "utf-8-sig", True
    for piece in read_bounded(path):
        if b"\0" in piece:
            raise DataError(f"{path} is not a text file in UTF-8 or latin-1 (it holds zero bytes)")
        blank = blank and not piece.strip(b"\xef\xbb\xbf \t\r\n")
        if encoding == "utf-8-sig":
            try:
                decoder.decode(piece)
            except UnicodeDecodeError:
                encoding = "latin-1"
    if blank:
        raise DataError(f"{path} is empty")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        encoding = "latin-1"
    return encoding


@contextmanager
def _open_text(path: Path, dialect: Dialect) -> Iterator[TextIO]:
    with open_content(path) as stream:
        yield io.TextIOWrapper(stream, encoding=dialect.encoding, newline=dialect.newline)


def _first_rows(sample: str, separator: str) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(sample, newline=""), delimiter=separator):
            if not _is_blank(row):
                rows.append(row)
            if len(rows) == _SAMPLE_ROWS:
                break
    except csv.Error:
        # A cell longer than the csv module takes: the rows so far decide.
        pass
    return rows or [[""]]


def _is_blank(row: Sequence[str]) -> bool:
    return not row or (len(row) == 1 and not row[0].strip())


def _take_header(path: Path, stream: TextIO, dialect: Dialect) -> list[str]:
    rows = csv.reader(stream, delimiter=dialect.separator)
    try:
        header = next((row for row in rows if not _is_blank(row)), None)
    except csv.Error as error:
        raise DataError(f"{path}, line 1: {error}") from error
    if header is None:
        raise DataError(f"{path} is empty")
    return header


def _refuse_ragged(path: Path, dialect: Dialect, width: int) -> None:
    """Raise if a row has another number of cells than the header; empty cells too many are forgiven."""
    with _open_text(path, dialect) as stream:
        rows = csv.reader(stream, delimiter=dialect.separator)
        line = 1
        try:
            for row in rows:
                if not _is_blank(row) and (len(row) < width or any(row[width:])):
                    raise DataError(f"{path}, line {line}: {len(row)} cells where the header has {width}")
                line = rows.line_num + 1
        except csv.Error as error:
            raise DataError(f"{path}, line {line}: {error}") from error
