"""Output that a stream cannot take: near characters for those that its encoding lacks, and a full disk."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import unicodedata
from typing import Any, TextIO

_INSTEAD = {"✓": "+", "✗": "x", "·": ".", "–": "-", "…": "~"}


def degrade(*streams: TextIO) -> None:
    """Make streams replace what they cannot encode by something near it in ASCII, instead of failing."""
    codecs.register_error("suite.degrade", _as_ascii)
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="suite.degrade")


def give_up(stream: TextIO) -> None:
    """Send what a stream still holds, and all that comes, nowhere: Python's exit would complain of it."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


class Lenient:
    """A stream that nothing depends on: where it cannot be written to, it is given up."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str = "") -> None:
        """Write text at once, or drop it."""
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:
            give_up(self._stream)

    flush = write


def _as_ascii(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_nearest, error.object[error.start : error.end])), error.end


def _nearest(character: str) -> str:
    """Return a letter without its accents, a sign's stand-in, or question marks: as many cells as the character has."""
    if unicodedata.combining(character):
        return ""
    if unicodedata.east_asian_width(character) in "WF":
        return "??"
    base = unicodedata.normalize("NFKD", character)[0]
    return _INSTEAD.get(character) or (base if base.isascii() else "?")
