"""An exported model's folder: what stands in it, written whole or not at all, and read only as it was written."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from suite.disk import encoded, files, is_left, read_bytes, remove_tree, temporary
from suite.errors import RecordError, UsageError, listed
from suite.names import digest
from suite.nouns import dumps, loads, plain, sound
from suite.schema.bounds import Count, Share
from suite.schema.tables import Kind, empty

MANIFEST, RECIPE, CARD = "suite_model.json", "recipe.json", "README.md"
FORMAT = 1
"""Raised when such a folder is read in another way."""
SEAL = "content_sha256"
MOST_MANIFEST, MOST_FILE = 200_000_000, 16 * 10**9


@dataclass(frozen=True, kw_only=True)
class Column:
    """A feature as the rows had it that the model was fitted on."""

    name: str
    kind: Kind
    dtype: Literal["float32", "float64", "category"]
    missing: Share = 0.0
    """The part of the rows without a value."""
    low: float | None = None
    high: float | None = None
    most: tuple[float, ...] = ()
    """The 5th and the 95th percentile of a number, a date or a time."""


@dataclass(frozen=True, kw_only=True)
class Exported:
    """What a folder says of its model."""

    format: Count
    model: str
    """As on the board, with the variant."""
    entry: str
    model_version: str
    params: Mapping[str, Any]
    dataset: str
    fingerprint: str
    target: str
    protocol: str
    split: str
    """The split on which the record and the refit were compared."""
    split_fingerprint: str
    seed: Count
    record: str
    """The key of the record."""
    classes: tuple[str, ...]
    present: tuple[Count, ...]
    """The class of each column of the model's probabilities."""
    columns: tuple[Column, ...]
    no_header: bool = False
    """Whether the table had no names of columns."""
    n_rows: Count = 0
    refit_seed: Count = 0
    difference: float = 0.0
    """The largest, between the stored probabilities and those of the refit that was saved and read again."""
    n_compared: Count = 0
    estimator: Mapping[str, Any] = field(default_factory=empty)
    """What `estimator.save` returned."""
    python: str = ""
    packages: Mapping[str, str] = field(default_factory=empty)
    """The versions that it was fitted with."""
    suite: str = ""
    files: Mapping[str, str] = field(default_factory=empty)
    """The sha256 of every other file."""


@contextlib.contextmanager
def making(target: Path) -> Iterator[Path]:
    """Yield an empty folder that takes the place of `target` if the block ends well, and is removed otherwise.

    Raises
    ------
    UsageError
        If something is there that is no export of suite's, or holds files beside it; or nothing can be written there.
    """
    check_replaceable(target)
    old = target.with_name(f".{target.name}.old")
    _tidy(target, old)
    check_replaceable(target)
    temp = temporary(target)
    try:
        temp.mkdir(parents=True)
    except OSError as error:
        raise UsageError(f"cannot write to {target.parent}: {error.strerror or error}") from error
    try:
        yield temp
        check_replaceable(target)
        for path in (*files(temp), temp):
            _sync(path)
        if target.exists():
            target.rename(old)
        temp.rename(target)
        _sync(target.parent)
    except OSError as error:
        raise UsageError(f"cannot write {target}: {error.strerror or error}") from error
    finally:
        remove_tree(temp)
        _tidy(target, old)


def _tidy(target: Path, old: Path) -> None:
    """Put back what was to be replaced if nothing took its place; remove what an export that was killed left behind."""
    with contextlib.suppress(OSError):
        if old.is_dir() and target.exists():
            remove_tree(old)
        elif old.is_dir():
            old.rename(target)
        for left in target.parent.glob(f".{glob.escape(target.name)}.*.tmp"):
            if is_left(left):
                remove_tree(left)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def check_replaceable(target: Path) -> None:
    """Refuse a folder whose content would be lost: one that is no export, or that somebody added to."""
    if target.name in ("", ".."):
        raise UsageError(f"a model takes a folder of its own, not {str(target)!r}: name one with --out")
    if not os.path.lexists(target):
        return
    if target.is_symlink() or not target.is_dir():
        raise UsageError(f"{target} is there and is no folder; name another with --out")
    there = {str(path.relative_to(target)) for path in files(target)}
    there |= {path.name for path in target.iterdir() if path.is_dir()}
    if not there:
        return
    try:
        about = _manifest(target)
    except RecordError:
        raise UsageError(
            f"{target} is not empty and holds no model that suite exported; name another folder with --out"
        ) from None
    changed = [name for name in about.files if name in there and _sha256(target / name) != about.files[name]]
    if changed:
        raise UsageError(
            f"{target / changed[0]} was changed since it was exported, and would be lost; "
            "name another folder with --out"
        )
    if more := sorted(there - {MANIFEST, *about.files}):
        raise UsageError(
            f"{target} holds {listed(more, 3)} beside an exported model; name another folder with --out"
        )


def seal(folder: Path, about: Mapping[str, Any]) -> Exported:
    """Write what a folder says of its model, with the digests of all files that are there; return it."""
    sums = {path.name: _sha256(path) for path in sorted(folder.iterdir()) if path.name != MANIFEST}
    exported = Exported(**about, files=sums)
    data = plain(exported)
    data = {**data, SEAL: digest(data)}
    (folder / MANIFEST).write_bytes(encoded(dumps(data, indent=1, ensure_ascii=False) + "\n"))
    return exported


def read(folder: Path) -> tuple[Exported, dict[str, bytes]]:
    """Return what a folder says of its model, and the files, each as it was written.

    Raises
    ------
    UsageError
        If it is no folder that suite exported, a file is missing or was changed, or it is of a later version.
    """
    if not folder.is_dir():
        raise UsageError(f"no folder {str(folder)!r}: name one that suite export wrote")
    try:
        about = _manifest(folder)
    except RecordError as error:
        raise UsageError(f"{folder} is no model that suite exported, or it was changed: {error}") from None
    contents = {}
    for name, expected in about.files.items():
        try:
            if Path(name).name != name:
                raise RecordError("it would lie elsewhere")
            contents[name] = read_bytes(folder / name, MOST_FILE)
        except RecordError as error:
            raise UsageError(f"{folder}: {name} is not as it was exported: {error}") from None
        if hashlib.sha256(contents[name]).hexdigest() != expected:
            raise UsageError(f"{folder}: {name} was changed since it was exported; export the model again")
    return about, contents


def _manifest(folder: Path) -> Exported:
    try:
        return _told(loads(read_bytes(folder / MANIFEST, MOST_MANIFEST)))
    except RecordError as error:
        raise RecordError(f"{MANIFEST}: {error}") from None


def _told(data: Any) -> Exported:
    if not isinstance(data, dict) or not isinstance(data.get("format"), int):
        raise RecordError("it tells of no model")
    if data["format"] > FORMAT:
        raise RecordError(
            f"it is of a later version of suite (format {data['format']}; this one reads {FORMAT})"
        )
    said = {name: value for name, value in data.items() if name != SEAL}
    if data.get(SEAL) != digest(said):
        raise RecordError("it does not have the digest that it was written with")
    about: Exported = sound(said, Exported)
    n_labels = len(about.present)
    if not about.columns or not about.classes or not n_labels or max(about.present) >= len(about.classes):
        raise RecordError("it tells of no model")
    return about


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
