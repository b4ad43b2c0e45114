"""Delimited text to columns: every row below the names, with the line of one that does not fit."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any, NamedTuple, TextIO, cast

import pandas as pd

from suite.datasets.files.rows import is_blank
from suite.datasets.files.shape import check_shape
from suite.datasets.files.sources import open_content
from suite.errors import DataError

# A cell may have any length: read_bounded limits the whole file.
csv.field_size_limit(2**31 - 1)


class Dialect(NamedTuple):
    """How the rows of a text file are written, and which lines hold them."""

    encoding: str
    separator: str
    newline: str | None = ""
    """For `io.TextIOWrapper`: None where rows end in CR alone, which pandas would misread."""
    errors: str = "strict"
    """For `io.TextIOWrapper`: `replace` where a few bytes are not characters."""
    quote: str = '"'
    escape: str | None = None
    padded: bool = False
    """Blanks after a separator are not part of a cell."""
    above: int = 1
    """Lines above the first row of data."""
    extra: int = 0
    """Empty cells at the end of rows, behind the last column."""
    end: int | None = None
    """Bytes of the content up to what stands below the table; None: all."""

    @property
    def runs(self) -> bool:
        """Cells stand between runs of blanks."""
        return self.separator == " " and self.padded

    @property
    def options(self) -> dict[str, Any]:
        """The same for `csv.reader` and `pandas.read_csv`."""
        return {
            "delimiter": self.separator,
            "quotechar": self.quote,
            "escapechar": self.escape,
            "skipinitialspace": self.padded,
        }

    def rows(self, lines: Iterable[str]) -> Any:
        """Return a `csv.reader` over lines."""
        if self.runs:
            lines = (line.replace("\t", " ").rstrip(" \r\n") for line in lines)
        return csv.reader(lines, **self.options)


def read_cells(
    path: Path, dialect: Dialect, names: Sequence[str], target: str, as_text: Sequence[str] | None = ()
) -> pd.DataFrame:
    """Read every row below the names, which are all different, with numbers as numbers and the target as text.

    Only the empty string is missing. Columns in `as_text` are read as text whatever they hold; None: all of them.
    Raises `DataError` if there are no rows, or a row and the header differ in their number of cells; the message names
    the line.
    """
    text = list(names) if as_text is None else [target, *as_text]
    try:
        frame = _parse(path, dialect, names, dialect.extra, text)
    except pd.errors.EmptyDataError:
        frame = pd.DataFrame()
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        longest = _refuse_ragged(path, dialect, len(names))
        if longest <= len(names) + dialect.extra:
            raise DataError(f"{path} cannot be read as a table: {str(error).strip()}") from error
        # A row far down ends in more separators than the first ones.
        check_shape(path, 0, longest)
        frame = _parse(path, dialect, names, longest - len(names), text)
    if frame.empty:
        raise DataError(f"{path} has a header and no rows")
    # pandas fills a row that is too short with missing values: only then can the last column tell.
    beyond = frame.columns[len(names) :]
    if frame[names[-1]].isna().any() or any(frame[name].notna().any() for name in beyond):
        _refuse_ragged(path, dialect, len(names))
    return frame[list(names)] if len(beyond) else frame


def read_pieces(
    path: Path, dialect: Dialect, names: Sequence[str], as_text: Sequence[str], rows: int
) -> Iterator[pd.DataFrame]:
    """Yield the rows below the names, so many at a time, in columns as `read_cells` reads them; all rows are kept.

    What a column holds is decided piece by piece, except for those in `as_text`. Raises `DataError` as that does.
    """
    is_checked, n_pieces = False, 0
    try:
        with _open_rows(path, dialect) as stream, warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            how = _how(dialect, names, dialect.extra, as_text)
            for piece in pd.read_csv(stream, low_memory=False, chunksize=rows, **how):
                if piece.empty:
                    break
                if not is_checked and (dialect.extra or piece[names[-1]].isna().any()):
                    _refuse_ragged(path, dialect, len(names))
                    is_checked = True
                n_pieces += 1
                yield piece[list(names)].reset_index(drop=True)
    except pd.errors.EmptyDataError:
        pass
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        longest = _refuse_ragged(path, dialect, len(names))
        if longest <= len(names) + dialect.extra:
            raise DataError(f"{path} cannot be read as a table: {str(error).strip()}") from error
        check_shape(path, 0, longest)
        wider = dialect._replace(extra=longest - len(names))
        yield from islice(read_pieces(path, wider, names, as_text, rows), n_pieces, None)
        return
    if not n_pieces:
        raise DataError(f"{path} has a header and no rows")


def _parse(
    path: Path, dialect: Dialect, names: Sequence[str], extra: int, text: Sequence[str]
) -> pd.DataFrame:
    with _open_rows(path, dialect) as stream, warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        return pd.read_csv(stream, low_memory=False, **_how(dialect, names, extra, text))


def _how(dialect: Dialect, names: Sequence[str], extra: int, text: Sequence[str]) -> dict[str, Any]:
    """Return the options of `pandas.read_csv`."""
    return {
        "header": None,
        "names": [*names, *(f"\0{i}" for i in range(extra))],
        "index_col": False,
        "dtype": dict.fromkeys(text, str),
        "keep_default_na": False,
        "na_values": [""],
        **dialect.options,
        **({"delimiter": r"\s+"} if dialect.runs else {}),
    }


@contextmanager
def _open_rows(path: Path, dialect: Dialect) -> Iterator[TextIO]:
    """Open the lines from the first row of data on, without what stands below the table."""
    with open_content(path) as stream:
        if dialect.end is not None:
            stream = cast(IO[bytes], io.BufferedReader(_Until(stream, dialect.end)))
        text = io.TextIOWrapper(
            stream, encoding=dialect.encoding, errors=dialect.errors, newline=dialect.newline
        )
        for _ in range(dialect.above):
            next(text, None)
        yield text


class _Until(io.RawIOBase):
    """The first bytes of a stream."""

    def __init__(self, stream: IO[bytes], end: int) -> None:
        self._stream, self._left = stream, end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._stream.read(min(len(buffer), self._left))
        buffer[: len(piece)] = piece
        self._left -= len(piece)
        return len(piece)


def _refuse_ragged(path: Path, dialect: Dialect, width: int) -> int:
    """Return the number of cells in the longest row.

    Raises `DataError` if a row has another number of cells than the header; empty cells too many are forgiven.
    """
    longest = width
    with _open_rows(path, dialect) as stream:
        rows = dialect.rows(stream)
        line = dialect.above + 1
        try:
            for row in rows:
                if len(row) != width and not is_blank(row):
                    if len(row) < width or any(row[width:]):
                        raise DataError(f"{path}, line {line}: {len(row)} cells where the header has {width}")
                    longest = max(longest, len(row))
                line = dialect.above + rows.line_num + 1
        except csv.Error as error:
            raise DataError(f"{path}, line {line}: {error}") from error
    return longest
