"""A job and its answer as they travel between two processes: JSON, raw arrays, and one file of probabilities."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from suite.disk import read_bytes
from suite.errors import RecordError
from suite.models import plugin
from suite.nouns import built, plain
from suite.schema import Assignment, FitOutput, Job, LiveModel, Task, Work

_FILE = "proba"
_DTYPES = frozenset(np.dtype(code).str for code in "?bBhHiIlLqQefdg")
"""Of real numbers."""
_MOST, _MOST_VALUES = 10**12, 1000
"""A step of a fit, and figures of one."""


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """A cell's job without its columns: these are read by whoever fits it."""

    header: dict[str, Any]
    payload: bytes
    time_s: float | None = None
    """A limit of its own, below that of all cells."""


def pack_job(work: Work, assignment: Assignment, threads: int) -> Parcel:
    """Return what a child gets of a cell: no test label, and no path but those that its parent adds.

    Train labels, the positions of rows and the validation rows are in the payload, in the smallest types; after them
    a model that was given in Python, pickled.
    """
    task = assignment.task
    arrays = {
        "train_rows": assignment.train_rows,
        "test_rows": assignment.test_rows,
        "y_train": assignment.y_train,
        "validation": task.validation,
    }
    small = {name: array.astype(_smallest(array), copy=False) for name, array in arrays.items()}
    header = {
        "job": "cell",
        "model": work.cell.model,
        "live": work.live and work.live.version,
        "alone": plugin.is_factory(work.model),
        "params": dict(work.cell.params),
        "kinds": list(task.kinds),
        "levels": list(task.levels),
        "n_classes": task.n_classes,
        "seed": assignment.seed,
        "threads": threads,
        "inner": work.is_inner,
        "arrays": [[name, array.dtype.str, len(array)] for name, array in small.items()],
    }
    pickled = work.live.pickled if work.live else b""
    payload = b"".join([*(a.tobytes() for a in small.values()), pickled])
    return Parcel(header=header, payload=payload, time_s=work.time_s)


def unpack_job(header: Mapping[str, Any], payload: bytes | bytearray, table: Path, digest: str) -> Job:
    """Return the job, its rows read from the columns in the folder `table`.

    `column_file.Changed` if their digest is not the one given.
    """
    from suite.datasets import column_file

    arrays, start = {}, 0
    for name, dtype, length in header["arrays"]:
        arrays[name] = np.frombuffer(payload, dtype, length, start)
        start += arrays[name].nbytes
    columns = column_file.Columns(table, digest)
    model = header["model"]
    if header["live"]:
        model = LiveModel(name=model, version=header["live"], pickled=bytes(payload[start:]))
    task = Task(
        kinds=tuple(header["kinds"]),
        levels=tuple(header["levels"]),
        n_train=len(arrays["train_rows"]),
        n_features=len(header["kinds"]),
        n_classes=header["n_classes"],
        validation=arrays["validation"].astype(np.int64),
    )
    return Job(
        model=model,
        params=header["params"],
        task=task,
        X_train=columns.rows(arrays["train_rows"]),
        y_train=arrays["y_train"].astype(np.int64),
        X_test=columns.rows(arrays["test_rows"]),
        seed=header["seed"],
        threads=header["threads"],
        time_limit_s=header.get("time_limit"),
        inner=header["inner"],
    )


def write_proba(proba: np.ndarray, folder: Path) -> None:
    """Write probabilities, which are real numbers, to a file in `folder`: row after row, and nothing else."""
    temp = folder / f".{secrets.token_hex(4)}.tmp"
    with temp.open("xb") as file:
        np.ascontiguousarray(proba).tofile(file)
    temp.replace(folder / _FILE)


def pack_output(output: FitOutput) -> dict[str, Any]:
    """Return an output as plain data: of its probabilities, which have a file, the type and the number of columns."""
    packed = plain(replace(output, proba=None, labels=None))
    if output.proba is not None:
        packed["labels"] = None if output.labels is None else output.labels.tolist()
        packed["proba"] = [output.proba.dtype.str, output.proba.shape[1]]
    return packed


def unpack_output(packed: Any, folder: Path, n_rows: int, n_labels: int) -> FitOutput:
    """Return the output that came from a child; the file of its probabilities is removed.

    A model shares the child's process, so nothing is taken for granted: neither what the answer holds nor what lies
    in the folder. Of the file no more is read than `n_rows` rows of at most `n_labels` columns take.

    Raises
    ------
    RecordError
        If it is not what `pack_output` and `write_proba` make.
    """
    if not isinstance(packed, dict):
        raise RecordError("it is no output")
    labels, form = packed.get("labels"), packed.get("proba")
    output: FitOutput = built({**packed, "labels": None, "proba": None}, FitOutput)
    if form is None:
        return output
    dtype, n_columns = form if isinstance(form, list) and len(form) == 2 else (None, None)
    if (
        not isinstance(dtype, str)
        or dtype not in _DTYPES
        or type(n_columns) is not int
        or not 0 < n_columns <= n_labels
    ):
        raise RecordError(f"its probabilities are none of up to {n_labels} classes")
    if labels is not None and not (isinstance(labels, list) and len(labels) == n_columns):
        raise RecordError(f"its labels are not those of {n_columns} columns")
    size = n_rows * n_columns * np.dtype(dtype).itemsize
    raw = read_bytes(folder / _FILE, size)
    (folder / _FILE).unlink()
    if len(raw) != size:
        raise RecordError(f"its probabilities have {len(raw)} bytes, not {size}")
    proba = np.frombuffer(raw, dtype).reshape(n_rows, n_columns)
    return replace(output, labels=None if labels is None else np.asarray(labels), proba=proba)


def unpack_progress(header: Mapping[str, Any]) -> tuple[int, dict[str, float]] | None:
    """Return the step and the values that a fit in a child tells of; None if it tells of something else."""
    step, values = header.get("step"), header.get("values")
    if type(step) is not int or not isinstance(values, dict):
        return None
    is_plain = all(isinstance(value, float) for value in values.values())
    return (step, values) if is_plain and abs(step) <= _MOST and len(values) <= _MOST_VALUES else None


def _smallest(array: np.ndarray) -> np.dtype[Any]:
    return np.min_scalar_type(int(array.max())) if len(array) else np.dtype(np.uint8)
