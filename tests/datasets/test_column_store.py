from __future__ import annotations

import fcntl
import mmap
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd
import pytest

from suite.config import DataConfig
from suite.datasets import column_file, column_store
from suite.datasets.catalogue import load
from suite.datasets.column_store import Held, Tables, key_of, lighten, plain_columns
from suite.errors import UsageError


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a store that is empty, and the only one."""
    monkeypatch.setattr(column_store, "roots", lambda: [tmp_path / "store"])
    return tmp_path / "store"


def keep(X: pd.DataFrame, key: str) -> Held:
    return column_store.keep(key, column_file.digest(X), partial(column_file.write, X))


def found(X: pd.DataFrame, key: str) -> Held | None:
    return column_store.find(key, column_file.digest(X))


def stored(root: Path) -> list[str]:
    return sorted(path.name for path in root.iterdir() if path.suffix != ".lock")


def test_a_kept_table_is_found_and_an_unknown_one_is_not(table: pd.DataFrame, root: Path) -> None:
    keep(table, "k").close()
    held = found(table, "k")
    assert held is not None
    assert held.folder == root / "k"
    held.close()
    assert found(table, "other") is None


def test_the_key_follows_fingerprint_columns_and_kinds() -> None:
    iris = load(DataConfig(source="iris"))
    others = [
        replace(iris, fingerprint="b"),
        replace(iris, X=iris.X.rename(columns=str.upper)),
        replace(iris, kinds=("text",) * len(iris.kinds)),
    ]
    assert len({key_of(dataset) for dataset in [iris, *others, replace(iris, notes=("a note",))]}) == 4


def test_the_least_recently_used_table_is_evicted_and_one_in_use_never(
    table: pd.DataFrame, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = keep(table, "used")
    for age, key in ((300, "found"), (200, "old"), (100, "newer")):
        keep(table, key).close()
        then = (root / key).stat().st_mtime - age
        os.utime(root / key, (then, then))
    with found(table, "found") or pytest.fail("it is there"):
        pass
    size = sum(file.stat().st_size for file in used.folder.iterdir())
    monkeypatch.setattr(column_store, "MAX_BYTES", 4 * size)
    keep(table, "last").close()
    assert stored(root) == ["found", "last", "newer", "used"]
    monkeypatch.setattr(column_store, "MAX_BYTES", 0)
    with keep(table, "one more"):
        assert stored(root) == ["one more", "used"]
    used.close()


def test_two_processes_keep_the_same_table_at_once(tmp_path: Path) -> None:
    code = (
        "import pandas as pd, numpy as np\nfrom suite.datasets import column_file, column_store\n"
        "X = pd.DataFrame({'f0': np.arange(200_000.0)})\n"
        "for i in range(10):\n"
        "    digest = column_file.digest(X)\n"
        "    with column_store.keep(f'k{i}', digest, lambda folder: column_file.write(X, folder)) as kept:\n"
        "        assert column_file.Columns(kept.folder, kept.digest).rows(np.array([199_999]))['f0'][0] == 199_999\n"
    )
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    both = [subprocess.Popen([sys.executable, "-c", code], env=environment) for _ in range(2)]
    assert [process.wait(60) for process in both] == [0, 0]
    assert stored(tmp_path / "suite" / "columns") == [f"k{i}" for i in range(10)]


def test_a_folder_that_cannot_be_written_to_is_an_error(table: pd.DataFrame, root: Path) -> None:
    root.touch()
    with pytest.raises(OSError, match="store"):
        keep(table, "k")
    with Tables() as tables, pytest.raises(UsageError, match="columns of iris cannot be kept for workers"):
        tables.of(load(DataConfig(source="iris")))


def test_what_is_half_written_for_long_is_swept(table: pd.DataFrame, root: Path) -> None:
    left = root / ".k.1-00"
    left.mkdir(parents=True)
    os.utime(left, (0, 0))
    keep(table, "k").close()
    assert not left.exists()


@pytest.mark.parametrize("name", ["columns", "columns.json"])
@pytest.mark.parametrize("size", [0, 100])
def test_a_table_that_is_cut_off_is_removed_and_written_anew(
    table: pd.DataFrame, root: Path, name: str, size: int
) -> None:
    keep(table, "k").close()
    os.truncate(root / "k" / name, size)
    assert found(table, "k") is None
    assert stored(root) == []
    with keep(table, "k") as kept:
        pd.testing.assert_frame_equal(
            column_file.Columns(kept.folder, kept.digest).rows(np.arange(50)), table
        )


def test_a_table_that_was_changed_is_removed_whatever_lies_beside_it(table: pd.DataFrame, root: Path) -> None:
    keep(table, "k").close()
    other = table.assign(**{str(table.columns[0]): 0.0})
    shutil.rmtree(root / "k")
    keep(other, "k").close()
    assert found(table, "k") is None
    assert stored(root) == []


@pytest.mark.parametrize("name", ["columns", "columns.json"])
@pytest.mark.parametrize("kind", ["pipe", "link", "folder"])
def test_what_is_no_file_of_columns_is_neither_read_nor_waited_for(
    table: pd.DataFrame, root: Path, name: str, kind: str
) -> None:
    keep(table, "k").close()
    path = root / "k" / name
    path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to("/dev/zero")
    else:
        path.mkdir()
    with pytest.raises(column_file.Changed):
        column_file.Columns(root / "k", "digest")
    assert found(table, "k") is None
    keep(table, "k").close()


def test_a_folder_of_another_user_is_neither_read_nor_written(
    table: pd.DataFrame, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(table, "k").close()
    with monkeypatch.context() as patch:
        patch.setattr(os, "getuid", lambda: 12345)
        assert found(table, "k") is None
        with pytest.raises(PermissionError, match="another user's"):
            keep(table, "k")
    root.rename(root.with_name("elsewhere"))
    root.symlink_to(root.with_name("elsewhere"))
    with pytest.raises(PermissionError):
        keep(table, "k")


def test_a_user_without_a_home_or_with_one_that_is_full_has_a_store_among_temporary_files(
    table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    (tmp_path / "home").touch()
    with keep(table, "k") as kept:
        assert kept.folder.parent.name == f"suite-columns-{os.getuid()}"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", no_home)
    with found(table, "k") or pytest.fail("it is there"):
        pass


def test_a_table_that_is_evicted_while_its_lock_is_waited_for_is_not_there(
    table: pd.DataFrame, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(table, "k").close()
    before_the_next_lock(monkeypatch, lambda: shutil.rmtree(root / "k"))
    assert found(table, "k") is None


def test_a_table_that_is_written_anew_while_its_lock_is_waited_for_is_held(
    table: pd.DataFrame, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(table, "k").close()
    monkeypatch.setattr(column_store, "MAX_BYTES", 0)

    def write_anew() -> None:
        shutil.rmtree(root / "k")
        keep(table, "k").close()

    before_the_next_lock(monkeypatch, write_anew)
    with found(table, "k") or pytest.fail("it is there"):
        keep(table, "other").close()
        assert stored(root)[0] == "k"


def test_who_evicts_a_table_leaves_one_that_was_written_anew_and_is_in_use(
    table: pd.DataFrame, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(table, "k").close()
    users: list[Held] = []

    def write_anew() -> None:
        shutil.rmtree(root / "k")
        users.append(keep(table, "k"))

    with keep(table, "other"):
        before_the_next_lock(monkeypatch, write_anew)
        monkeypatch.setattr(column_store, "MAX_BYTES", 0)
        column_store._evict(root)
        assert (root / "k").is_dir()
        users[0].close()


def before_the_next_lock(monkeypatch: pytest.MonkeyPatch, do: Callable[[], object]) -> None:
    """Do something between the next opening of a lock and its locking."""
    flock = fcntl.flock

    def slow(file: IO[bytes], how: int) -> None:
        monkeypatch.setattr(fcntl, "flock", flock)
        do()
        flock(file, how)

    monkeypatch.setattr(fcntl, "flock", slow)


def test_a_table_travels_as_files(table: pd.DataFrame, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with keep(table, "k") as kept:
        there = root.with_name("there")
        monkeypatch.setattr(column_store, "roots", lambda: [there])
        column_store.keep_files(column_store.files(kept.folder), "k", kept.digest)
        column_store.keep_files(column_store.files(kept.folder), "k", kept.digest)
    with found(table, "k") or pytest.fail("it is there") as again:
        assert again.folder == there / "k"
        pd.testing.assert_frame_equal(
            column_file.Columns(again.folder, again.digest).rows(np.arange(50)), table
        )
    assert stored(there) == ["k"]


def test_a_large_table_is_left_in_files_and_stays_the_same(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = load(DataConfig(source="synthetic:rows=500,features=8"))
    monkeypatch.setattr(column_store, "LARGE_BYTES", 0)
    light = lighten(dataset)
    pd.testing.assert_frame_equal(light.X, dataset.X)
    base: Any = light.X["number_1"].to_numpy()
    while isinstance(base, np.ndarray):
        base = base.base
    assert isinstance(base.obj, mmap.mmap)
    assert stored(root) == []
    pd.testing.assert_frame_equal(plain_columns(light.X), plain_columns(dataset.X))


def test_a_table_that_is_evicted_after_it_was_mapped_stays_readable(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = load(DataConfig(source="synthetic:rows=500,features=8"))
    monkeypatch.setattr(column_store, "LARGE_BYTES", 0)
    light = lighten(dataset)
    monkeypatch.setattr(column_store, "MAX_BYTES", 0)
    with keep(pd.DataFrame({"f0": [1.0]}), "another"):
        assert stored(root) == ["another"]
    pd.testing.assert_frame_equal(light.X, dataset.X)


WIDE = """
import resource
from dataclasses import replace
from pathlib import Path
import numpy as np, pandas as pd
from suite.config import DataConfig
from suite.datasets.catalogue import load
from suite.datasets import column_store

