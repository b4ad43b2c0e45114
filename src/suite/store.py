"""The store: records and predictions on disk; atomic, versioned, resumable, and no pickle is ever opened."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from suite import curve_file
from suite.disk import encoded, files, read_bytes, sweep, write_all, write_text_atomic
from suite.errors import RecordError, in_one_line
from suite.names import slug
from suite.nouns import dumps, loads, plain, sound
from suite.predictions_file import packed, predictions_digest, unpacked
from suite.records import Edited, from_dict, table_state, to_dict
from suite.schema import AuditReport, Predictions, Record
from suite.schema.audits import AUDIT_VERSION

_RECIPE = "recipe-"
TRIALS = "trials"
"""The folder of inner cells, which stand on no board."""
AUDITS = "audit"
"""The folder of what audits found."""
MAX_RECORD_BYTES = 50_000_000


class Store:
    """Records under `root`/records, one JSON file each, predictions and learning curve beside it.

    Nothing is written before the first `save`. Temporary files that a killed process left behind are
    swept on start.

    Attributes
    ----------
    root : Path
        The output folder.
    unreadable : dict of Path to str
        Files that look like records but are not, or not the one that their name says, each with the reason, as of
        the last reading.
    edited : dict of Path to Record
        Those of them that are records, but not those that were written: what stands there.
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        self.unreadable: dict[Path, str] = {}
        self.edited: dict[Path, Record] = {}
        self._paths: dict[str, list[Path]] | None = None
        boards = itertools.chain.from_iterable(map(self.root.glob, (".*.tmp", "*/.*.tmp", "*/*/.*.tmp")))
        sweep(itertools.chain(self._files(), boards))

    def check_writable(self) -> None:
        """Create the folder and write to it.

        Raises
        ------
        UsageError
            If that cannot be done.
        """
        probe = self.root / "records" / ".probe"
        write_all({probe: b""})
        with contextlib.suppress(OSError):
            probe.unlink()

    def path_for(self, record: Record) -> Path:
        """Return the file of a record: a function of its identity and its key.

        Raises
        ------
        RecordError
            If the path would leave the store through a symbolic link.
        """
        cell = record.id
        variant = "" if cell.is_default else f".{slug(cell.variant)}"
        room = TRIALS if cell.role == "inner" else "records"
        folder = self._table_folder(cell.dataset, cell.fingerprint, room)
        folder = folder / slug(cell.protocol) / slug(cell.split) / f"{slug(cell.model)}{variant}"
        return self._inside(folder / f"seed-{cell.seed}-{_tag(record.key)}.json")

    def _table_folder(self, dataset: str, fingerprint: str, room: str = "records") -> Path:
        return self.root / room / f"{slug(dataset)}-{_tag(fingerprint, 8)}"

    def _inside(self, path: Path) -> Path:
        if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(self.root)):
            raise RecordError(f"{path} leads out of {self.root} through a symbolic link")
        return path

    def save(
        self,
        record: Record,
        predictions: Predictions | None = None,
        curve: Mapping[str, Iterable[float | None]] | None = None,
    ) -> Path:
        """Write a record with what belongs to it, in place of an earlier attempt; return its file.

        The record is written last: a process killed before that leaves the earlier record as it was, and
        `predictions` tells if it no longer belongs to what lies beside it.

        Raises
        ------
        UsageError
            If the folder cannot be written to. The earlier record is then untouched.
        RecordError
            If the record holds NaN or an infinity, or its digests are not those of the predictions and of the curve.
        """
        path = self.path_for(record)
        expected = predictions_digest(predictions) if predictions else None
        if record.predictions_sha256 != expected:
            raise RecordError(f"the record's predictions_sha256 is not that of its predictions ({path.name})")
        if record.curve_sha256 and record.curve_sha256 != curve_file.curve_digest(curve):
            raise RecordError(f"the record's curve_sha256 is not that of its curve ({path.name})")
        write_all(
            {
                path.with_suffix(".npz"): packed(predictions, record.key) if predictions else None,
                path.with_suffix(".curve.json"): curve_file.packed(curve),
                path: encoded(dumps(to_dict(record), indent=1, ensure_ascii=False) + "\n"),
            }
        )
        if self._paths is not None and path not in self._paths.setdefault(_tag(record.key), []):
            self._paths[_tag(record.key)].append(path)
        return path

    def save_recipe(self, dataset: str, fingerprint: str, state: str, recipe: str) -> Path:
        """Write how a table's columns were read, as JSON, beside the records of the table; return the file.

        Its name tells the states of the table apart, see `records.table_state`.
        """
        path = self._inside(self._table_folder(dataset, fingerprint) / f"{_RECIPE}{_tag(state, 8)}.json")
        write_text_atomic(path, recipe)
        return path

    def save_audit(self, report: AuditReport) -> Path:
        """Write what an audit found, in place of an earlier report on the same state and protocol; return the file."""
        path = self._audit_path(report.fingerprint, report.state, report.protocol)
        write_text_atomic(path, dumps(plain(report), indent=1, ensure_ascii=False) + "\n")
        return path

    def audit(self, record: Record) -> AuditReport | None:
        """Return what an audit found in the table of a record, under its protocol; None if nothing is kept."""
        return self.audit_of(record.fingerprint, table_state(record), record.protocol)

    def audit_of(self, fingerprint: str, state: str, protocol: str) -> AuditReport | None:
        """Return what an audit found in a state of a table under a protocol; None if nothing is kept.

        A report that cannot be read, of other rules or not the one that its name says counts as none, and stands in
        `unreadable`.
        """
        path = self._audit_path(fingerprint, state, protocol)
        if not os.path.lexists(path):
            return None
        try:
            data = loads(read_bytes(path, MAX_RECORD_BYTES))
            if isinstance(data, dict) and data.get("version") != AUDIT_VERSION:
                return None
            report: AuditReport = sound(data, AuditReport)
            if (report.fingerprint, report.state, report.protocol) != (fingerprint, state, protocol):
                raise RecordError("it was edited or moved: it is of another table or protocol")
        except RecordError as error:
            self.unreadable[path] = in_one_line("", error).removeprefix(": ")
            return None
        return report

    def _audit_path(self, fingerprint: str, state: str, protocol: str) -> Path:
        name = f"{_tag(fingerprint, 8)}-{_tag(state, 8)}-{slug(protocol)}.json"
        return self._inside(self.root / AUDITS / name)

    def records(self) -> list[Record]:
        """Return every readable record, the newest attempt of each key, in the order of their files."""
        self.unreadable = {}
        self.edited = {}
        self._paths = None
        newest: dict[str, Record] = {}
        for path in self._outer():
            record = self._read(path)
            if record and (record.key not in newest or _attempt(record) > _attempt(newest[record.key])):
                newest[record.key] = record
        return list(newest.values())

    def scan(self) -> Iterator[Record]:
        """Yield every readable record, attempts of the same key too, as they are read."""
        for path in self._outer():
            if record := self._read(path):
                yield record

    def find(self, key: str) -> Record | None:
        """Return the newest attempt at a key, or None."""
        read = [self._read(path) for path in self._index().get(_tag(key), [])]
        return max((record for record in read if record and record.key == key), key=_attempt, default=None)

    def is_done(
        self, record: Record, time_limit_s: float | None = None, memory_limit_mb: float | None = None
    ) -> bool:
        """Say whether a record makes its cell done under these limits.

        `ok` is done if its predictions lie beside it (a record without them is a published figure, not work
        done here) and nobody stopped its fit, and so is `invalid_output`. `timeout` and `out_of_memory`, whose limit
        stands in ``failure.limit``, and what stopped training at its time limit, ``resources.cut_short_at_s``, are
        done unless the limit is larger now (None is no limit); the rest runs again.
        """
        if record.status == "ok":
            if record.resources.stopped_at_step is not None:
                return False
            cut = record.resources.cut_short_at_s
            return (cut is None or _is_within(time_limit_s, cut)) and self._has_predictions(record)
        limits = {"timeout": time_limit_s, "out_of_memory": memory_limit_mb}
        if record.status not in limits:
            return record.status == "invalid_output"
        return _is_within(limits[record.status], record.failure.limit if record.failure else None)

    def _has_predictions(self, record: Record) -> bool:
        try:
            self.predictions(record)
        except RecordError:
            return False
        return True

    def predictions(self, record: Record) -> Predictions:
        """Return the predictions that a record's figures were computed from.

        Raises
        ------
        RecordError
            If there are none, they cannot be read, or they are not those that were recorded.
        """
        path = self.path_for(record).with_suffix(".npz")
        if record.predictions_sha256 is None:
            raise RecordError(f"{record.model} on {record.dataset} has no predictions: {record.status}")
        predictions = unpacked(path, record)
        if predictions_digest(predictions) != record.predictions_sha256:
            raise RecordError(f"{path} holds other predictions than its record says; run it anew")
        return predictions

    def curve(self, record: Record) -> dict[str, list[float | None]] | None:
        """Return loss and accuracy per epoch, or None for a model that does not train in epochs.

        Raises
        ------
        RecordError
            If there is a curve that cannot be read, or is not the one that was recorded.
        """
        path = self.path_for(record).with_suffix(".curve.json")
        if not os.path.lexists(path):
            return None
        try:
            curve = curve_file.unpacked(path)
        except RecordError as error:
            raise RecordError(f"{path} is not a learning curve: {error}") from error
        if (record.curve_sha256 or record.basis) and curve_file.curve_digest(curve) != record.curve_sha256:
            raise RecordError(f"{path} is not the learning curve that was recorded")
        return curve

    def _files(self) -> Iterator[Path]:
        return itertools.chain(files(self.root / "records"), files(self.root / TRIALS))

    def _outer(self) -> list[Path]:
        """Return the files of records, without those of trials, in order."""
        trials = self.root / TRIALS
        return sorted(p for paths in self._index().values() for p in paths if not p.is_relative_to(trials))

    def _index(self) -> dict[str, list[Path]]:
        """Return files by the start of the key in their name; names are listed once and then kept up."""
        if self._paths is None:
            self._paths = {}
            for path in self._files():
                is_hidden = path.name.startswith((".", _RECIPE))
                if path.suffix == ".json" and not is_hidden and ".curve" not in path.suffixes:
                    self._paths.setdefault(path.stem.rpartition("-")[2], []).append(path)
        return self._paths

    def _read(self, path: Path) -> Record | None:
        reason = ""
        try:
            try:
                record = from_dict(loads(read_bytes(path, MAX_RECORD_BYTES)))
            except Edited as error:
                record, reason = error.record, str(error)
            if (own := self.path_for(record)) != path:
                raise RecordError(
                    f"it was edited or moved: what it holds belongs in {own.relative_to(self.root)}"
                )
        except RecordError as error:
            self.unreadable[path] = in_one_line("", error).removeprefix(": ")
            return None
        if reason:
            self.unreadable[path], self.edited[path] = reason, record
            return None
        return record


def _is_within(limit: float | None, met: float | None) -> bool:
    """Say whether a limit is no larger than one that was met; None is no limit."""
    return met is not None and limit is not None and limit <= met


def _attempt(record: Record) -> tuple[int, str]:
    return record.attempt, record.provenance.started_at


def _tag(text: str, length: int = 12) -> str:
    return re.sub(r"[^0-9a-z]", "", text.lower())[:length]
