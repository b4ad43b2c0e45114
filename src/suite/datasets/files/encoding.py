"""How the characters of a text file are written, found in one pass over its bytes; its first and last lines."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from suite.datasets.files.sources import read_bounded
from suite.errors import DataError
from suite.schema import Finding

SAMPLE_CHARACTERS = 2**16
_SAMPLE_LINES = 20
MAX_LINE = 2**23
_MOST_SAMPLED = 2**23
_TAIL_BYTES = 2**14
# UTF-32 first: its mark begins with that of UTF-16.
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_PLAIN = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
_UNDEFINED_IN_CP1252 = tuple(bytes([code]) for code in (0x81, 0x8D, 0x8F, 0x90, 0x9D))
CALLED = {"cp1252": "Windows-1252", "latin-1": "latin-1"}
_HIGH_BYTES = bytes(range(0x80, 0x100))
_GOOD_FOR_ONE_BAD = 3
# Other alphabets and scripts have runs of bytes above 127, Western languages single ones among others.
_RUN = re.compile(rb"[\x80-\xff]{3,}")
_HIGH = re.compile(rb"[\x80-\xff]")
# Letters of Polish, as Windows-1252 shows them within words.
_POLISH = re.compile(r"[a-z][³¹¿£][a-z]")
_SHOWN = 30


class Scan(NamedTuple):
    """What one pass over the bytes of a text file tells."""

    encoding: str
    """For `io.TextIOWrapper`."""
    head: str
    """The first 65,536 characters or 20 lines, whichever is more, ending with a line."""
    whole: bool
    """The head is the whole file."""
    tail: str
    """The last lines."""
    plain: str
    """The encoding without a mark: under it the tail has as many bytes as it has in the file."""
    size: int
    """Bytes of the content, unpacked."""

    lines: int = 1
    """Lines of the whole file."""
    damaged: int = 0
    """Bytes that are not UTF-8 in a file that is UTF-8 otherwise."""

    @property
    def errors(self) -> str:
        """For bytes of the tail: those that are not characters come back as they were."""
        return "surrogateescape" if self.damaged else "strict"

    @property
    def note(self) -> str | None:
        """A note on an encoding that is certain; None for UTF-8."""
        wide = self.encoding.startswith(("utf-16", "utf-32"))
        return f"the file was read as {self.encoding[:6].upper()}" if wide else None

    def findings(self, path: Path) -> Iterator[Finding]:
        """Yield what to check of an encoding that is guessed."""
        if self.damaged:
            count = "1 byte that is" if self.damaged == 1 else f"{self.damaged:,} bytes that are"
            text = f"{path} holds {count} no UTF-8, shown as \ufffd; if these matter, save the file as UTF-8"
            yield Finding(code="encoding", text=text)
        elif self.encoding in CALLED:
            shown = _first_word(self.head)
            seems = f" (it has {shown!r})" if shown else ""
            text = f"{path} is not UTF-8 and was read as {CALLED[self.encoding]}, a guess{seems}"
            other = " and probably wrong" if self._is_foreign() else ""
            yield Finding(code="encoding", text=f"{text}{other}; if words look wrong, save the file as UTF-8")

    def _is_foreign(self) -> bool:
        """Return whether the text looks unlike Western European text."""
        data = self.head.encode(self.encoding, "replace")
        runs = sum(map(len, _RUN.findall(data)))
        return (
            self.encoding == "latin-1"
            or runs > len(_HIGH.findall(data)) / 2
            or bool(_POLISH.search(self.head))
            # Czech: ř and ě or ů.
            or ("ø" in self.head and ("ì" in self.head or "ù" in self.head))
        )


def _first_word(text: str) -> str:
    """Return the first word that is not plain ASCII, or a part of it."""
    found = re.search(r"[^\x00-\x7f]", text)
    if not found:
        return ""
    before, after = text[max(found.start() - _SHOWN, 0) : found.start()], text[found.start() :][:_SHOWN]
    return re.split(r"[^\w-]", before)[-1] + re.split(r"[,;|\s\"]", after)[0]


def scan(path: Path) -> Scan:
    """Find a file's encoding: by its mark, UTF-16 also without one; else UTF-8, Windows-1252 or latin-1.

    A file with a few bytes that are not UTF-8 among many that are is UTF-8. Raises `DataError` if the file is empty,
    holds bytes that no text has, or has a line longer than 8 MiB.
    """
    lines = _Lines(path)
    head, tail, size, cp1252, enough = b"", b"", 0, True, False
    encoding = "utf-8-sig"
    decoder: codecs.IncrementalDecoder = codecs.getincrementaldecoder("utf-8")()
    for piece in read_bounded(path):
        lines.count(piece)
        if not size:
            encoding = _by_mark(piece)
            decoder = codecs.getincrementaldecoder(encoding)()
        wide = encoding.startswith(("utf-16", "utf-32"))
        if not wide and b"\0" in piece:
            raise DataError(f"{path} is not a text file (it holds zero bytes)")
        if encoding == "utf-8-sig" or wide:
            try:
                decoder.decode(piece)
            except UnicodeDecodeError as error:
                encoding = _other(path, wide, error)
        if not wide and cp1252 and not piece.isascii():
            cp1252 = not any(code in piece for code in _UNDEFINED_IN_CP1252)
        if not enough:
            head += piece
            sampled = head.count(b"\n") if len(head) > SAMPLE_CHARACTERS * 4 else 0
            enough = sampled > _SAMPLE_LINES or len(head) > _MOST_SAMPLED
        tail = (tail + piece)[-_TAIL_BYTES:] if len(piece) < _TAIL_BYTES else piece[-_TAIL_BYTES:]
        size += len(piece)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        encoding = _other(path, encoding.startswith(("utf-16", "utf-32")), error)
    damaged = _few_bad_bytes(path) if encoding == "latin-1" else 0
    if damaged:
        encoding = "utf-8-sig"
    elif encoding == "latin-1" and cp1252:
        encoding = "cp1252"
    sample, whole = _sample(head, encoding, len(head) == size)
    if whole and not sample.strip("\ufeff \t\r\n"):
        raise DataError(f"{path} is empty")
    plain = _PLAIN.get(encoding, encoding)
    if encoding in ("utf-16", "utf-32") and head[:4] in (
        codecs.BOM_UTF32_BE,
        codecs.BOM_UTF16_BE + head[2:4],
    ):
        plain = plain[:-2] + "be"
    last = _last_lines(tail, plain, size, bool(damaged))
    return Scan(encoding, sample, whole, last, plain, size, lines.total, damaged)


class _Lines:
    """Counts the lines of a file; one that is so long that no row of a table is refused before it is read."""

    def __init__(self, path: Path) -> None:
        self._path, self._open = path, 0
        self.total = 1

    def count(self, piece: bytes) -> None:
        """Count the lines that end in a piece, which is shorter than a line may be."""
        ends = [at for at in (piece.find(b"\n"), piece.find(b"\r")) if at >= 0]
        if self._open + min(ends, default=len(piece)) > MAX_LINE:
            raise DataError(
                f"{self._path} has a line longer than {MAX_LINE / 2**20:g} MiB, the limit for one row"
            )
        last = max(piece.rfind(b"\n"), piece.rfind(b"\r"))
        self._open = len(piece) - last - 1 if ends else self._open + len(piece)
        self.total += piece.count(b"\n") or piece.count(b"\r")


def _few_bad_bytes(path: Path) -> int:
    """Return how many bytes are not UTF-8; 0 if they are too many beside the characters that are."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="surrogateescape")
    good = bad = 0
    for piece in chain(read_bounded(path), (b"",)):
        text = decoder.decode(piece, final=not piece)
        beyond = len(text) - len(piece.translate(None, _HIGH_BYTES))
        bad_here = (
            len(text.encode(errors="surrogateescape")) - len(text.encode(errors="ignore")) if beyond else 0
        )
        good, bad = good + beyond - bad_here, bad + bad_here
    return bad if good >= _GOOD_FOR_ONE_BAD * bad else 0


