"""Characters that a stream's encoding lacks: others that are near them."""

from __future__ import annotations

import codecs
import io
import unicodedata
from typing import TextIO

_INSTEAD = {"✓": "+", "✗": "x", "·": ".", "–": "-", "…": "~"}


def degrade(*streams: TextIO) -> None:
    """Make streams replace what they cannot encode by something near it in ASCII, instead of failing."""
    codecs.register_error("suite.degrade", _as_ascii)
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="suite.degrade")


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
