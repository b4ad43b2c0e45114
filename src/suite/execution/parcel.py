"""A job and its answer as they travel between two processes: JSON, raw arrays, and one file of probabilities."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from suite.models import plugin
from suite.records import built, plain
from suite.schema import Assignment, FitOutput, Job, LiveModel, Task, Work

_FILE = "proba.npy"


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """A cell's job without its columns: these are read by whoever fits it."""

    header: dict[str, Any]
    payload: bytes


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
        "arrays": [[name, array.dtype.str, len(array)] for name, array in small.items()],
    }
    pickled = work.live.pickled if work.live else b""
    return Parcel(header=header, payload=b"".join([*(a.tobytes() for a in small.values()), pickled]))


def unpack_job(header: Mapping[str, Any], payload: bytes | bytearray, table: Path) -> Job:
    """Return the job, its rows read from the columns in the folder `table`."""
    from suite.datasets import column_file

    arrays, start = {}, 0
    for name, dtype, length in header["arrays"]:
        arrays[name] = np.frombuffer(payload, dtype, length, start)
        start += arrays[name].nbytes
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
        X_train=column_file.read(table, arrays["train_rows"]),
        y_train=arrays["y_train"].astype(np.int64),
        X_test=column_file.read(table, arrays["test_rows"]),
        seed=header["seed"],
        threads=header["threads"],
        time_limit_s=header.get("time_limit"),
    )


def pack_output(output: FitOutput, folder: Path) -> dict[str, Any]:
    """Write the probabilities to a file in `folder`, atomically; return all the rest as plain data."""
    packed = plain(replace(output, proba=None, labels=None))
    if output.labels is not None:
        packed["labels"] = _storable(output.labels).tolist()
    if output.proba is not None:
        temp = folder / f".{secrets.token_hex(4)}.tmp"
        with temp.open("xb") as file:
            np.save(file, _storable(output.proba), allow_pickle=False)
        temp.replace(folder / _FILE)
    return {**packed, "proba": output.proba is not None}


def unpack_output(packed: Mapping[str, Any], folder: Path) -> FitOutput:
    """Return the output that `pack_output` packed; its file is removed.

    OSError, ValueError or RecordError if the file is not there, or is not what was written.
    """
    output: FitOutput = built({**packed, "labels": None, "proba": None}, FitOutput)
    labels, proba = packed["labels"], None
    if packed["proba"]:
        proba = np.load(folder / _FILE, allow_pickle=False)
        (folder / _FILE).unlink()
    return replace(output, labels=None if labels is None else np.asarray(labels), proba=proba)


def _smallest(array: np.ndarray) -> np.dtype[Any]:
    return np.min_scalar_type(int(array.max())) if len(array) else np.dtype(np.uint8)


def _storable(array: np.ndarray) -> np.ndarray:
    """Return the array, or its values as text where a file could only hold them as pickles."""
    return array if array.dtype.kind in "fiub" else array.astype(str)
