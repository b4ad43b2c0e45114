"""The column store: tables' features on disk, shared by all processes of a user and held while they are used.

The target is not in it. A table is written once, in a temporary folder that is renamed when it is whole; who opens
one holds a shared lock on it, and tables that nobody holds may be evicted, the least recently used first.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np
import pandas as pd

from suite.datasets import column_file
from suite.datasets.files.sources import cache_dir
from suite.disk import STALE_TEMP_S, remove_tree
from suite.errors import RecordError, UsageError
from suite.locks import is_own, make_own, open_lock
from suite.names import digest

if TYPE_CHECKING:
    from suite.schema import Dataset

MAX_BYTES = 20 * 10**9
"""Size of the store above which tables that nobody holds are removed."""
LARGE_BYTES = 30_000_000
"""The size above which a table's columns stay in a file: what reading them anew costs is small beside fitting them."""
_LARGEST = float(np.finfo(np.float32).max)


class Held(ExitStack):
    """A stored table in its folder, with its digest, held against eviction until `close`; a context manager."""

    def __init__(self, folder: Path, digest: str, lock: IO[bytes]) -> None:
        super().__init__()
        self.folder, self.digest = folder, digest
        self.enter_context(lock)


class Tables(ExitStack):
    """The stored tables of a run, held while it works; a context manager."""

    def __init__(self) -> None:
        super().__init__()
        self._held: dict[str, Held] = {}

    def of(self, dataset: Dataset) -> Held:
        """Return a data set's columns, written if they are not stored yet.

        Raises `UsageError` if no folder can be written to.
        """
        key = key_of(dataset)
        if key not in self._held:
            try:
                self._held[key] = self.enter_context(keep_table(dataset))
            except OSError as error:
                raise UsageError(
                    f"the columns of {dataset.name} cannot be kept for workers: {error}"
                ) from error
        return self._held[key]

    def renew(self, dataset: Dataset) -> None:
        """Let go of columns that were changed on disk: they are checked, and written anew, when they are asked for."""
        if held := self._held.pop(key_of(dataset), None):
            held.close()


def lighten(dataset: Dataset) -> Dataset:
    """Return the data set, the columns of a large table left in a file where that is possible.

    The file has no name: what a model does to the stored columns must not reach those that they are checked by.
    """
    if dataset.X.memory_usage(deep=False).sum() < LARGE_BYTES:
        return dataset
    for root in roots():
        with contextlib.suppress(OSError):
            make_own(root)
            return replace(dataset, X=column_file.nameless(plain_columns(dataset.X), root))
    return dataset


def keep_table(dataset: Dataset) -> Held:
    """Return a data set's columns as children read them, held; written if they are not stored yet.

    Raises `OSError` if no folder can be written to.
    """
    key, X = key_of(dataset), plain_columns(dataset.X)
    # Of what is in memory: what is on disk may have been changed together with what lies beside it.
    expected = column_file.digest(X)
    return find(key, expected) or keep(key, expected, lambda folder: column_file.write(X, folder))


def key_of(dataset: Dataset) -> str:
    """Return the name of a table's folder: of its fingerprint and the features chosen from it."""
    chosen = digest(dataset.fingerprint, list(map(str, dataset.X.columns)), list(dataset.kinds))
    return f"v{column_file.LAYOUT}-{chosen[:32]}"


def plain_columns(X: pd.DataFrame) -> pd.DataFrame:
    """Return X with a fresh index, infinities as missing, and numbers within float32's range."""
    return pd.DataFrame({str(name): _plain(column) for name, column in X.items()}, copy=False)


def _plain(column: pd.Series) -> pd.Series:
    if not pd.api.types.is_float_dtype(column.dtype):
        return column.reset_index(drop=True)
    values = column.to_numpy()
    if np.isinf(values).any():
        values = np.where(np.isinf(values), np.nan, values)
    if values.dtype == np.float64 and (np.abs(values) > _LARGEST).any():
        values = np.clip(values, -_LARGEST, _LARGEST)
    return pd.Series(values)


