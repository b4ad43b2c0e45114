"""Records as JSON: strict in reading, exact in writing, and which of them newer ones replace."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np

from suite.errors import RecordError
from suite.names import digest
from suite.schema import Record
from suite.upgrades import SCHEMA_VERSION, upgraded


def to_dict(record: Record) -> dict[str, Any]:
    """Return a record as the plain object that stands in its file."""
    return {"schema_version": SCHEMA_VERSION, **plain(record)}


def to_json_line(record: Record) -> str:
    """Return a record as JSON on one line, in ASCII, without the line's end."""
    return dumps(to_dict(record))


def from_dict(data: Any) -> Record:
    """Return the record that a plain object stands for, of this schema version or an earlier one.

    Raises
    ------
    RecordError
        If the object is of a later schema version, or a field is missing, unknown or of a wrong type.
    """
    if not isinstance(data, dict) or "schema_version" not in data:
        raise RecordError("it is not a record: it has no schema_version")
    record: Record = built(upgraded(data), Record)
    sizes = [len(row) for row in record.confusion or ()]
    if record.confusion is not None and sizes != [len(record.classes)] * len(record.classes):
        raise RecordError(f"its confusion matrix is not one of {len(record.classes)} classes")
    if record.train_classes and len(record.train_classes) != len(record.classes):
        raise RecordError(f"its train rows are not those of {len(record.classes)} classes")
    if record.positive and record.positive not in record.classes:
        raise RecordError(f"its positive class {record.positive!r} is none of its classes")
    return record


def current(records: Iterable[Record], run: Collection[str] = ()) -> list[Record]:
    """Return the records to be shown, leaving out those that newer ones replace.

    A board shows the newest state of its table and, within it, the newest record of each cell; published rows stay. The
    records of one run, given by the keys of its cells, count as the newest, though the run may have found them done.
    """
    records = list(records)
    newest: dict[Any, str] = {}
    for record in sorted(records, key=lambda r: (r.key in run, r.provenance.started_at)):
        if record.is_run:
            newest[board_of(record)], newest[_cell(record)] = table_state(record), record.key
    return [
        record
        for record in records
        if not record.is_run
        or (newest[board_of(record)], newest[_cell(record)]) == (table_state(record), record.key)
    ]


def board_of(record: Record) -> tuple[str, str, str]:
    """Return what the records of one board have in common: data set, protocol and target."""
    return record.dataset, record.protocol, record.target


def dumps(data: Any, **options: Any) -> str:
    """Return strict JSON with sorted keys; RecordError if it holds NaN, an infinity or what JSON does not know."""
    try:
        return json.dumps(data, allow_nan=False, sort_keys=True, **options)
    except (TypeError, ValueError) as error:
        raise RecordError(f"this cannot be kept as JSON: {error}") from error


def loads(raw: bytes) -> Any:
    """Read strict JSON.

    RecordError if it is cut off, not UTF-8, nested without end, or holds NaN, an infinity or a key twice.
    """
    try:
        return json.loads(raw.decode(), parse_constant=_number, parse_float=_number, object_pairs_hook=_pairs)
    except (ValueError, RecursionError) as error:
        raise RecordError(f"it is not JSON as the store writes it: {error}") from error


def _number(text: str) -> float:
    if not math.isfinite(value := float(text)):
        raise ValueError(f"{text} is not a finite number")
    return value


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return data


@cache
def _hints(noun: Any) -> dict[str, Any]:
    return get_type_hints(noun, localns={"np": np})


_PLAIN: dict[Any, Any] = {float: int | float, Mapping: dict, tuple: list}
"""How values of a type stand in JSON, where that differs."""


def built(value: Any, hint: Any, where: str = "") -> Any:
    """Return what a value read from JSON stands for where a field has a type.

    Raises
    ------
    RecordError
        If it is of another type, or has fields that are unknown, or lacks some. Fields with a default may be absent.
    """
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Any:
        return value
    if origin in (UnionType, Union):
        return None if value is None else built(value, arguments[0], where)
    if is_dataclass(hint) and isinstance(value, dict):
        return _built_noun(value, hint, where)
    is_right = (
        isinstance(value, str) and value in arguments
        if origin is Literal
        else isinstance(value, _PLAIN.get(origin or hint, origin or hint))
        and isinstance(value, bool) == (hint is bool)
    )
    if not is_right:
        raise RecordError(f"its field {where} is not what it should be")
    if hint is float and abs(value) > sys.float_info.max:
        raise RecordError(f"its field {where} is larger than any number here")
    if origin is tuple:
        return tuple(built(item, arguments[0], where) for item in value)
    if origin is Mapping:
        return {key: built(item, arguments[1], f"{where}.{key}") for key, item in value.items()}
    return value


def _built_noun(data: dict[str, Any], noun: Any, where: str) -> Any:
    needed = {f.name for f in fields(noun) if f.default is MISSING and f.default_factory is MISSING}
    prefix = f"{where}." if where else ""
    for problem, names in (("unknown", data.keys() - _hints(noun)), ("missing", needed - data.keys())):
        if names:
            raise RecordError(
                f"it has {problem} fields: {', '.join(prefix + name for name in sorted(names))}"
            )
    return noun(**{name: built(item, _hints(noun)[name], prefix + name) for name, item in data.items()})


def plain_params(value: Any) -> Any:
    """Return parameters as JSON has them; what JSON does not know, as its repr."""
    if isinstance(value, Mapping):
        return {str(key): plain_params(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_params(item) for item in value]
    value = value.item() if isinstance(value, np.generic) else value
    if value is None or isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return repr(value)[:200]


def plain(value: Any) -> Any:
    """Return a value as JSON has it: a noun as an object, a tuple as an array."""
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value


def table_state(record: Record) -> str:
    """Return what tells the states of a table apart: a digest of its fingerprint, target and features."""
    return state_of(record.fingerprint, record.target, record.features.used)


def state_of(fingerprint: str, target: str, used: Sequence[str]) -> str:
    """Return what tells the states of a table apart, before there is a record of it."""
    return digest(fingerprint, target, used)


def _cell(record: Record) -> tuple[Any, ...]:
    return record.id, table_state(record)
