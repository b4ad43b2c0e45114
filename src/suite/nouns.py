"""Nouns as JSON: written exactly, and read strictly: types, bounds, and no more than fits a machine."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np

from suite.errors import RecordError, listed

MAX_DIGITS = 100
"""Of a whole number in a file."""
MAX_NUMBER = 1e100
"""No figure in a file is larger: sums and squares of figures have to stay finite."""
MAX_TEXT = 1_000_000
"""Characters of one text in a file; logs of failures have 20,000."""
MAX_NESTED = 1_000_000
"""Objects and arrays in a file: 60 MB of memory when they are empty."""
MAX_VALUES = 10_000_000
"""All values in a file."""
MAX_DEPTH = 20
"""Of values whose type is open, such as parameters."""


def dumps(data: Any, **options: Any) -> str:
    """Return strict JSON with sorted keys; RecordError if it holds NaN, an infinity or what JSON does not know."""
    try:
        return json.dumps(data, allow_nan=False, sort_keys=True, **options)
    except (TypeError, ValueError) as error:
        raise RecordError(f"this cannot be kept as JSON: {error}") from error


def loads(raw: bytes) -> Any:
    """Read strict JSON.

    RecordError if it is cut off, not UTF-8, nested without end, or holds NaN, an infinity, a key twice, or more than
    any file of the store.
    """
    # Counted before anything is made of them; those within text do no harm.
    if raw.count(b"[") + raw.count(b"{") > MAX_NESTED or raw.count(b",") > MAX_VALUES:
        raise RecordError("it holds more values than any file that the store writes")
    try:
        return json.loads(
            raw.decode(),
            parse_constant=_number,
            parse_float=_number,
            parse_int=_whole,
            object_pairs_hook=_pairs,
        )
    except (ValueError, RecursionError) as error:
        raise RecordError(f"it is not JSON as the store writes it: {error}") from error


def _number(text: str) -> float:
    if not math.isfinite(value := float(text)):
        raise ValueError(f"{text[:MAX_DIGITS]} is not a finite number")
    return value


def _whole(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"a number of {len(text)} digits is larger than any number here")
    return int(text)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return data


@cache
def _hints(noun: Any) -> dict[str, Any]:
    return get_type_hints(noun, localns={"np": np}, include_extras=True)


_PLAIN: dict[Any, Any] = {float: int | float, Mapping: dict, tuple: list}
"""How values of a type stand in JSON, where that differs."""


def sound(value: Any, hint: Any) -> Any:
    """Return what a value read from a file stands for where a field has a type, and hold it to all that is said of it.

    Beside what `built` looks at, these are the bounds of figures, see `schema.bounds`, and of each noun with a method
    `contradictions` what that yields.

    Raises
    ------
    RecordError
        If it is not so.
    """
    return built(value, hint, strict=True)


def built(value: Any, hint: Any, where: str = "", *, strict: bool = False) -> Any:
    """Return what a value read from JSON stands for where a field has a type.

    Raises
    ------
    RecordError
        If it is of another type, or has fields that are unknown, or lacks some. Fields with a default may be absent.
    """
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Any:
        if not _is_shallow(value):
            raise RecordError(f"its field {listed([where])} is nested more than {MAX_DEPTH} deep")
        return value
    if origin is Annotated:
        found = built(value, arguments[0], where, strict=strict)
        for condition in arguments[1:] if strict else ():
            if not condition.test(found):
                raise RecordError(f"its field {listed([where])} {condition.otherwise}")
        return found
    if origin in (UnionType, Union):
        return None if value is None else built(value, arguments[0], where, strict=strict)
    if is_dataclass(hint) and isinstance(value, dict):
        return _built_noun(value, hint, where, strict)
    is_right = (
        isinstance(value, str) and value in arguments
        if origin is Literal
        else isinstance(value, _PLAIN.get(origin or hint, origin or hint))
        and isinstance(value, bool) == (hint is bool)
    )
    if not is_right:
        raise RecordError(f"its field {listed([where])} is not what it should be")
    if hint is float and abs(value) > (MAX_NUMBER if strict else sys.float_info.max):
        raise RecordError(f"its field {listed([where])} is larger than any number here")
    if strict and isinstance(value, str) and len(value) > MAX_TEXT:
        raise RecordError(f"its field {listed([where])} is a text of {len(value):,} characters")
    if origin is tuple and _are_whole(value, arguments):
        # A matrix of many classes: its least and its largest number speak for all.
        for extreme in (min(value), max(value)) if strict else ():
            built(extreme, arguments[0], where, strict=strict)
        return tuple(value)
    if origin is tuple:
        each = arguments if arguments[-1] is not ... else (arguments[0],) * len(value)
        if len(each) != len(value):
            raise RecordError(f"its field {listed([where])} does not have {len(each)} values")
        return tuple(built(item, its, where, strict=strict) for item, its in zip(value, each, strict=True))
    if origin is Mapping:
        return {
            key: built(item, arguments[1], f"{where}.{key}", strict=strict) for key, item in value.items()
        }
    return value


def _are_whole(value: Sequence[Any], arguments: Sequence[Any]) -> bool:
    """Tell whether these are whole numbers where any number of them may stand that are within a range."""
    if (
        arguments[-1] is not ...
        or get_origin(arguments[0]) is not Annotated
        or set(map(type, value)) != {int}
    ):
        return False
    kind, *conditions = get_args(arguments[0])
    return kind is int and all(condition.is_range for condition in conditions)


def _built_noun(data: dict[str, Any], noun: Any, where: str, strict: bool) -> Any:
    needed = {f.name for f in fields(noun) if f.default is MISSING and f.default_factory is MISSING}
    prefix = f"{where}." if where else ""
    for problem, names in (("unknown", data.keys() - _hints(noun)), ("missing", needed - data.keys())):
        if names:
            raise RecordError(f"it has {problem} fields: {listed([prefix + name for name in sorted(names)])}")
    hints = _hints(noun)
    found = noun(
        **{name: built(item, hints[name], prefix + name, strict=strict) for name, item in data.items()}
    )
    if strict and hasattr(found, "contradictions"):
        for reason in found.contradictions():
            raise RecordError(reason)
    return found


def _is_shallow(value: Any, depth: int = MAX_DEPTH) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return depth > 0 and all(_is_shallow(item, depth - 1) for item in inner if isinstance(item, dict | list))


_SIMPLE = frozenset({int, float, str, bool, type(None)})


def plain(value: Any) -> Any:
    """Return a value as JSON has it: a noun as an object, a tuple as an array."""
    if type(value) in _SIMPLE:
        return value
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        # A confusion matrix of many classes has more figures than all else in a record.
        return list(value) if _SIMPLE.issuperset(map(type, value)) else [plain(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value
