from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from suite.datasets import column_file


@pytest.mark.parametrize("large", [5, 6])
def test_rows_come_back_in_the_order_asked_for_and_in_their_types(
    table: pd.DataFrame, tmp_path: Path, large: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(column_file, "LARGE_ROWS", large)
    rows = np.array([49, 3, 3, 0, 17], dtype=np.int32)
    digest = column_file.write(table, tmp_path)
    found = column_file.Columns(tmp_path, digest).rows(rows)
    pd.testing.assert_frame_equal(found, table.iloc[rows].reset_index(drop=True))


def test_rows_that_no_file_takes_stay_in_memory(
    table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object, **options: object) -> None:
        raise OSError("no space left on device")

    column_file.write(table, tmp_path)
    monkeypatch.setattr(column_file, "LARGE_ROWS", 1)
    monkeypatch.setattr("tempfile.TemporaryFile", full)
    found = column_file.Columns(tmp_path, column_file.digest(table)).rows(np.arange(50))
    pd.testing.assert_frame_equal(found, table)


def test_a_table_is_the_one_that_was_written_until_a_byte_is_another(
    table: pd.DataFrame, tmp_path: Path
) -> None:
    digest = column_file.write(table, tmp_path)
    assert digest == column_file.digest(table) == column_file.digest_on_disk(tmp_path)
    pd.testing.assert_frame_equal(column_file.Columns(tmp_path, digest).rows(np.arange(50)), table)
    for path in sorted(tmp_path.iterdir()):
        assert path.stat().st_mode & 0o222 == 0
        content = path.read_bytes()
        path.chmod(0o600)
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        assert column_file.digest_on_disk(tmp_path) != digest
        with pytest.raises(column_file.Changed):
            column_file.Columns(tmp_path, digest)
        path.write_bytes(content)
    column_file.Columns(tmp_path, digest)


@pytest.mark.parametrize(
    "X",
    [
        pd.DataFrame({"a": np.arange(5.0)}, index=range(5)),
        pd.DataFrame({"a": np.zeros(0)}),
        pd.DataFrame({"a": np.arange(10.0)[::2], "b": [True, False] * 2 + [True]}),
        pd.DataFrame({"a": pd.Categorical(["x", None, "y"])}),
    ],
)
def test_a_digest_needs_no_file(X: pd.DataFrame, tmp_path: Path) -> None:
    assert column_file.digest(X) == column_file.write(X, tmp_path)


arrays = hnp.arrays(st.sampled_from([np.float32, np.float64, np.int8, np.bool_]), st.integers(0, 9))


@given(st.lists(arrays | st.text(), max_size=6))
def test_columns_come_back_as_they_were_and_nothing_is_left(tmp_path_factory, columns: list[object]) -> None:
    folder = tmp_path_factory.mktemp("arrays")
    found = column_file.left_in_file(iter(columns), folder)
    assert len(found) == len(columns)
    for column, expected in zip(found, columns, strict=True):
        np.testing.assert_array_equal(column, expected)
        if isinstance(expected, np.ndarray):
            assert column.dtype == expected.dtype
            assert column.flags.writeable
    assert list(folder.iterdir()) == []


def test_a_thousand_columns_take_one_file_descriptor(tmp_path: Path) -> None:
    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = descriptors()
    found = column_file.left_in_file((np.full(10, i, np.float32) for i in range(1000)), tmp_path)
    assert descriptors() == before + 1
    found[3][:] = -1.0
    assert found[2].tolist() + found[4].tolist() == [2.0] * 10 + [4.0] * 10
    del found
    assert descriptors() == before


def test_a_folder_that_takes_no_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        column_file.left_in_file([np.zeros(3)], tmp_path / "nowhere")
