"""Records as files have them, what tells an edited one, and which of them newer ones replace."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from suite.errors import RecordError
from suite.keys import key_again
from suite.metrics import METRICS
from suite.names import digest
from suite.nouns import dumps, plain, sound
from suite.schema import Record
from suite.upgrades import SCHEMA_VERSION, SEALED_FROM, upgraded

SEAL = "content_sha256"
"""The field of a record's file that has the digest of all others."""
_ROUNDING = 1e-6


class Edited(RecordError):
    """A record that can be read and is not the one that was written; `record` is what stands there."""

    def __init__(self, reason: str, record: Record) -> None:
        super().__init__(reason)
        self.record = record


def to_dict(record: Record) -> dict[str, Any]:
    """Return a record as the plain object that stands in its file."""
    data = {"schema_version": SCHEMA_VERSION, **plain(record)}
    return {**data, SEAL: digest(data)}


def to_json_line(record: Record) -> str:
    """Return a record as JSON on one line, in ASCII, without the line's end."""
    return dumps(to_dict(record))


def from_dict(data: Any) -> Record:
    """Return the record that a plain object stands for, of this schema version or an earlier one.

    Raises
    ------
    RecordError
        If the object is of a later schema version, a field is missing, unknown or of a wrong type, a figure is none
        that there can be, or some contradict each other.
    Edited
        If it is a record, and its digest or its key is not that of what it says. Neither keeps a secret: who writes
        both anew, as the store does, is not found out. Records of schema versions 1 to 3 have no digest, and their
        keys cannot be made again.
    """
    if not isinstance(data, dict) or "schema_version" not in data:
        raise RecordError("it is not a record: it has no schema_version")
    said = {name: value for name, value in data.items() if name != SEAL}
    record: Record = sound(upgraded(said), Record)
    is_sealed = data["schema_version"] >= SEALED_FROM
    if not is_sealed and (SEAL in data or record.basis or record.curve_sha256):
        raise RecordError("it was edited: its schema version does not have all of its fields")
    for name, value in record.metrics.items():
        if name not in METRICS:
            raise RecordError(f"it has a metric that there is not: {name!r}")
        metric = METRICS[name]
        if value is not None and not metric.lowest - _ROUNDING <= value <= metric.highest + _ROUNDING:
            raise RecordError(f"no {metric.within_sentence} is {value:.12g}")
    if record.is_run and record.status == "ok" and record.metrics.get("accuracy") is None:
        raise RecordError("its status is ok, and it has no accuracy")
    if is_sealed and data.get(SEAL) != digest(said):
        raise Edited("it was edited: it does not have the digest that it was written with", record)
    if key_again(record) not in (None, record.key):
        raise Edited("it was edited: its key is not that of the cell that it tells of", record)
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


def table_state(record: Record) -> str:
    """Return what tells the states of a table apart: a digest of its fingerprint, target and features."""
    return state_of(record.fingerprint, record.target, record.features.used)


def state_of(fingerprint: str, target: str, used: Sequence[str]) -> str:
    """Return what tells the states of a table apart, before there is a record of it."""
    return digest(fingerprint, target, used)


def _cell(record: Record) -> tuple[Any, ...]:
    return record.id, table_state(record)
