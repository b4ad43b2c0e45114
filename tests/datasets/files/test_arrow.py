from __future__ import annotations

import datetime as dt
import decimal
import gzip
import struct
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from suite.config import DataConfig
from suite.datasets.catalogue import load
from suite.datasets.files import arrow, shape, tables
from suite.errors import DataError

FRAME = pd.DataFrame({"x": [1, 2, 3], "w": ["01", None, "b"], "y": ["a", "b", "a"]})


@pytest.mark.parametrize(("head", "called"), [(b"PAR1", "Parquet"), (b"ARROW1\0\0", "Feather")])
def test_without_pyarrow_it_is_said_what_to_install(tmp_path, monkeypatch, head, called):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (tmp_path / "renamed.csv").write_bytes(head)
    with pytest.raises(
        DataError, match=rf'reading {called} needs pyarrow: pip install "tabular-suite\[parquet\]"'
    ):
        tables.read(tmp_path / "renamed.csv", "y")


@pytest.mark.parametrize("kind", ["parquet", "feather"])
def test_a_table_is_read_plain_packed_or_renamed(tmp_path, kind):
    pytest.importorskip("pyarrow")
    path = tmp_path / "renamed.csv"
    getattr(FRAME, f"to_{kind}")(path)
    (tmp_path / "t.gz").write_bytes(gzip.compress(path.read_bytes()))
    for file in (path, tmp_path / "t.gz"):
        frame = tables.read_raw(file, "y").frame
        assert frame["x"].tolist() == [1, 2, 3]
        assert frame["w"].isna().tolist() == [False, True, False]


@pytest.mark.parametrize("head", [b"PAR1", b"ARROW1\0\0"])
def test_a_damaged_file_is_one_clear_line(tmp_path, head):
    pytest.importorskip("pyarrow")
    (tmp_path / "t").write_bytes(head + b"and no more" * 9)
    with pytest.raises(DataError, match="cannot be read as") as caught:
        tables.read(tmp_path / "t", "y")
    assert "\n" not in str(caught.value)


def written(path, table):
    pytest.importorskip("pyarrow")
    from pyarrow import feather, parquet

    if path.suffix == ".parquet":
        parquet.write_table(table, path, compression="zstd")
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            feather.write_feather(table, path, compression="zstd")
    return path


KINDS = pytest.mark.parametrize("ending", ["parquet", "feather"])


@KINDS
@pytest.mark.parametrize(
    "said",
    [
        b"{",
        b"\xff\xfe",
        b"3",
        b"{}",
        b'{"index_columns": ["none"], "columns": [], "column_indexes": []}',
        b'{"index_columns": [{"kind": "range", "name": "r", "start": 0, "stop": 9, "step": 0}], "columns": []}',
        b'{"index_columns": ["x"], "column_indexes": [], "columns": [{"name": "x", "field_name": "x", "pandas_type": '
        b'"datetimetz", "numpy_type": "none", "metadata": {"timezone": "Mars"}}]}',
    ],
)
def test_what_pandas_wrote_beside_the_columns_may_be_damaged(tmp_path, ending, said):
    pa = pytest.importorskip("pyarrow")
    columns = {"x": [1, 2, 3], "__index_level_0__": [7, 8, 9], "y": ["a", "b", "a"]}
    path = written(tmp_path / f"t.{ending}", pa.table(columns).replace_schema_metadata({b"pandas": said}))
    frame = tables.read_raw(path, "y").frame
    assert [name for name in frame.columns if name in "xy"] == ["x", "y"]
    assert frame["x"].tolist() == [1, 2, 3]


