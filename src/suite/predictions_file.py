"""Predictions as a file: packed without pickle, read within bounds of our own, told apart by a digest."""

from __future__ import annotations

import hashlib
import io
import math
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from suite.disk import opened
from suite.errors import RecordError
from suite.schema import Predictions, Record

MAX_BYTES = 16_000_000_000
"""Of a file of predictions, and of what stands packed in it."""
FREE = 1_000_000_000
"""Bytes that a file may stand for whatever its size: equal probabilities of a thousand classes pack 700-fold."""
MAX_RATIO = 200
"""How many bytes each of its bytes may stand for beyond that; what packs better is kept as it is."""
MAX_DIRECTORY = 10_000
"""Bytes of an archive's list of members; that of five takes 300."""
_END = 22
"""Bytes of the end of an archive, where there is no comment."""
_ARRAYS = {"proba": "<f4", "y_true": "<i8", "rows": "<i8", "groups": "<i8"}
_KEY = "key"
"""The member that says whose predictions these are, as bytes; files of schema versions 1 to 3 have none."""


def predictions_digest(predictions: Predictions) -> str:
    """Return the sha256 of names, shapes and values of the arrays, whatever file they come from."""
    sha256 = hashlib.sha256()
    for name, array in _arrays(predictions).items():
        sha256.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        sha256.update(array.tobytes())
    return sha256.hexdigest()


def _arrays(predictions: Predictions) -> dict[str, np.ndarray]:
    arrays = {name: getattr(predictions, name) for name in _ARRAYS}
    return {
        name: np.ascontiguousarray(array, dtype=_ARRAYS[name])
        for name, array in arrays.items()
        if array is not None
    }


def packed(predictions: Predictions, key: str) -> bytes:
    """Return the content of a file of the predictions of the cell with a key."""
    # Any, as an option that not every version of numpy has stands among the names that arrays could have.
    arrays: dict[str, Any] = {**_arrays(predictions), _KEY: _bytes_of(key)}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    size = len(buffer.getvalue())
    if sum(array.nbytes for array in arrays.values()) > max(FREE, MAX_RATIO * size) * 0.99:
        # A reader would take it for a file made to fill its memory.
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)
    return buffer.getvalue()


def _bytes_of(key: str) -> np.ndarray:
    return np.frombuffer(key.encode("utf-8", "backslashreplace"), dtype=np.uint8)


def unpacked(path: Path, record: Record) -> Predictions:
    """Read a file of predictions; RecordError if it is not one of as many rows and classes as its record says.

    Sizes are compared with what stands on disk before any memory is taken for them.
    """
    try:
        with opened(path, MAX_BYTES) as file:
            _check_end(file)
            with zipfile.ZipFile(file) as archive:
                arrays = _read(archive, file, record)
        key = arrays.pop(_KEY, None)
        if not np.array_equal(_bytes_of(record.key), key) if key is not None else record.basis:
            raise RecordError("they are the predictions of another cell, or do not say of which")
        predictions = Predictions(**arrays)
        _check(predictions)
    except Exception as error:  # whatever a damaged or hostile archive makes zipfile and numpy raise
        raise RecordError(f"{path} cannot be read: {error}") from error
    return predictions


def _check_end(file: BinaryIO) -> None:
    """Refuse an archive whose list of members is long, before that is read."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _END))
    end = file.read(_END)
    if not end.startswith(b"PK\5\6") or int.from_bytes(end[12:16], "little") > MAX_DIRECTORY:
        raise RecordError("it is not an archive as the store writes it")
    file.seek(0)


def _read(archive: zipfile.ZipFile, file: BinaryIO, record: Record) -> dict[str, np.ndarray]:
    members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
    shapes = _shapes(record)
    if strange := sorted(members.keys() - shapes.keys()):
        raise RecordError(f"the store writes no array {strange[0]!r}")
    for name, info in members.items():
        _check_member(archive, info, *shapes[name], record)
    total, on_disk = (
        sum(getattr(info, part) for info in members.values()) for part in ("file_size", "compress_size")
    )
    size = file.seek(0, io.SEEK_END)
    if on_disk > size or total > min(MAX_BYTES, max(FREE, MAX_RATIO * size)):
        raise RecordError("it stands for more than any file of its size that the store writes")
    found = {}
    for name, info in members.items():
        dtype, shape = shapes[name]
        values = archive.read(info)[-math.prod(shape) * np.dtype(dtype).itemsize :]
        found[name] = np.frombuffer(values, dtype).reshape(shape).copy()
    return found


def _shapes(record: Record) -> Mapping[str, tuple[str, tuple[int, ...]]]:
    n, k = record.n_test, len(record.classes)
    shapes = {name: (dtype, (n, k) if name == "proba" else (n,)) for name, dtype in _ARRAYS.items()}
    return {**shapes, _KEY: ("|u1", _bytes_of(record.key).shape)}


def _check_member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, dtype: str, shape: tuple[int, ...], record: Record
) -> None:
    """Refuse an array that is not as expected by its header, or by the size that the archive tells of it."""
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise RecordError("it is packed in another way than the store packs")
    with archive.open(info) as member:
        if np.lib.format.read_magic(member) != (1, 0):
            raise RecordError("its arrays are of another format than the store writes")
        its_shape, is_fortran, its_dtype = np.lib.format.read_array_header_1_0(member)
        header = member.tell()
    if its_dtype.str != dtype or is_fortran:
        raise RecordError("its arrays are of other types than the store writes")
    if its_shape != shape or info.file_size != header + math.prod(shape) * its_dtype.itemsize:
        raise RecordError(
            f"it does not have the {record.n_test} rows and {len(record.classes)} classes of its record"
        )


def _check(predictions: Predictions) -> None:
    y_true, proba, rows = predictions.y_true, predictions.proba, predictions.rows
    if not len(y_true) or y_true.min() < 0 or y_true.max() >= proba.shape[1]:
        raise RecordError("a true label is of no class")
    if not (proba.min() >= 0 and proba.max() <= 1 + 1e-6):
        raise RecordError("a probability is none")
    if rows.min() < 0:
        raise RecordError("a row has no position")
