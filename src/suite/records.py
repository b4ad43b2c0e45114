"""Records as JSON: strict in reading, exact in writing, and which of them newer ones replace."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import numpy as np

from suite.errors import RecordError
from suite.names import digest
from suite.schema import SCHEMA_VERSION, Record

_HINTS = get_type_hints(Record)


def to_dict(record: Record) -> dict[str, Any]:
    """Return a record as the plain object that stands in its file."""
    return {field.name: _plain(getattr(record, field.name)) for field in dataclasses.fields(record)}


def to_json_line(record: Record) -> str:
    """Return a record as JSON on one line, in ASCII, without the line's end."""
    return dumps(to_dict(record))


def from_dict(data: Any) -> Record:
    """Return the record that a plain object stands for.

    Raises
    ------
    RecordError
        If the object is of another schema version, or a field is missing, unknown or of a wrong type.
    """
    if not isinstance(data, dict) or "schema_version" not in data:
        raise RecordError("it is not a record: it has no schema_version")
    version = data["schema_version"]
    if version != SCHEMA_VERSION:
        raise RecordError(f"it is written in schema version {version!r}; this suite reads {SCHEMA_VERSION}")
    for problem, names in (("unknown", data.keys() - _HINTS), ("missing", _HINTS.keys() - data)):
        if names:
            raise RecordError(f"it has {problem} fields: {', '.join(sorted(names))}")
    for name, hint in _HINTS.items():
        if not fits(data[name], hint):
            raise RecordError(f"its field {name} is not what it should be")
    return Record(**data)


def current(records: Iterable[Record], run: Collection[str] = ()) -> list[Record]:
    """Return the records to be shown, leaving out those that newer ones replace.

    Of each data set and protocol, only the newest state of the table counts; of each cell (split, model, parameters,
    variant, seed) in it, the newest key. Published rows always stay.

    Parameters
    ----------
    records : iterable of Record
        In any order.
    run : collection of str
        The keys of one run's cells: their records count as the newest, though the run may have found them done.
    """
    records = list(records)
    states = [table_state(record) for record in records]
    cells = [_cell(record, state) for record, state in zip(records, states, strict=True)]
    newest: dict[Any, str] = {}
    for position in sorted(range(len(records)), key=lambda i: (records[i].key in run, started(records[i]))):
        record = records[position]
        if record.source == "run":
            newest[record.dataset, record.protocol] = states[position]
            newest[cells[position]] = record.key
    return [
        record
        for record, state, cell in zip(records, states, cells, strict=True)
        if record.source != "run"
        or (newest[record.dataset, record.protocol], newest[cell]) == (state, record.key)
    ]


def dumps(data: Any, **options: Any) -> str:
    """Return strict JSON with sorted keys.

    Raises
    ------
    RecordError
        If there is NaN, an infinity or an object that JSON does not know in it.
    """
    try:
        return json.dumps(data, allow_nan=False, sort_keys=True, **options)
    except (TypeError, ValueError) as error:
        raise RecordError(f"this cannot be kept as JSON: {error}") from error


def loads(raw: bytes) -> Any:
    """Read strict JSON.

    Raises
    ------
    RecordError
        If it is cut off, not UTF-8, nested without end, or holds NaN, an infinity or a key twice.
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


def fits(value: Any, hint: Any) -> bool:
    """Say whether a value read from JSON is of a field's type."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is UnionType:
        return any(fits(value, argument) for argument in arguments)
    if origin is Literal:
        return isinstance(value, str) and value in arguments
    if origin is list:
        return isinstance(value, list) and all(fits(item, arguments[0]) for item in value)
    if origin is Mapping:
        return isinstance(value, dict) and all(fits(item, arguments[1]) for item in value.values())
    if hint in (int, float):
        return isinstance(value, int if hint is int else int | float) and not isinstance(value, bool)
    return hint is Any or isinstance(value, hint)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value


def table_state(record: Record) -> str:
    """Return what tells the states of a table apart: a digest of its fingerprint, target and features."""
    return state_of(record.fingerprint, record.target, record.features.get("used"))


def state_of(fingerprint: str, target: str, used: Sequence[str] | None) -> str:
    """Return what tells the states of a table apart, before there is a record of it."""
    return digest(fingerprint, target, used)


def _cell(record: Record, state: str) -> tuple[Any, ...]:
    parts = (record.dataset, record.protocol, record.split, record.model, record.variant, record.seed)
    return (*parts, state, digest(dict(record.params)))


def started(record: Record) -> str:
    """Return when the record's cell began, ISO 8601; empty if that was not recorded."""
    return str(record.provenance.get("started_at") or "")
