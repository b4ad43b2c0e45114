"""Files: written whole or not at all, read without following links or waiting for pipes."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import stat
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from io import BufferedReader
from pathlib import Path

from suite.errors import RecordError, UsageError
from suite.names import digest

STALE_TEMP_S = 3600.0
_TEMP = re.compile(r"\..*\.(?P<host>[0-9a-f]{8})-(?P<pid>[0-9]{1,9})-[0-9a-f]{8}\.tmp", re.DOTALL)


def write_text_atomic(path: Path, text: str) -> None:
    """Write a text file so that a reader sees the old one or the new one, whole.

    UsageError if it cannot be written; an earlier file is then untouched.
    """
    write_all({path: encoded(text)})


def files(folder: Path) -> Iterator[Path]:
    """Yield all files below a folder, without following symbolic links to folders."""
    for where, _, names in os.walk(folder):
        for name in names:
            yield Path(where, name)


@contextlib.contextmanager
def opened(path: Path, limit: int) -> Iterator[BufferedReader]:
    """Open a regular file of at most `limit` bytes for reading; follow no symbolic link, wait for no pipe.

    `RecordError` if that cannot be done, or while the file is read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        reason = "it is a symbolic link" if path.is_symlink() else f"it cannot be opened: {error.strerror}"
        raise RecordError(reason) from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise RecordError("it is not a regular file")
        if status.st_size > limit:
            raise RecordError(f"it is larger than {limit / 1e6:g} MB")
        with open(descriptor, "rb", closefd=False) as file:
            yield file
    except OSError as error:
        raise RecordError(f"it cannot be read: {error.strerror}") from error
    finally:
        os.close(descriptor)


def read_bytes(path: Path, limit: int) -> bytes:
    """Read a regular file of at most `limit` bytes; follow no symbolic link, wait for no pipe."""
    with opened(path, limit) as file:
        # Room is made for as many bytes as are asked for.
        return file.read(os.fstat(file.fileno()).st_size + 1)


def remove_tree(folder: Path) -> None:
    """Remove a folder and all that is in it, as far as that can be done, however deep it is."""
    try:
        shutil.rmtree(folder, ignore_errors=True)
    except RecursionError:
        # Before Python 3.13 it calls itself for each folder.
        subprocess.run(["rm", "-rf", "--", folder], capture_output=True, check=False)


def encoded(text: str) -> bytes:
    r"""Return UTF-8; a lone surrogate becomes ``\udcxx``, which JSON reads back as what it was."""
    return text.encode("utf-8", "backslashreplace")


def write_all(contents: Mapping[Path, bytes | None]) -> None:
    """Replace files as nearly at once as can be, in order; None removes one.

    All temporary files are complete and on disk before the first of the targets is touched.
    """
    temps: dict[Path, Path] = {}
    target = next(iter(contents))
    try:
        for target, content in contents.items():
            if content is not None:
                target.parent.mkdir(parents=True, exist_ok=True)
                temps[target] = temporary(target)
                _write_temp(temps[target], content)
        for target, temp in temps.items():
            temp.replace(target)
        for target in contents.keys() - temps:
            target.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"cannot write to {target.parent}: {error.strerror or error}") from error
    finally:
        for temp in temps.values():
            with contextlib.suppress(OSError):
                temp.unlink()
    for folder in {target.parent for target in temps}:
        _sync_folder(folder)


def temporary(target: Path) -> Path:
    """Return a name beside a file or folder for what will take its place; it tells who made it, see `is_left`."""
    return target.with_name(f".{target.name}.{_host()}-{os.getpid()}-{secrets.token_hex(4)}.tmp")


def is_left(path: Path) -> bool:
    """Tell whether a temporary file or folder is one whose maker is gone, or older than an hour."""
    match = _TEMP.fullmatch(path.name)
    return match is not None and (
        time.time() - path.lstat().st_mtime > STALE_TEMP_S
        or (match["host"] == _host() and not _alive(int(match["pid"])))
    )


def _write_temp(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    # Not every file system can; the file itself is safe by then.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _host() -> str:
    """Return what stands for where the numbers of processes are this one's: the host, or a container on it."""
    namespace = ""
    with contextlib.suppress(OSError):
        namespace = str(Path("/proc/self/ns/pid").readlink())
    return digest(os.uname().nodename, namespace)[:8]


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def sweep(paths: Iterable[Path]) -> None:
    """Remove temporary files among `paths` whose writer is gone, or that are older than an hour."""
    for path in paths:
        with contextlib.suppress(OSError):
            if is_left(path):
                path.unlink()
