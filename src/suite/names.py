"""Names: the grammar `name:key=value,key=value`, safe file names, and seeds derived from names."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from suite.errors import UsageError


class ParsedName(NamedTuple):
    """A name with its options; `operand` is a right side without `=`, such as a column or a factory."""

    name: str
    options: dict[str, Any]
    operand: str | None


def parse_name(text: str) -> ParsedName:
    """Split `name`, `name:key=value,...` or `name:operand`.

    Values are read as Python literals where they are one (`0.3`, `True`, `None`) and as strings otherwise.

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
    options = {}
    for part in right.split(","):
        key, equals, value = part.partition("=")
        if not equals or not key:
            raise UsageError(f"{part!r} in {text!r} is not of the form key=value")
        options[key.strip()] = _literal(value.strip())
    return ParsedName(name, options, None)


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def format_name(name: str, options: Mapping[str, Any]) -> str:
    """Write a name with its options back in the grammar, options sorted by key."""
    return name + (":" + ",".join(f"{k}={options[k]}" for k in sorted(options)) if options else "")


def slug(text: str, limit: int = 60) -> str:
    """Return `text` as a harmless file name of at most `limit` characters: letters, digits, `-`, `_`, `.`.

    A name that had to be changed, or that a file system may treat as special, gets eight digits of its
    sha256, so that different names never share a slug.
    """
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")[:limit]
    reserved = re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", plain)
    if plain and plain == text and plain == plain.lower() and not reserved:
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