def roots() -> list[Path]:
    """Return the folders that tables are stored in, first to last; they need not exist.

    One is in the user's cache and one among the temporary files: a home that cannot be written to is common in
    containers.
    """
    found = [Path(tempfile.gettempdir()) / f"suite-columns-{os.getuid()}"]
    with contextlib.suppress(RuntimeError):  # a user without a home
        found.insert(0, cache_dir() / "columns")
    return found


def find(key: str, expected: str) -> Held | None:
    """Return a stored table, held; None if there is none. One whose digest is another than expected is removed."""
    for folder in [root / key for root in roots() if is_own(root)]:
        lock = _locked(folder, fcntl.LOCK_SH)
        if lock is None:
            continue
        if _is_sound(folder, expected):
            os.utime(folder)
            return Held(folder, expected, lock)
        lock.close()
        _remove(folder)
    return None


def _is_sound(folder: Path, expected: str) -> bool:
    try:
        return column_file.digest_on_disk(folder) == expected
    except (OSError, RecordError):
        return False


def keep(key: str, expected: str, write: Callable[[Path], object]) -> Held:
    """Store a table in the first of `roots` that can be written to and return it, held; `OSError` if there is none.

    `write` is called with an empty folder, perhaps once for each of `roots`.
    """
    *others, last = roots()
    for root in others:
        with contextlib.suppress(OSError):
            return _keep_in(root, key, expected, write)
    return _keep_in(last, key, expected, write)


def _keep_in(root: Path, key: str, expected: str, write: Callable[[Path], object]) -> Held:
    make_own(root)
    temp = _temporary(root / key)
    temp.mkdir()
    try:
        write(temp)
        with contextlib.suppress(OSError):
            # Fails if another process was faster: its table is the same.
            temp.rename(root / key)
    finally:
        remove_tree(temp)
    held = find(key, expected)
    if held is None:
        raise OSError(f"they do not stay in {root} as they are written there")
    _evict(root)
    return held


def files(folder: Path) -> dict[str, bytes]:
    """Return the files of a stored table, to be sent to another machine."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def keep_files(contents: Mapping[str, bytes], key: str, expected: str) -> None:
    """Store a table that came from another machine as `files`; `OSError` if no folder can be written to."""

    def write(folder: Path) -> None:
        for name, content in contents.items():
            path = folder / Path(name).name
            path.write_bytes(content)
            path.chmod(0o444)

    keep(key, expected, write).close()


def _temporary(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.{os.getpid()}-{secrets.token_hex(4)}")


def _locked(folder: Path, how: int) -> IO[bytes] | None:
    """Return the lock of a stored table, taken; None if there is no table, or another process has the lock."""
    try:
        folder.stat()
        # Beside the folder and never removed: all who ever open this table ask for the same file.
        lock = os.fdopen(open_lock(folder.with_suffix(".lock")), "ab")
    except OSError:
        return None
    try:
        fcntl.flock(lock, how)
    except OSError:
        lock.close()
        return None
    return lock


def _evict(root: Path) -> None:
    """Remove what a killed process left half written, then the least recently used tables until all fit."""
    tables = []
    for folder in root.iterdir():
        with contextlib.suppress(OSError):
            if folder.name.startswith("."):
                if time.time() - folder.stat().st_mtime > STALE_TEMP_S:
                    remove_tree(folder)
            elif folder.is_dir():
                size = sum(file.stat().st_size for file in folder.iterdir())
                tables.append((folder.stat().st_mtime, size, folder))
    total = sum(size for _, size, _ in tables)
    for _, size, folder in sorted(tables):
        if total <= MAX_BYTES:
            return
        if _remove(folder):
            total -= size


def _remove(folder: Path) -> bool:
    """Remove a table unless it is in use."""
    lock = _locked(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if lock is None:
        return False
    with lock, contextlib.suppress(OSError):
        # Who has mapped it keeps its content: the files lose their names and are not written to.
        trash = _temporary(folder)
        folder.rename(trash)
        remove_tree(trash)
        return True
    return False
