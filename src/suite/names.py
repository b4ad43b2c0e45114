"""Names: the grammar `name:key=value,key=value`, safe file names, and seeds derived from names."""

from __future__ import annotations

import ast
import json
import math
import re
import warnings
from collections.abc import Mapping
from typing import Any, NamedTuple

from suite.errors import UsageError

OWN_FOLDERS = ("records", "statistics", "audit", "trials", "plots", "report.html")
"""What stands in an output folder beside the folders of data sets."""


class ParsedName(NamedTuple):
    """A name with its options; `operand` is a right side without `=`, such as a column or a factory."""

    name: str
    options: dict[str, Any]
    operand: str | None


def parse_name(text: str) -> ParsedName:
    """Split `name`, `name:key=value,...` (see `parse_options`) or `name:operand`.

    Raises
    ------
    UsageError
        If the name is empty, or some but not all comma-separated parts have an `=`.
    """
    name, colon, right = text.partition(":")
    if not name or (colon and not right):
        raise UsageError(f"{text!r} is not of the form name or name:key=value,key=value")
    if not colon:
        return ParsedName(name, {}, None)
    if "=" not in right:
        return ParsedName(name, {}, right)
    return ParsedName(name, parse_options(right, text), None)


def parse_options(options: str, text: str) -> dict[str, Any]:
    """Return the values of `key=value,key=value`, a part of the name `text`.

    A value is a number, `True`, `False`, `None`, or a list of such values (`[64, 32]`; a tuple is read as a list), as
    Python writes them. Anything else is a string.

    Raises
    ------
    UsageError
        If a part is not of that form, or a key stands twice.
    """
    found: dict[str, Any] = {}
    for part in re.split(",(?=[^,=]*=)", options):
        key, equals, given = part.partition("=")
        key, value = key.strip(), _literal(given.strip())
        if not equals or not key or (value == given.strip() and "," in given):
            wrong = part.rpartition(",")[2] if equals and key else part
            raise UsageError(f"{wrong!r} in {text!r} is not of the form key=value")
        if key in found:
            raise UsageError(f"{text!r} gives {key} twice")
        found[key] = value
    return found


def _literal(text: str) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what is Python in part: the text is taken as it is
            return _plain(ast.literal_eval(text))
    except (ValueError, OverflowError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text


def _plain(value: Any) -> Any:
    """Return a literal as JSON keeps it, so that it is the same in every process."""
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str):
        return value
    # A whole number that no float comes near, and what is complex, overflows or is no number, are text.
    if isinstance(value, int | float) and math.isfinite(value):
        return value
    raise ValueError


def format_name(name: str, options: Mapping[str, Any]) -> str:
    """Write a name with its options back in the grammar, options sorted by key."""
    return name + (":" + ",".join(f"{k}={_written(options[k])}" for k in sorted(options)) if options else "")


def _written(value: Any) -> str:
    """Return what `_literal` reads as this value: a string that looks like a number gets quotes."""
    text = str(value)
    read = _literal(text)
    return text if type(read) is type(value) and read == value else repr(value)


def slug(text: str, limit: int = 60) -> str:
    """Return `text` as a harmless file name of at most `limit` characters: letters, digits, `-`, `_`, `.`.

    A name that had to be changed, that a file system may treat as special, or that a folder of suite's own
    has, gets eight digits of its sha256, so that different names never share a slug.
    """
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")[:limit]
    reserved = re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", plain)
    if plain and plain == text and plain == plain.lower() and not reserved and plain not in OWN_FOLDERS:
        return plain
    return f"{plain.lower()[: limit - 9] or 'x'}-{digest(text)[:8]}"


def digest(*parts: Any) -> str:
    """Return the sha256, as 64 hexadecimal digits, of the canonical JSON of `parts`."""
    import hashlib

    text = json.dumps(parts, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def derive_seed(*parts: Any) -> int:
    """Return a seed in [0, 2**31) that depends on nothing but the names in `parts`."""
    return int(digest("seed", *parts)[:16], 16) % 2**31
