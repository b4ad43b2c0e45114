from __future__ import annotations

import mmap
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from suite.config import DataConfig
from suite.datasets import cache
from suite.datasets.catalogue import load
from suite.execution import handover
from suite.execution.handover import lighten, plain_columns


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def test_a_large_table_is_left_in_files_and_stays_the_same(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = load(DataConfig(source="synthetic:rows=500,features=8"))
    monkeypatch.setattr(handover, "LARGE_BYTES", 0)
    light = lighten(dataset)
    pd.testing.assert_frame_equal(light.X, dataset.X)
    base: Any = light.X["number_1"].to_numpy()
    while isinstance(base, np.ndarray):
        base = base.base
    assert isinstance(base.obj, mmap.mmap)
    pd.testing.assert_frame_equal(plain_columns(light.X), plain_columns(dataset.X))


def test_a_table_that_is_evicted_after_it_was_mapped_stays_readable(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = load(DataConfig(source="synthetic:rows=500,features=8"))
    monkeypatch.setattr(handover, "LARGE_BYTES", 0)
    light = lighten(dataset)
    cache.keep(pd.DataFrame({"f0": [1.0]}), "another", max_bytes=0).close()
    assert [folder.name for folder in cache.roots()[0].iterdir()] == ["another"]
    pd.testing.assert_frame_equal(light.X, dataset.X)


WIDE = """
import resource
from dataclasses import replace
from pathlib import Path
import numpy as np, pandas as pd
from suite.config import DataConfig
from suite.datasets.catalogue import load
from suite.execution import handover

handover.LARGE_BYTES = 0
dataset = load(DataConfig(source="iris"))
X = pd.DataFrame({f"x{i}": np.full(150, i, np.float32) for i in range(1100)})
dataset = replace(dataset, X=X, kinds=("numeric",) * 1100, fingerprint="wide")
descriptors = lambda: len(list(Path("/proc/self/fd").iterdir()))
before = descriptors()
resource.setrlimit(resource.RLIMIT_NOFILE, (before + 10, before + 10))
light = handover.lighten(dataset)
assert light is not dataset
assert descriptors() == before + 1
pd.testing.assert_frame_equal(light.X, X)
for left in range(before, before + 10):
    resource.setrlimit(resource.RLIMIT_NOFILE, (left, before + 10))
    few = handover.lighten(dataset)
    pd.testing.assert_frame_equal(few.X, X)
"""


def test_a_wide_table_takes_one_descriptor_and_stays_in_memory_where_there_is_none(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WIDE], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_small_table_and_one_that_cannot_be_kept_stay_as_they_are(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = load(DataConfig(source="iris"))
    assert lighten(dataset) is dataset
    (home / "file").touch()
    monkeypatch.setattr(cache, "roots", lambda: [home / "file"])
    monkeypatch.setattr(handover, "LARGE_BYTES", 0)
    assert lighten(dataset) is dataset


def test_infinities_are_missing_and_numbers_fit_float32() -> None:
    X = pd.DataFrame({"a": [1.0, np.inf, -np.inf, 1e300, -1e300], "b [x]": np.arange(5)})
    plain = plain_columns(X)
    assert list(plain.columns) == ["a", "b [x]"]
    largest = float(np.finfo(np.float32).max)
    assert plain["a"].tolist()[3:] == [largest, -largest]
    assert plain["a"].isna().tolist() == [False, True, True, False, False]
    assert X["a"].tolist()[3:] == [1e300, -1e300]
