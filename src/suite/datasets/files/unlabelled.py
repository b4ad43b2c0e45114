"""Read a file of rows to predict, piece by piece where its format allows that: no column is the target."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from suite.datasets.files import sources, tables
from suite.datasets.files.delimited import read_pieces
from suite.datasets.files.dialect import sniff
from suite.datasets.files.formats import format_of
from suite.datasets.table import unique_names
from suite.errors import DataError, SuiteError, in_one_line

if TYPE_CHECKING:
    import pandas as pd

ROWS = 50_000
"""Of a piece."""
CELLS = 2_000_000
"""Most of a piece."""


class Unlabelled(NamedTuple):
    """What a file holds."""

    names: tuple[str, ...]
    pieces: Iterator[pd.DataFrame]
    """All columns, as they are written."""
    notes: tuple[str, ...]
    """What reading left out or changed."""


def read(
    path: Path,
    *,
    no_header: bool = False,
    as_text: Collection[str] = (),
    called: Callable[[Sequence[str]], Sequence[str]] = tuple,
) -> Unlabelled:
    """Open a file whose first row names the columns; text in pieces of 50,000 rows at most, others as a whole.

    The columns in `as_text` are kept as they are written. `called` is given the names as they are found, and says what
    the columns are called; it may raise. Reading the pieces raises what this does.

    Raises
    ------
    DataError
        If the file does not exist or holds no table that can be read.
    """
    tables.check_file(sources.split_part(path)[0])
    try:
        if format_of(sources.split_part(path)[0]) != "text":
            raw = tables.read_raw(path, tables.NO_TARGET, no_header=no_header)
            said = (*raw.notes, *(finding.text for finding in raw.findings))
            names = tuple(called(list(map(str, raw.frame.columns))))
            return Unlabelled(names, iter([raw.frame.set_axis(names, axis=1)]), said)
        text = sniff(path, no_header=no_header)
    except SuiteError:
        raise
    except Exception as error:
        raise unreadable(path, error) from error
    unique, notes = unique_names([name or f"column {i}" for i, name in enumerate(text.names, start=1)])
    names = tuple(called(unique))
    said = (*text.notes, *notes, *(finding.text for finding in text.findings))
    rows = max(1, min(ROWS, CELLS // len(names)))
    kept = [name for name in names if name in as_text]
    return Unlabelled(names, _pieces(path, read_pieces(path, text.dialect, names, kept, rows)), said)


def _pieces(path: Path, pieces: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    try:
        yield from pieces
    except SuiteError:
        raise
    except Exception as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: Exception) -> DataError:
    """Return what to raise for a file that a library cannot read."""
    return DataError(f"{path} cannot be read as a table: {in_one_line(type(error).__name__, error)}")
