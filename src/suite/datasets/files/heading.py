"""The names of a file's columns, quickly: from its first bytes, for completion; `dialect` reads with care."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from suite.datasets.files import layout
from suite.datasets.files.rows import Row, is_blank
from suite.datasets.files.sources import open_content
from suite.errors import DataError

BYTES = 2**18
_ROWS = 50
_SEPARATORS = ",;\t|"
_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


def names(path: Path, *, no_header: bool = False) -> list[str]:
    """Return the names of the columns of a text file or of JSON; none of another file, or of one that is damaged.

    No more than the first quarter of a megabyte is read, so that very long rows have no names.
    """
    try:
        with open_content(path) as stream:
            head = stream.read(BYTES)
        text = _text(head)
        if text.lstrip()[:1] in ("{", "["):
            return _keys(text)
        rows = _rows(text, is_whole=len(head) < BYTES)
        return [name for name in layout.lay_out(rows, no_header=no_header).names if name] if rows else []
    except (DataError, OSError, EOFError, ValueError, csv.Error, RecursionError):
        return []


def _text(head: bytes) -> str:
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return head[2:].decode(encoding, errors="replace")
    if 0 in head:
        raise ValueError("no text")
    try:
        # The last character may be cut off.
        return codecs.getincrementaldecoder("utf-8-sig")().decode(head)
    except UnicodeDecodeError:
        return head.decode("latin-1")


def _rows(text: str, *, is_whole: bool) -> list[Row]:
    """Return the first rows, by the separator under which most of them are as wide as the widest."""

    def evenness(rows: Sequence[Row]) -> tuple[int, int]:
        widths = [len(row) for row in rows]
        usual = max(set(widths), key=widths.count, default=0)
        return (widths.count(usual) if usual > 1 else 0), usual

    found = [list(_split(text, separator, is_whole)) for separator in _SEPARATORS]
    return max(found, key=evenness)


def _split(text: str, separator: str, is_whole: bool) -> Iterator[Row]:
    if not is_whole:
        text = text[: text.rfind("\n") + 1]
    n_rows = 0
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
        if not is_blank(row):
            yield row
            n_rows += 1
        if n_rows == _ROWS:
            return


def _keys(text: str) -> list[str]:
    """Return the keys of the first object."""
    found, _ = json.JSONDecoder().raw_decode(text, text.index("{"))
    return list(found)
