from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

import numpy as np
import pandas as pd
import pytest

from suite.datasets import cache, columns


def test_a_kept_table_is_found_and_an_unknown_one_is_not(table: pd.DataFrame, tmp_path: Path) -> None:
    cache.keep(table, "k", tmp_path).close()
    found = cache.find("k", tmp_path)
    assert found is not None
    assert found.folder == tmp_path / "k"
    found.close()
    assert cache.find("other", tmp_path) is None


def test_the_key_follows_fingerprint_columns_and_kinds() -> None:
    keys = {
        cache.table_key("a", ["x"], ["numeric"]),
        cache.table_key("b", ["x"], ["numeric"]),
        cache.table_key("a", ["y"], ["numeric"]),
        cache.table_key("a", ["x"], ["text"]),
    }
    assert len(keys) == 4


def test_the_least_recently_used_table_is_evicted_and_one_in_use_never(
    table: pd.DataFrame, tmp_path: Path
) -> None:
    used = cache.keep(table, "used", tmp_path)
    for age, key in ((300, "old"), (200, "newer")):
        cache.keep(table, key, tmp_path).close()
        lock = tmp_path / key / "lock"
        os.utime(lock, (lock.stat().st_mtime - age, lock.stat().st_mtime - age))
    size = sum(file.stat().st_size for file in used.folder.iterdir())
    cache.keep(table, "last", tmp_path, max_bytes=3 * size).close()
    assert sorted(folder.name for folder in tmp_path.iterdir()) == ["last", "newer", "used"]
    cache.keep(table, "one more", tmp_path, max_bytes=0).close()
    assert [folder.name for folder in tmp_path.iterdir() if folder.name != "one more"] == ["used"]
    used.close()


def test_two_processes_keep_the_same_table_at_once(tmp_path: Path) -> None:
    code = (
        "import sys, pandas as pd, numpy as np\nfrom pathlib import Path\nfrom suite.datasets import cache, columns\n"
        "X = pd.DataFrame({'f0': np.arange(200_000.0)})\n"
        "for i in range(10):\n"
        "    with cache.keep(X, f'k{i}', Path(sys.argv[1])) as kept:\n"
        "        assert columns.read(kept.folder, np.array([199_999]))['f0'][0] == 199_999\n"
    )
    both = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(2)]
    assert [process.wait(60) for process in both] == [0, 0]
    assert sorted(folder.name for folder in tmp_path.iterdir()) == [f"k{i}" for i in range(10)]


def test_a_folder_that_cannot_be_written_to_is_an_os_error(table: pd.DataFrame, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        cache.keep(table, "k", tmp_path / "file")


def test_what_is_half_written_for_long_is_swept(table: pd.DataFrame, tmp_path: Path) -> None:
    left = tmp_path / ".k.1-00"
    left.mkdir()
    os.utime(left, (0, 0))
    cache.keep(table, "k", tmp_path).close()
    assert not left.exists()


@pytest.mark.parametrize("name", ["columns", "columns.json"])
@pytest.mark.parametrize("size", [0, 100])
def test_a_table_that_is_cut_off_is_removed_and_written_anew(
    table: pd.DataFrame, tmp_path: Path, name: str, size: int
) -> None:
    cache.keep(table, "k", tmp_path).close()
    os.truncate(tmp_path / "k" / name, size)
    assert cache.find("k", tmp_path) is None
    assert list(tmp_path.iterdir()) == []
    with cache.keep(table, "k", tmp_path) as kept:
        pd.testing.assert_frame_equal(columns.mapped(kept.folder), table)


def test_a_folder_of_another_user_is_neither_read_nor_written(
    table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.keep(table, "k", tmp_path).close()
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    assert cache.find("k", tmp_path) is None
    with pytest.raises(PermissionError, match="another user's"):
        cache.keep(table, "k", tmp_path)
    monkeypatch.undo()
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(PermissionError):
        cache.keep(table, "k", tmp_path / "link")


def test_a_user_without_a_home_or_with_one_that_is_full_has_a_cache_among_temporary_files(
    table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    (tmp_path / "home").touch()
    with cache.keep(table, "k") as kept:
        assert kept.folder.parent.name == f"suite-columns-{os.getuid()}"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", no_home)
    with cache.find("k") or pytest.fail("it is there"):
        pass


def test_a_table_without_its_lock_gets_one(table: pd.DataFrame, tmp_path: Path) -> None:
    cache.keep(table, "k", tmp_path).close()
    (tmp_path / "k" / "lock").unlink()
    cache.keep(table, "k", tmp_path).close()
    assert (tmp_path / "k" / "lock").is_file()


def before_the_next_lock(monkeypatch: pytest.MonkeyPatch, do: Callable[[], object]) -> None:
    """Have something happen between the next opening of a lock and its locking."""
    flock = fcntl.flock

    def slow(file: IO[bytes], how: int) -> None:
        monkeypatch.setattr(fcntl, "flock", flock)
        do()
        flock(file, how)

    monkeypatch.setattr(fcntl, "flock", slow)


def test_a_table_that_is_evicted_while_its_lock_is_waited_for_is_not_there(
    table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.keep(table, "k", tmp_path).close()
    before_the_next_lock(monkeypatch, lambda: shutil.rmtree(tmp_path / "k"))
    assert cache.find("k", tmp_path) is None


def test_a_table_that_is_written_anew_while_its_lock_is_waited_for_is_held_by_the_new_one(
    table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.keep(table, "k", tmp_path).close()

    def write_anew() -> None:
        shutil.rmtree(tmp_path / "k")
        cache.keep(table, "k", tmp_path).close()

    before_the_next_lock(monkeypatch, write_anew)
    with cache.find("k", tmp_path) or pytest.fail("it is there"):
        cache.keep(table, "other", tmp_path, max_bytes=0).close()
        assert (tmp_path / "k").is_dir()


def test_who_evicts_a_table_leaves_one_that_was_written_anew_and_is_in_use(
    table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.keep(table, "k", tmp_path).close()
    users: list[cache.Held] = []

    def write_anew() -> None:
        shutil.rmtree(tmp_path / "k")
        users.append(cache.keep(table, "k", tmp_path))

    with cache.keep(table, "other", tmp_path):
        before_the_next_lock(monkeypatch, write_anew)
        cache._evict(tmp_path, 0)
        assert (tmp_path / "k").is_dir()
        users[0].close()


def test_a_table_travels_as_files(table: pd.DataFrame, tmp_path: Path) -> None:
    with cache.keep(table, "k", tmp_path / "here") as kept:
        cache.keep_files(cache.files(kept.folder), "k", tmp_path / "there")
        cache.keep_files(cache.files(kept.folder), "k", tmp_path / "there")
    found = cache.find("k", tmp_path / "there")
    assert found is not None
    pd.testing.assert_frame_equal(columns.read(found.folder, np.arange(50)), table)
    found.close()
    assert [folder.name for folder in (tmp_path / "there").iterdir()] == ["k"]
