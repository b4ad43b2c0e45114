from __future__ import annotations

import gzip
import sqlite3

import pytest

from suite.datasets.files import database, shape, tables
from suite.errors import DataError, UnknownName, UsageError


@pytest.fixture
def write(tmp_path):
    def write(**names):
        with sqlite3.connect(tmp_path / "t.db") as connection:
            for name, rows in names.items():
                quoted = name.replace('"', '""')
                connection.execute(f'create table "{quoted}" (x, w, y)')
                connection.executemany(f'insert into "{quoted}" values (?, ?, ?)', rows)
        connection.close()
        return tmp_path / "t.db"

    return write


ROWS = [(1, "01", "a"), (2, None, "b")]


def test_the_only_table_is_read_plain_or_packed(write, tmp_path):
    path = write(only=ROWS)
    before = path.read_bytes()
    frame = tables.read_raw(path, "y").frame
    assert frame["x"].tolist() == [1, 2]
    assert frame["w"].iloc[0] == "01"
    assert frame["w"].isna().tolist() == [False, True]
    (tmp_path / "p.db.gz").write_bytes(gzip.compress(path.read_bytes()))
    assert tables.read_raw(tmp_path / "p.db.gz", "y").frame.equals(frame)
    assert path.read_bytes() == before


def test_one_of_several_tables_is_named_with_a_hash(write):
    path = write(one=ROWS, **{'tw"o': [(7, "p", "q")]})
    assert tables.read_raw(path.with_name('t.db#tw"o'), "y").frame["x"].tolist() == [7]
    with pytest.raises(UsageError, match=r't.db holds 2 tables; name one, .*t.db#one: one, tw"o$'):
        tables.read(path, "y")
    with pytest.raises(UnknownName, match="no table named 'on'; did you mean 'one'"):
        tables.read(path.with_name("t.db#on"), "y")


def test_an_empty_and_a_damaged_database_are_one_clear_line(write, tmp_path):
    with pytest.raises(DataError, match="has columns and no rows"):
        tables.read(write(empty=[]), "y")
    (tmp_path / "t.db").unlink()
    with sqlite3.connect(tmp_path / "none.db") as connection:
        connection.execute("pragma user_version = 1")
    connection.close()
    with pytest.raises(DataError, match="holds no table"):
        tables.read(tmp_path / "none.db", "y")
    (tmp_path / "bad.db").write_bytes(b"SQLite format 3\0 and no more")
    with pytest.raises(DataError, match="cannot be read as a database") as caught:
        tables.read(tmp_path / "bad.db", "y")
    assert "\n" not in str(caught.value)


def test_rows_that_are_not_in_the_file_yet_are_said(write):
    path = write(one=ROWS)
    path.with_name("t.db-wal").write_bytes(b"rows")
    with pytest.raises(
        DataError, match=r"is in use: rows of it are still in t\.db-wal; close what writes it"
    ):
        tables.read(path, "y")


@pytest.fixture
def view(tmp_path):
    def view(select):
        with sqlite3.connect(tmp_path / "v.db") as connection:
            connection.execute(f"create view v as {select}")
        connection.close()
        return tmp_path / "v.db"

    return view


COUNT = "with recursive c(x) as (select 1 union all select x + 1 from c)"


def test_a_view_without_end_is_refused_by_its_rows(view, monkeypatch):
    monkeypatch.setattr(shape, "FREE_BYTES", 2**20)
    path = view(f"{COUNT} select x, 'a' as y from c")
    with pytest.raises(
        DataError, match=r"has 65,537 rows of 2 columns, .* more than 200 times its size; refused"
    ):
        tables.read(path, "y")


def test_a_view_that_never_gives_a_row_is_given_up(view, monkeypatch):
    monkeypatch.setattr(database, "_SECONDS", 0.2)
    with pytest.raises(DataError, match='takes too long to read: write the rows of "v" into a table'):
        tables.read(view(f"{COUNT} select x, 'a' as y from c where x < 0"), "y")


def test_a_cell_of_a_gigabyte_and_text_that_is_none_are_refused_and_mended(view, write):
    with pytest.raises(DataError, match="cannot be read as a database: DataError: string or blob too big"):
        tables.read(view("select hex(zeroblob(400000000)) as x, 'a' as y"), "y")
    path = write(one=ROWS)
    with sqlite3.connect(path) as connection:
        connection.execute("update one set w = cast(x'ff41' as text)")
    connection.close()
    assert tables.read_raw(path, "y").frame["w"].tolist() == ["\ufffdA"] * 2
