from __future__ import annotations

import bz2
import gzip
import json
import lzma
import subprocess
import sys
import zipfile

import pytest

from suite.datasets.files import shape, tables
from suite.datasets.files.shape import MAX_COLUMNS, MAX_ROWS, check_bytes, check_shape
from suite.errors import DataError

READ = """
import json, sys
from suite import meter
from suite.datasets.files import tables
from suite.errors import SuiteError
def peak(): return int(meter.peak_rss_mb() or 0)
tables.read
import pandas
before, said = peak(), []
for path in sys.argv[1:]:
    try:
        tables.read(__import__("pathlib").Path(path), "y")
    except SuiteError as error:
        said.append(str(error))
print(json.dumps([peak() - before, said]))
"""


def refusals(*paths):
    """Read files in another process; return what it said of each, and the megabytes that it took."""
    command = [sys.executable, "-c", READ, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, timeout=120, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("rows", "columns", "message"),
    [
        (1, MAX_COLUMNS + 1, "has 20,001 columns; the limit is 20,000"),
        (MAX_ROWS + 1, 1, "has 50,000,001 rows; the limit is 50,000,000"),
        (
            2**21,
            1000,
            r"2,097,152 rows of 1,000 columns, 15.6 GiB in memory; the limit for one table is 8 GiB",
        ),
        (2**21, 100, r"1.6 GiB in memory, more than 200 times its size; refused"),
    ],
)
def test_a_shape_above_a_limit_is_refused_with_the_limit(tmp_path, rows, columns, message):
    (tmp_path / "t").write_bytes(b"0")
    with pytest.raises(DataError, match=message):
        check_shape(tmp_path / "t", rows, columns, may_repeat=True)


def test_shapes_and_sizes_at_the_limits_are_taken(tmp_path, monkeypatch):
    (tmp_path / "t").write_bytes(b"0" * 1000)
    check_shape(tmp_path / "t", 2**30 // MAX_COLUMNS, MAX_COLUMNS)
    check_shape(tmp_path / "t", MAX_ROWS, 21)
    monkeypatch.setattr(shape, "FREE_BYTES", 0)
    check_bytes(tmp_path / "t", 200_000, "cells")
    with pytest.raises(DataError, match="more than 200 times its size"):
        check_bytes(tmp_path / "t", 200_001, "cells")


def test_a_line_of_millions_of_names_is_refused_wherever_it_stands_and_however_packed(tmp_path):
    names = b"a," * 5_000_000
    (tmp_path / "first.csv.gz").write_bytes(gzip.compress(names, 1))
    (tmp_path / "title.csv.gz").write_bytes(gzip.compress(b"Title\n\n" + names + b"\n1,2\n", 1))
    (tmp_path / "far.csv.gz").write_bytes(gzip.compress(b"x,y\n" + b"1,a\n2,b\n" * 99_999 + names, 1))
    (tmp_path / "t.csv.bz2").write_bytes(bz2.compress(names))
    (tmp_path / "t.csv.xz").write_bytes(lzma.compress(names, preset=0))
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        with zipfile.ZipFile(tmp_path / f"{method}.zip", "w", method, compresslevel=1) as archive:
            archive.writestr("t.csv", names)
    megabytes, said = refusals(*sorted(tmp_path.iterdir()))
    assert len(said) == 8
    assert all("has a line longer than 8 MiB, the limit for one row" in line for line in said), said
    assert megabytes < 300


def test_a_header_of_too_many_names_is_counted_and_refused(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"a," * 1_000_000 + b"y\n1,2\n")
    with pytest.raises(DataError, match=r"has 1,000,001 columns; the limit is 20,000"):
        tables.read(tmp_path / "t.csv", "y")


@pytest.mark.parametrize(
    "body", [b"1,a\n2,b\n" * 60_000, b"1,a\n2,b\n" + b"\n" * 120_000, b"1,a\r2,b\r" * 60_000]
)
def test_more_lines_than_a_table_may_have_are_refused_before_a_cell_is_read(tmp_path, monkeypatch, body):
    monkeypatch.setattr(shape, "MAX_ROWS", 100_000)
    monkeypatch.setattr(tables, "read_cells", lambda *_: pytest.fail("cells were read"))
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"x,y" + body[-1:] + body))
    with pytest.raises(DataError, match=r"has 120,00\d rows; the limit is 100,000"):
        tables.read(tmp_path / "t.csv.gz", "y")


def test_lines_within_cells_are_not_taken_for_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(shape, "MAX_ROWS", 100)
    (tmp_path / "t.csv").write_text("x,y\n" + "".join(f'"{i}\n\n\n\n",{"ab"[i % 2]}\n' for i in range(90)))
    assert len(tables.read(tmp_path / "t.csv", "y").frame) == 90
