from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from suite.datasets import aside

arrays = hnp.arrays(st.sampled_from([np.float32, np.float64, np.int8, np.bool_]), st.integers(0, 9))


@given(st.lists(arrays | st.text(), max_size=6))
def test_columns_come_back_as_they_were_and_nothing_is_left(tmp_path_factory, columns: list[object]) -> None:
    folder = tmp_path_factory.mktemp("aside")
    for place in (None, folder):
        found = aside.kept(iter(columns), place)
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
    found = aside.kept((np.full(10, i, np.float32) for i in range(1000)), tmp_path)
    assert descriptors() == before + 1
    found[3][:] = -1.0
    assert found[2].tolist() + found[4].tolist() == [2.0] * 10 + [4.0] * 10
    del found
    assert descriptors() == before


def test_a_folder_that_takes_no_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        aside.kept([np.zeros(3)], tmp_path / "nowhere")
