from __future__ import annotations

import gzip
import sys

import pandas as pd
import pytest

from suite.datasets.files import tables
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
