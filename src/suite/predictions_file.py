"""Predictions as a file: packed without pickle, read within the bounds of their record, told apart by a digest."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np

from suite.disk import read_bytes
from suite.errors import RecordError
from suite.schema import Predictions, Record

_ARRAYS = {"proba": "<f4", "y_true": "<i8", "rows": "<i8", "groups": "<i8"}


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


def packed(predictions: Predictions) -> bytes:
    """Return the content of a file of predictions."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **_arrays(predictions))
    return buffer.getvalue()


def unpacked(path: Path, record: Record) -> Predictions:
    """Read a file of predictions; RecordError if it is not one of as many rows and classes as its record says."""
    n, k = record.n_test, len(record.classes)
    limit = 100_000 + (n + record.n_train) * (4 * k + 24)
    try:
        raw = read_bytes(path, limit)
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            if sum(member.file_size for member in archive.infolist()) > limit:
                raise RecordError("it is larger than its record allows")
        with np.load(io.BytesIO(raw), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        if any(array.dtype.str != _ARRAYS[name] for name, array in arrays.items()):
            raise RecordError("its arrays are of other types than the store writes")
        predictions = Predictions(**arrays)
    except Exception as error:  # whatever a damaged or hostile archive makes zipfile and numpy raise
        raise RecordError(f"{path} cannot be read: {error}") from error
    shapes = [array.shape for array in _arrays(predictions).values()]
    if shapes != [(n, k), *[(n,)] * (len(shapes) - 1)]:
        raise RecordError(f"{path} does not have the {n} rows and {k} classes of its record")
    return predictions
