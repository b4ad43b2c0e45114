from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from suite.config import DataConfig
from suite.datasets.catalogue import load
from suite.execution import handover
from suite.execution.handover import lighten, plain_columns


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def test_a_large_table_is_left_in_files_and_stays_the_same(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = load(DataConfig(source="synthetic:rows=500,features=8"))
    monkeypatch.setattr(handover, "LARGE_BYTES", 0)
    with ExitStack() as hold:
        light = lighten(dataset, hold)
        pd.testing.assert_frame_equal(light.X, dataset.X)
        base = light.X["number_1"].to_numpy()
        while isinstance(base, np.ndarray) and not isinstance(base, np.memmap):
            base = base.base
        assert isinstance(base, np.memmap)
        pd.testing.assert_frame_equal(plain_columns(light.X), plain_columns(dataset.X))


def test_a_small_table_and_one_that_cannot_be_kept_stay_as_they_are(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = load(DataConfig(source="iris"))
    with ExitStack() as hold:
        assert lighten(dataset, hold) is dataset
        (cache / "file").touch()
        monkeypatch.setenv("XDG_CACHE_HOME", str(cache / "file"))
        monkeypatch.setattr(handover, "LARGE_BYTES", 0)
        assert lighten(dataset, hold) is dataset


def test_infinities_are_missing_and_numbers_fit_float32() -> None:
    X = pd.DataFrame({"a": [1.0, np.inf, -np.inf, 1e300, -1e300], "b [x]": np.arange(5)})
    plain = plain_columns(X)
    assert list(plain.columns) == ["f0", "f1"]
    largest = float(np.finfo(np.float32).max)
    assert plain["f0"].tolist()[3:] == [largest, -largest]
    assert plain["f0"].isna().tolist() == [False, True, True, False, False]
    assert X["a"].tolist()[3:] == [1e300, -1e300]