@KINDS
def test_columns_of_one_name_or_none_and_of_every_type_are_read_or_refused(tmp_path, ending):
    pa = pytest.importorskip("pyarrow")
    n, labels = 4, pa.array(["a", "b"] * 2)

    def read(*arrays, names=("x", "y")):
        table = pa.Table.from_arrays([*arrays, labels], names=names)
        return load(DataConfig(source=str(written(tmp_path / f"t.{ending}", table)), target="y"))

    numbers = pa.array([1, 2, 2, 1])
    assert list(read(numbers, numbers, names=("x", "x", "y")).X.columns) == ["x", "x.1"]
    assert list(read(numbers, numbers, names=("", "\0", "y")).X.columns) == ["column 1", "\0"]
    assert list(read(numbers, labels, names=("x", "y", "y")).X.columns) == ["x"]
    for values, kind in [
        (pa.array(["p", None, "q", "p"]).dictionary_encode(), "categorical"),
        (pa.array([decimal.Decimal("1.50"), None, decimal.Decimal(2), decimal.Decimal(1)]), "numeric"),
        (pa.array([dt.datetime(2020, 1, 1 + i) for i in range(n)], pa.timestamp("us", "+07:30")), "datetime"),
        (pa.array([dt.time(i) for i in range(n)]), "numeric"),
        (pa.array([b"\xff", b"a", b"a", b"\xff"]), "categorical"),
        (pa.array([2**64 - 1, 1, 1, 2], pa.uint64()), "numeric"),
    ]:
        assert read(values).kinds == (kind,)
    for values in (pa.array([[1]] * n), pa.array([{"a": 1}] * n)):
        with pytest.raises(DataError, match="column 'x' holds lists or objects"):
            read(values)
    with pytest.raises(DataError, match="no feature column is left"):
        read(pa.nulls(n))


@KINDS
def test_rows_and_columns_are_counted_before_any_is_read(tmp_path, ending, monkeypatch):
    pa = pytest.importorskip("pyarrow")
    monkeypatch.setattr(arrow, "_frame", lambda *_: pytest.fail("cells were read"))
    wide = written(tmp_path / f"wide.{ending}", pa.table({f"c{i}": [1] for i in range(20_001)}))
    with pytest.raises(DataError, match="has 20,001 columns; the limit is 20,000"):
        tables.read(wide, "y")
    zeros = pa.array(np.zeros(51_000_000, dtype="int8"))
    long = written(tmp_path / f"long.{ending}", pa.table({"x": zeros, "y": zeros}))
    for path in (long, Path(f"{long}.gz")):
        if path != long:
            path.write_bytes(gzip.compress(long.read_bytes(), 1))
        with pytest.raises(
            DataError, match=r"has [\d,]+ rows(; the limit is 50,000,000| of 2 columns, .* 200 times its)"
        ):
            tables.read(path, "y")


@KINDS
def test_a_small_file_that_unpacks_to_very_much_is_refused(tmp_path, ending, monkeypatch):
    pa = pytest.importorskip("pyarrow")
    monkeypatch.setattr(shape, "FREE_BYTES", 2**20)
    monkeypatch.setattr(arrow, "_frame", lambda *_: pytest.fail("cells were read"))
    path = written(tmp_path / f"t.{ending}", pa.table({"x": ["0" * 2**21 + str(i) for i in range(9)]}))
    with pytest.raises(DataError, match=r"has 9 rows, \S+ GiB in memory, more than 200 times its size"):
        tables.read(path, "y")


def test_buffers_that_are_shorter_than_their_header_says_end_no_process(tmp_path):
    pa = pytest.importorskip("pyarrow")
    path = tmp_path / "t.feather"
    with pa.OSFile(str(path), "wb") as sink:
        table = pa.table({"x": pa.array(["p"] * 30, pa.large_string()), "y": ["a", "b"] * 15})
        with pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
    data = path.read_bytes()
    length = struct.pack("<q", 31 * 8)
    assert length in data
    path.write_bytes(data.replace(length, bytes(8)))
    code = f"from pathlib import Path; from suite.datasets.files import tables; tables.read(Path({str(path)!r}), 'y')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "cannot be read as Feather" in done.stderr.splitlines()[-1]
