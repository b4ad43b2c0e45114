from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from suite.datasets import columns


@pytest.mark.parametrize("large", [5, 6])
def test_rows_come_back_in_the_order_asked_for_and_in_their_types(
    table: pd.DataFrame, tmp_path: Path, large: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columns, "LARGE_ROWS", large)
    rows = np.array([49, 3, 3, 0, 17], dtype=np.int32)
    columns.write(table, tmp_path)
    found = columns.read(tmp_path, rows)
    pd.testing.assert_frame_equal(found, table.iloc[rows].reset_index(drop=True))


def test_rows_that_no_file_takes_stay_in_memory(
    table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object, **options: object) -> None:
        raise OSError("no space left on device")

    columns.write(table, tmp_path)
    monkeypatch.setattr(columns, "LARGE_ROWS", 1)
    monkeypatch.setattr("tempfile.TemporaryFile", full)
    found = columns.read(tmp_path, np.arange(50))
    pd.testing.assert_frame_equal(found, table)


def test_a_table_is_whole_until_a_byte_is_missing(table: pd.DataFrame, tmp_path: Path) -> None:
    assert not columns.is_whole(tmp_path)
    columns.write(table, tmp_path)
    assert columns.is_whole(tmp_path)
    pd.testing.assert_frame_equal(columns.mapped(tmp_path), table)
    path = tmp_path / "columns"
    path.write_bytes(path.read_bytes()[:-1])
    assert not columns.is_whole(tmp_path)