def _by_mark(head: bytes) -> str:
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return encoding
    first = head[:4096]
    even, odd = first[::2].count(0), first[1::2].count(0)
    if odd > len(first) / 5 and not even:
        return "utf-16-le"
    if even > len(first) / 5 and not odd:
        return "utf-16-be"
    return "utf-8-sig"


def _other(path: Path, wide: bool, error: UnicodeDecodeError) -> str:
    if wide:
        raise DataError(f"{path} is damaged: {error.reason} in {error.encoding}") from None
    return "latin-1"


def _sample(head: bytes, encoding: str, whole: bool) -> tuple[str, bool]:
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(head, final=whole)
    end = SAMPLE_CHARACTERS
    if len(text) > end and text.count("\n", 0, end) < _SAMPLE_LINES:
        lines = io.StringIO(text, newline="")
        end = max(end, sum(len(line) for _, line in zip(range(_SAMPLE_LINES), lines, strict=False)))
    if len(text) > end or not whole:
        cut = text[:end]
        at = max(cut.rfind("\n"), cut.rfind("\r") if "\n" not in cut else -1)
        return (cut[: at + 1] if at >= 0 else cut), False
    return text, True


def _last_lines(tail: bytes, plain: str, size: int, damaged: bool) -> str:
    """Decode the end of a file from its first whole line on."""
    if len(tail) == size:
        return tail.decode(plain, errors="surrogateescape" if damaged else "replace")
    width = {"utf-16": 2, "utf-32": 4}.get(plain[:6], 1)
    aligned = tail[(len(tail) - size) % width :]
    text = aligned.decode(plain, errors="surrogateescape" if damaged else "ignore")
    line = next(iter(io.StringIO(text, newline="")), "")
    return text[len(line) :]