column_store.LARGE_BYTES = 0
dataset = load(DataConfig(source="iris"))
X = pd.DataFrame({f"x{i}": np.full(150, i, np.float32) for i in range(1100)})
dataset = replace(dataset, X=X, kinds=("numeric",) * 1100, fingerprint="wide")
descriptors = lambda: len(list(Path("/proc/self/fd").iterdir()))
before = descriptors()
resource.setrlimit(resource.RLIMIT_NOFILE, (before + 10, before + 10))
light = column_store.lighten(dataset)
assert light is not dataset
assert descriptors() == before + 1
pd.testing.assert_frame_equal(light.X, X)
for left in range(before, before + 10):
    resource.setrlimit(resource.RLIMIT_NOFILE, (left, before + 10))
    few = column_store.lighten(dataset)
    pd.testing.assert_frame_equal(few.X, X)
"""


def test_a_wide_table_takes_one_descriptor_and_stays_in_memory_where_there_is_none(tmp_path: Path) -> None:
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    command = [sys.executable, "-c", WIDE]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


def test_a_small_table_and_one_that_cannot_be_kept_stay_as_they_are(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = load(DataConfig(source="iris"))
    assert lighten(dataset) is dataset
    root.touch()
    monkeypatch.setattr(column_store, "LARGE_BYTES", 0)
    assert lighten(dataset) is dataset


def test_infinities_are_missing_and_numbers_fit_float32() -> None:
    X = pd.DataFrame({"a": [1.0, np.inf, -np.inf, 1e300, -1e300], "b [x]": np.arange(5)})
    plain = plain_columns(X)
    assert list(plain.columns) == ["a", "b [x]"]
    largest = float(np.finfo(np.float32).max)
    assert plain["a"].tolist()[3:] == [largest, -largest]
    assert plain["a"].isna().tolist() == [False, True, True, False, False]
    assert X["a"].tolist()[3:] == [1e300, -1e300]
