"""The cache of tables: folders of columns that all processes of a user share, held while they are used.

The target is not in it. A table is written once, in a temporary folder that is renamed when it is whole; who opens
one holds a shared lock on it, and what nobody holds may be evicted, the least recently used first.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from suite.datasets import columns
from suite.datasets.sources import cache_dir
from suite.locks import is_at
from suite.names import digest

if TYPE_CHECKING:
    import pandas as pd

MAX_BYTES = 20 * 10**9
STALE_TEMP_S = 3600.0
_LOCK = "lock"


class Held:
    """A table in the cache, held against eviction until `close`; a context manager.

    Attributes
    ----------
    folder : Path
        What `columns.read` is given.
    """

    def __init__(self, folder: Path, lock: IO[bytes]) -> None:
        self.folder = folder
        self._lock = lock

    def __enter__(self) -> Held:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the table; it stays where it is until room is needed."""
        self._lock.close()


def table_key(fingerprint: str, names: Sequence[str], kinds: Sequence[str]) -> str:
    """Return the name of a table's folder: of its fingerprint and the features chosen from it."""
    return f"v{columns.LAYOUT}-{digest(fingerprint, list(names), list(kinds))[:32]}"


def find(key: str, root: Path | None = None) -> Held | None:
    """Return a table that is in the cache, held; None if it is not there, or no longer whole: then it is removed.

    Parameters
    ----------
    key : str
        See `table_key`.
    root : Path, optional
        Folder of the cache; one of `roots` by default.
    """
    for folder in [place / key for place in ([root] if root else roots()) if _is_ours(place)]:
        lock = _locked(folder, fcntl.LOCK_SH)
        if lock is None:
            continue
        if columns.is_whole(folder):
            os.utime(lock.fileno())
            return Held(folder, lock)
        lock.close()
        _remove(folder)
    return None


def _locked(folder: Path, how: int) -> IO[bytes] | None:
    """Return the lock of the table that is in a folder now, taken; None if it cannot be had."""
    path = folder / _LOCK
    while True:
        try:
            lock = path.open("ab")
        except OSError:
            return None
        try:
            fcntl.flock(lock, how)
            # While it was waited for, the table may have been evicted, and perhaps written anew.
            if is_at(lock.fileno(), path):
                return lock
        except OSError:
            lock.close()
            return None
        lock.close()


def keep(X: pd.DataFrame, key: str, root: Path | None = None, max_bytes: int = MAX_BYTES) -> Held:
    """Write a table to the cache and return it, held.

    Parameters
    ----------
    X : DataFrame of shape (n_samples, n_columns)
        See `columns.write`.
    key : str
        See `table_key`.
    root : Path, optional
        Folder of the cache; the first of `roots` that can be written to by default.
    max_bytes : int
        Size of the whole cache above which tables that nobody holds are removed.

    Raises
    ------
    OSError
        If none can be written to.
    """

    def write(root: Path) -> Held:
        with _placed(key, root) as temp:
            columns.write(X, temp)
            (temp / _LOCK).touch()
        held = _kept(key, root)
        _evict(root, max_bytes)
        return held

    return _first(write, root)


def _first(write: Callable[[Path], Held], root: Path | None) -> Held:
    *places, last = [root] if root else roots()
    for place in places:
        with contextlib.suppress(OSError):
            return write(place)
    return write(last)


@contextlib.contextmanager
def _placed(key: str, root: Path) -> Iterator[Path]:
    """Yield an empty folder, which becomes the table's when the block ends well."""
    temp = root / f".{key}.{os.getpid()}-{secrets.token_hex(4)}"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _is_ours(root):
        raise PermissionError(errno.EPERM, "it is another user's", str(root))
    temp.mkdir()
    try:
        yield temp
        with contextlib.suppress(OSError):
            # Fails if another process was faster: its table is the same.
            temp.rename(root / key)
    finally:
        shutil.rmtree(temp, ignore_errors=True)


def files(folder: Path) -> dict[str, bytes]:
    """Return the files of a cached table, to be sent to another machine."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def keep_files(contents: Mapping[str, bytes], key: str, root: Path | None = None) -> None:
    """Write the files of a table that came from another machine to this one's cache.

    Raises
    ------
    OSError
        If no folder for it can be written to.
    """

    def write(root: Path) -> Held:
        with _placed(key, root) as temp:
            for name, content in contents.items():
                (temp / Path(name).name).write_bytes(content)
        return _kept(key, root)

    _first(write, root).close()


def _kept(key: str, root: Path) -> Held:
    held = find(key, root)
    if held is None:
        raise OSError(f"the table could not be kept in {root}")
    return held


def roots() -> list[Path]:
    """Return the folders that tables are kept in, first to last; they need not exist.

    That of the user's cache, and one among the temporary files: a home that cannot be written to is common in
    containers.
    """
    found = [Path(tempfile.gettempdir()) / f"suite-columns-{os.getuid()}"]
    with contextlib.suppress(RuntimeError):  # a user without a home
        found.insert(0, cache_dir() / "columns")
    return found


def _is_ours(root: Path) -> bool:
    """Say whether a folder is this user's: among the temporary files anybody may have made one of that name."""
    try:
        about = root.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(about.st_mode) and about.st_uid == os.getuid()


def _evict(root: Path, max_bytes: int) -> None:
    """Remove what a killed process left half written, then the least recently used tables until all fit."""
    tables = []
    for folder in root.iterdir():
        with contextlib.suppress(OSError):
            if folder.name.startswith("."):
                if time.time() - folder.stat().st_mtime > STALE_TEMP_S:
                    shutil.rmtree(folder, ignore_errors=True)
            elif folder.is_dir():
                size = sum(file.stat().st_size for file in folder.iterdir())
                tables.append(((folder / _LOCK).stat().st_mtime, size, folder))
    total = sum(size for _, size, _ in tables)
    for _, size, folder in sorted(tables):
        if total <= max_bytes:
            return
        if _remove(folder):
            total -= size


def _remove(folder: Path) -> bool:
    """Remove a table unless it is in use."""
    lock = _locked(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if lock is None:
        return False
    with lock, contextlib.suppress(OSError):
        # Under the exclusive lock, so that whoever waits to hold it finds it gone. Who has mapped it keeps its content:
        # the files lose their names and are not written to.
        trash = folder.with_name(f".{folder.name}.{os.getpid()}-{secrets.token_hex(4)}")
        folder.rename(trash)
        shutil.rmtree(trash, ignore_errors=True)
        return True
    return False
