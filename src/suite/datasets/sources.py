"""Where tables stand on disk, and their bytes: plain, gzip or one member of a zip, bounded and hashed."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, cast

from suite.errors import DataError

SUFFIXES = (".csv", ".tsv", ".txt", ".gz", ".zip", ".parquet", ".pq")
MAX_BYTES = 8 * 2**30
MAX_RATIO = 200
_FREE_BYTES = 2**28
_CHUNK = 2**20


def cache_dir() -> Path:
    """Return the folder in which suite keeps what it downloaded; it need not exist."""
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "suite"


def search_path(data_dir: Path | None) -> list[Path]:
    """Return the folders to look through, first to last: `data_dir`, `$SUITE_DATA`, the user's cache."""
    from_environment = os.environ.get("SUITE_DATA")
    given = [data_dir, Path(from_environment) if from_environment else None]
    return [*(folder for folder in given if folder is not None), cache_dir()]


def stem(path: Path) -> str:
    """Return the file's name without the endings that say how it is written."""
    name = path.name
    while Path(name).suffix.lower() in SUFFIXES:
        name = Path(name).stem
    return name


def sha256(path: Path) -> str:
    """Return the sha256 of a file's bytes as they stand on disk, as 64 hexadecimal digits."""
    with _readable(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def _readable(path: Path) -> Iterator[io.BufferedReader]:
    try:
        with path.open("rb") as stream:
            yield stream
    except (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise DataError(f"{path} cannot be unpacked: {error}") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from error


@contextmanager
def open_content(path: Path) -> Iterator[IO[bytes]]:
    """Open what a plain, `.gz` or `.zip` file holds, for reading bytes; nothing is unpacked to disk.

    Raises
    ------
    DataError
        If the archive is damaged, has not exactly one member, or a member that no table would need: a link,
        an absolute or climbing path, an encrypted one, or one that unpacks to far more than it should.
    """
    with ExitStack() as stack:
        raw = stack.enter_context(_readable(path))
        if path.name.lower().endswith(".gz"):
            yield cast(IO[bytes], stack.enter_context(gzip.GzipFile(fileobj=raw)))
        elif path.name.lower().endswith(".zip"):
            yield stack.enter_context(_only_member(stack.enter_context(zipfile.ZipFile(raw)), path))
        else:
            yield raw


def _only_member(archive: zipfile.ZipFile, path: Path) -> IO[bytes]:
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) != 1:
        raise DataError(f"{path} holds {len(members)} files; a zipped table is exactly one")
    member = members[0]
    parts = member.filename.replace("\\", "/").split("/")
    if stat.S_ISLNK(member.external_attr >> 16) or parts[0] in ("", "..") or ".." in parts or ":" in parts[0]:
        raise DataError(f"{path} holds {member.filename!r}, a link or a path out of its folder; refused")
    if member.flag_bits & 1:
        raise DataError(f"{path} is encrypted; unpack it first")
    return archive.open(member)


def read_bounded(path: Path) -> Iterator[bytes]:
    """Yield the content of a file in pieces, refusing what unpacks to more than a table should.

    Raises
    ------
    DataError
        If there is more than 8 GiB, or far more than the packed size explains.
    """
    packed = path.stat().st_size
    too_large = DataError(f"{path} holds more than {MAX_BYTES / 2**30:g} GiB, the limit for one table")
    if packed > MAX_BYTES:
        raise too_large
    total = 0
    with open_content(path) as stream:
        while piece := stream.read(_CHUNK):
            total += len(piece)
            if total > MAX_BYTES:
                raise too_large
            if total > max(_FREE_BYTES, MAX_RATIO * packed):
                raise DataError(f"{path} unpacks to more than {MAX_RATIO} times its size; refused")
            yield piece


def content(path: Path) -> io.BytesIO:
    """Return the whole unpacked content of a file, under the limits of `read_bounded`."""
    return io.BytesIO(b"".join(read_bounded(path)))
