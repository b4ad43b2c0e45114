"""A table of an SQLite database to a frame."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pandas as pd

from suite.datasets.files.arrow import is_packed
from suite.datasets.files.shape import check_shape, most_rows
from suite.datasets.files.sources import content
from suite.errors import DataError, SuiteError, UnknownName, UsageError, in_one_line, listed

_LONGEST_CELL = 2**26
_SECONDS, _STEPS = 30, 100_000


def read_database(path: Path, name: str | None) -> pd.DataFrame:
    """Read a table or a view of a database, which is never written to; without a name, the only one.

    Raises `UsageError` if there are several and none is named, `UnknownName` if the table does not exist, and
    `DataError` if the database is damaged or not all of it is in its file.
    """
    log = path.with_name(path.name + "-wal")
    if log.is_file() and log.stat().st_size:
        raise DataError(f"{path} is in use: rows of it are still in {log.name}; close what writes it")
    try:
        with closing(_open(path)) as connection:
            found = connection.execute(
                "select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite^_%' "
                "escape '^' order by name"
            )
            names = [str(row[0]) for row in found]
            if name is None and len(names) > 1:
                raise UsageError(
                    f"{path} holds {len(names)} tables; name one, {path}#{names[0]}: {listed(names)}"
                )
            if not names:
                raise DataError(f"{path} holds no table")
            chosen = names[0] if name is None else name
            if chosen not in names:
                raise UnknownName("table", chosen, names)
            quoted = chosen.replace('"', '""')
            _check_size(path, connection, f'"{quoted}"')
            return pd.read_sql_query(f'select * from "{quoted}"', connection)
    except SuiteError:
        raise
    except Exception as error:
        # Of a damaged file, SQLite says what it came upon, and Python what is no text or too large.
        raise DataError(
            f"{path} cannot be read as a database: {in_one_line(type(error).__name__, error)}"
        ) from error


def _check_size(path: Path, connection: sqlite3.Connection, name: str) -> None:
    """Refuse a table or view of too many cells; a view of few words may have any number of rows, or never end."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_CELL)
    connection.text_factory = lambda cell: cell.decode(errors="replace")
    end = time.monotonic() + _SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    try:
        columns = len(connection.execute(f"select * from {name} limit 0").description)
        check_shape(path, 0, columns)
        rows = f"select 1 from {name} limit {most_rows(path, columns) + 1}"
        (count,) = connection.execute(f"select count(*) from ({rows})").fetchone()
    except sqlite3.OperationalError as error:
        if time.monotonic() > end:
            raise DataError(
                f"{path} takes too long to read: write the rows of {name} into a table"
            ) from error
        raise
    finally:
        connection.set_progress_handler(None, 0)
    check_shape(path, count, columns, may_repeat=True)


def _open(path: Path) -> sqlite3.Connection:
    if is_packed(path):
        connection = sqlite3.connect(":memory:")
        connection.deserialize(content(path).getvalue())
        return connection
    return sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1", uri=True)
