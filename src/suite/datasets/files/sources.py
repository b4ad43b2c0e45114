"""Where tables stand on disk, and their bytes: plain or packed, bounded and hashed."""

from __future__ import annotations

import bz2
import errno
import gzip
import hashlib
import io
import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, cast

from suite.errors import DataError, SuiteError

SUFFIXES = (
    *(".csv", ".tsv", ".txt", ".tab", ".psv", ".arff", ".json", ".jsonl", ".ndjson"),
    *(".parquet", ".pq", ".feather", ".arrow", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"),
    *(".db", ".sqlite", ".sqlite3", ".gz", ".zip", ".bz2", ".xz", ".zst"),
)
MAX_BYTES = 8 * 2**30
MAX_HELD = 2**31
"""Bytes of a file that has to be in memory as a whole."""
MAX_RATIO = 200
MAX_LISTED = 2**22
"""Bytes of a zip's list of members: some 50,000 of them."""
FREE_BYTES = 2**28
_CHUNK = 2**20
_PIECE = 2**13
"""Bytes that are unpacked at once: zipfile unpacks as many of LZMA, up to 7,000 times as much."""
_PACKED = {
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"\xfd7zXZ\0": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    **{b"BZh%d" % level + block: "bzip2" for level in range(1, 10) for block in (b"1AY&SY", b"\x17rE8P\x90")},
}
_BEFORE_SIZES = 26
_OFFICE = ("[Content_Types].xml", "mimetype")


def cache_dir() -> Path:
    """Return the folder in which suite keeps what it downloaded; it need not exist."""
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "suite"


def search_path(data_dir: Path | None) -> list[Path]:
    """Return the folders to look through, first to last: `data_dir`, `$SUITE_DATA`, the user's cache."""
    given = [data_dir, os.environ.get("SUITE_DATA")]
    return [*(Path(folder) for folder in given if folder), cache_dir()]


def path_of(source: str | Path) -> Path:
    """Return the path that a user names, with the home folder for `~`; a name that begins with `~` may be a file's."""
    try:
        return Path(source).expanduser()
    except RuntimeError:
        return Path(source)


def split_part(source: str | Path) -> tuple[Path, str | None]:
    """Split `FILE#PART`, such as a workbook and its sheet; the part counts only if no file has the whole name."""
    path = path_of(source)
    whole = str(path)
    marks = [i for i, character in enumerate(whole) if character == "#"]
    if os.path.lexists(path):
        return path, None
    for mark in reversed(marks):
        if os.path.lexists(whole[:mark]) or whole[:mark].lower().endswith(SUFFIXES):
            return Path(whole[:mark]), whole[mark + 1 :]
    return path, None


def stem(path: Path) -> str:
    """Return the file's name without the endings that say how it is written, with `#PART` if there is one."""
    path, part = split_part(path)
    name = path.name
    while Path(name).suffix.lower() in SUFFIXES:
        name = Path(name).stem
    return name if part is None else f"{name}#{part}"


def sha256(path: Path) -> str:
    """Return the sha256 of a file's bytes as they stand on disk, as 64 hexadecimal digits."""
    with _readable(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def packing(head: bytes) -> str | None:
    """Return how bytes are packed (gzip, zip, bzip2, xz, zstd), by the first ten of them."""
    return next((kind for magic, kind in _PACKED.items() if head.startswith(magic)), None)


@contextmanager
def _readable(path: Path) -> Iterator[io.BufferedReader]:
    try:
        with path.open("rb") as stream:
            yield stream
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from error


@contextmanager
def open_content(path: Path) -> Iterator[IO[bytes]]:
    """Open what a plain or packed file holds, for reading bytes; nothing is unpacked to disk.

    Its bytes show whether and how it is packed. A workbook is a zip and stays one. Raises `DataError` if the archive is
    damaged, has not exactly one member, or a member that no table would need: a link, an absolute or climbing path, an
    encrypted one, or one that unpacks to far more than it should. Reading raises it, too.
    """
    with ExitStack() as stack:
        raw = stack.enter_context(_readable(path))
        kind = packing(raw.peek(10)[:10])
        if kind is None:
            yield raw
            return
        with said_of(path):
            unpacked = _unpack(raw, kind, path)
        if unpacked is None:
            raw.seek(0)
            yield raw
        else:
            yield io.BufferedReader(_Bounded(unpacked, path), _CHUNK)


@contextmanager
def said_of(path: Path) -> Iterator[None]:
    """Say in one line what goes wrong in an archive; what decoders raise on damaged bytes has no list."""
    try:
        yield
    except SuiteError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            # bz2 says that its data are damaged with an OSError that has no number, zipfile seeks to nowhere.
            raise
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(f"{path} cannot be unpacked: {reason}") from error


def _unpack(raw: io.BufferedReader, kind: str, path: Path) -> IO[bytes] | None:
    """Return what an archive holds; None for a workbook."""
    if kind == "zip":
        archive = zipfile.ZipFile(cast(IO[bytes], _Listed(raw, path)))
        return None if any(name in _OFFICE for name in archive.namelist()) else _only_member(archive, path)
    if kind == "zstd":
        return cast(IO[bytes], _open_zstd(raw))
    unpack: Any = {"gzip": gzip.open, "bzip2": bz2.open, "xz": lzma.open}[kind]
    return cast(IO[bytes], unpack(raw))


class _Listed:
    """A zip whose list of members, which is read at once, is short enough for memory."""

    def __init__(self, raw: IO[bytes], path: Path) -> None:
        self._raw, self._path = raw, path

    def read(self, size: int = -1) -> bytes:
        if size > MAX_LISTED:
            raise DataError(f"{self._path} holds too many files; a zipped table is exactly one")
        return self._raw.read(size)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)


class _Bounded(io.RawIOBase):
    """What an archive unpacks to, as far as a table may; more is refused, and so is what cannot be unpacked."""

    def __init__(self, unpacked: IO[bytes], path: Path) -> None:
        self._unpacked, self._path, self._total = unpacked, path, 0
        self._most = max(FREE_BYTES, MAX_RATIO * path.stat().st_size)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with said_of(self._path):
            piece = self._unpacked.read(min(len(buffer), _PIECE))
        self._total += len(piece)
        if self._total > MAX_BYTES:
            raise too_large(self._path)
        if self._total > self._most:
            raise DataError(f"{self._path} unpacks to more than {MAX_RATIO} times its size; refused")
        buffer[: len(piece)] = piece
        return len(piece)


def _only_member(archive: zipfile.ZipFile, path: Path) -> IO[bytes]:
    members = [
        member for member in archive.infolist() if not (member.is_dir() or _is_litter(member.filename))
    ]
    if len(members) != 1:
        raise DataError(f"{path} holds {len(members)} files; a zipped table is exactly one")
    member = members[0]
    parts = member.filename.replace("\\", "/").split("/")
    if stat.S_ISLNK(member.external_attr >> 16) or parts[0] in ("", "..") or ".." in parts or ":" in parts[0]:
        raise DataError(f"{path} holds {member.filename!r}, a link or a path out of its folder; refused")
    if member.flag_bits & 1:
        raise DataError(f"{path} is encrypted; unpack it first")
    stream = archive.open(member)
    if member.compress_type != zipfile.ZIP_BZIP2:
        return stream
    # zipfile unpacks all that it has read of such a member: of 4 kB, 4 GB may come.
    raw = cast(IO[bytes], archive.fp)
    raw.seek(member.header_offset + _BEFORE_SIZES)
    raw.seek(sum(struct.unpack("<2H", raw.read(4))), os.SEEK_CUR)
    return cast(IO[bytes], bz2.open(raw))


def _is_litter(name: str) -> bool:
    """Return whether a member is what macOS adds to a zip of its own."""
    base = name.rpartition("/")[2]
    return name.startswith("__MACOSX/") or base == ".DS_Store" or base.startswith("._")


def _open_zstd(raw: IO[bytes]) -> io.RawIOBase:
    try:
        from compression import zstd  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        pass
    else:
        return _Frames(raw, zstd.ZstdDecompressor, zstd.ZstdError)
    try:
        import zstandard
    except ImportError:
        raise DataError('unpacking .zst needs zstandard: pip install "tabular-suite[zstd]"') from None
    return _Frames(raw, lambda: zstandard.ZstdDecompressor().decompressobj(), zstandard.ZstdError)


class _Frames(io.RawIOBase):
    """The content of zstd frames, one after another; a frame that is cut off is an error."""

    # So little that no more than 32 MB come of it: what a few bytes may unpack to is checked between reads.
    _PIECE = 2**10

    def __init__(self, raw: IO[bytes], frame: Any, error: type[Exception]) -> None:
        self._raw, self._frame, self._error = raw, frame, error
        self._unpacker, self._begun, self._left = frame(), False, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            if self._unpacker.eof:
                packed, self._unpacker, self._begun = self._unpacker.unused_data, self._frame(), False
            else:
                packed = b""
            packed = packed or self._raw.read(self._PIECE)
            if not packed:
                if self._begun:
                    raise EOFError("it ends before its end marker")
                return 0
            self._begun = True
            try:
                self._left = self._unpacker.decompress(packed)
            except self._error as error:
                raise zlib.error(str(error)) from error
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


def too_large(path: Path) -> DataError:
    """Return what to raise for a file, or a table, of too many bytes."""
    return DataError(f"{path} holds more than {MAX_BYTES / 2**30:g} GiB, the limit for one table")


def read_bounded(path: Path) -> Iterator[bytes]:
    """Yield the content of a file in pieces, refusing what unpacks to more than a table should.

    Raises `DataError` if there is more than 8 GiB, or far more than the packed size explains.
    """
    with open_content(path) as stream:
        if path.stat().st_size > MAX_BYTES:
            raise too_large(path)
        while piece := stream.read(_CHUNK):
            yield piece


def content(path: Path) -> io.BytesIO:
    """Return the whole unpacked content of a file, under the limits of `read_bounded`, and of 2 GiB."""
    pieces, total = [], 0
    for piece in read_bounded(path):
        total += len(piece)
        if total > MAX_HELD:
            raise DataError(
                f"{path} holds more than {MAX_HELD / 2**30:g} GiB, the limit for a file of this kind; save it as CSV"
            )
        pieces.append(piece)
    return io.BytesIO(b"".join(pieces))
