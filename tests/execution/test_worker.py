"""The child that fits: what it is told, what it never sees, and that its answer is that of the inline path."""

from __future__ import annotations

import dataclasses
import os
import re
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from suite.datasets import column_file
from suite.datasets.column_store import plain_columns
from suite.errors import RecordError
from suite.execution.assignment import assign
from suite.execution.parcel import (
    pack_job,
    pack_output,
    unpack_job,
    unpack_output,
    unpack_progress,
    write_proba,
)
from suite.models.catalogue import resolve
from suite.planning.cells import cells_of
from suite.protocol import Protocol
from suite.schema import FitOutput, Timing, Work
from suite.supervision.supervise import Child
from suite.supervision.verdict import Ending, Limits

SENTINEL, MARK = 7_163_905_842_117_337, 8_240_117_596_331_209
FAULTY = Path(__file__).with_name("faulty_models.py")


@pytest.fixture
def work() -> Work:
    from suite.config import DataConfig
    from suite.datasets.catalogue import load

    dataset = load(DataConfig(source="iris"))
    (split,) = Protocol.parse("holdout").splits(dataset)
    return cells_of([resolve("dummy")], dataset, [split], seeds=1)[0]


@pytest.fixture
def table(work: Work, tmp_path: Path) -> Path:
    folder = tmp_path / "table"
    folder.mkdir()
    column_file.write(plain_columns(work.dataset.X), folder)
    return folder


def test_a_job_arrives_as_it_was_sent(work: Work, table: Path) -> None:
    assignment = assign(work)
    parcel = pack_job(work, assignment, threads=1)
    job = unpack_job(
        parcel.header | {"time_limit": 3.0}, parcel.payload, table, column_file.digest_on_disk(table)
    )
    X = plain_columns(work.dataset.X)
    assert job.X_train.equals(X.iloc[assignment.train_rows].reset_index(drop=True))
    assert job.X_test.equals(X.iloc[assignment.test_rows].reset_index(drop=True))
    assert np.array_equal(job.y_train, assignment.y_train)
    assert job.y_train.dtype == np.int64
    assert np.array_equal(job.task.validation, assignment.task.validation)
    sent, arrived = (dataclasses.replace(task, validation=None) for task in (assignment.task, job.task))
    assert arrived == sent
    assert (job.model, job.seed, job.threads, job.time_limit_s) == ("dummy", assignment.seed, 1, 3.0)


def test_an_output_arrives_as_it_was_sent(tmp_path: Path) -> None:
    output = FitOutput(
        proba=np.eye(3, dtype=np.float32),
        labels=np.arange(3),
        timing=Timing(fit_s=1.5),
        curve={"loss": [1.0, 0.5]},
        notes=("a note",),
    )
    write_proba(output.proba, tmp_path)
    found = unpack_output(pack_output(output), tmp_path, 3, 3)
    assert np.array_equal(found.proba, output.proba)
    assert np.array_equal(found.labels, output.labels)
    assert (found.timing, found.notes) == (output.timing, output.notes)
    assert found.curve == {"loss": [1.0, 0.5]}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"proba": ["<f4", 4]}, "none of up to 3 classes"),
        ({"proba": ["<f4", 0]}, "none of up to 3 classes"),
        ({"proba": ["<f4", True]}, "none of up to 3 classes"),
        ({"proba": ["|O", 3]}, "none of up to 3 classes"),
        ({"proba": ["<f3", 3]}, "none of up to 3 classes"),
        ({"proba": ["<u16", 3]}, "none of up to 3 classes"),
        ({"proba": [["<f4"], 3]}, "none of up to 3 classes"),
        ({"proba": ["<f4,<f4", 3]}, "none of up to 3 classes"),
        ({"proba": {"dtype": "<f4"}}, "none of up to 3 classes"),
        ({"proba": ["<f4", 2]}, "labels are not those"),
        ({"labels": "012"}, "labels are not those"),
        ({"proba": ["<f8", 3]}, "have 36 bytes, not 72"),
        ({"proba": ["<f2", 3]}, "larger than"),
        ({"timing": 5}, "timing"),
        ({"status": "fine"}, "status"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_an_output_that_is_not_what_it_says_is_refused(
    told: dict[str, object], why: str, tmp_path: Path
) -> None:
    output = FitOutput(proba=np.eye(3, dtype=np.float32), labels=np.arange(3))
    write_proba(output.proba, tmp_path)
    with pytest.raises(RecordError, match=why):
        unpack_output({**pack_output(output), **told}, tmp_path, 3, 3)


@pytest.mark.parametrize("packed", [None, [], "output", 5])
def test_an_answer_that_is_no_output_is_refused(packed: object, tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="no output"):
        unpack_output(packed, tmp_path, 3, 3)


def test_a_file_of_probabilities_is_not_followed_to_somewhere_else(tmp_path: Path) -> None:
    output = FitOutput(proba=np.eye(3, dtype=np.float32))
    write_proba(output.proba, tmp_path)
    (tmp_path / "proba").rename(tmp_path / "elsewhere")
    (tmp_path / "proba").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RecordError, match="symbolic link"):
        unpack_output(pack_output(output), tmp_path, 3, 3)


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ({"step": 1, "values": {"loss": 0.5}}, (1, {"loss": 0.5})),
        ({"step": "1", "values": {"loss": 0.5}}, None),
        ({"step": 1, "values": {"loss": [0.5]}}, None),
        ({"step": 10**400, "values": {}}, None),
        ({"step": 1, "values": {"loss": 10**400}}, None),
        ({"step": 1}, None),
        ({}, None),
    ],
)
def test_progress_that_is_none_is_not_told_of(told: dict[str, object], read: object) -> None:
    assert unpack_progress(told) == read


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_no_test_label_is_in_the_childs_memory_environment_files_or_arguments(
    work: Work, tmp_path: Path
) -> None:
    """Every test label is a number that is nowhere else; another one stands in a column, to see that it is found."""
    y = work.dataset.y.astype(np.int64)
    y[work.split.test] = SENTINEL
    X = work.dataset.X.assign(mark=np.full(len(y), MARK))
    identity = dataclasses.replace(work.cell.id, model=f"{FAULTY}:sleeps", params={})
    cell = dataclasses.replace(work.cell, id=identity)
    kinds = (*work.dataset.kinds, "numeric")
    marked = Work(
        cell=cell, dataset=dataclasses.replace(work.dataset, X=X, y=y, kinds=kinds), split=work.split
    )
    parcel = pack_job(marked, assign(marked), threads=1)
    folder = tmp_path / "marked"
    folder.mkdir()
    digest = column_file.write(plain_columns(X), folder)
    header = {**parcel.header, "table": str(folder), "digest": digest, "scratch": str(tmp_path)}
    with Child([sys.executable, "-P", "-m", "suite.execution.worker"]) as child:
        child.submit(header, parcel.payload, limits=Limits(time_s=60))
        pid = _pid_once_fitting(child)
        found = set(_memory_holding(pid, [SENTINEL, MARK]))
        told = _told(pid)
    assert found == {MARK}
    assert str(SENTINEL) not in told
    assert not re.search(r"iris|y_test|\.csv", told)


def _pid_once_fitting(child: Child) -> int:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for event in child.wait(1.0):
            assert not isinstance(event, Ending), event
            if event.type == "started":
                assert child.pid is not None
                return child.pid
    raise AssertionError("the fit did not start")


def _memory_holding(pid: int, numbers: list[int]) -> list[int]:
    """Return which numbers stand in a process's memory, as 64 bits or in decimals."""
    patterns = {number: (number.to_bytes(8, sys.byteorder), str(number).encode()) for number in numbers}
    found = []
    with Path(f"/proc/{pid}/mem").open("rb", 0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            where, rights = line.split()[:2]
            start, end = (int(part, 16) for part in where.split("-"))
            if not rights.startswith("r") or line.endswith(("[vvar]", "[vsyscall]")):
                continue
            try:
                memory.seek(start)
                content = memory.read(end - start)
            except (OSError, ValueError, OverflowError):
                continue
            found += [n for n, forms in patterns.items() if any(form in content for form in forms)]
    return found


def _told(pid: int) -> str:
    files = [str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir()]
    words = [
        (Path(f"/proc/{pid}") / name).read_bytes().decode(errors="replace") for name in ("environ", "cmdline")
    ]
    # The test's own name is in an environment variable of pytest.
    told = [part for word in words for part in word.split("\0") if not part.startswith("PYTEST_CURRENT_TEST")]
    folders = (str(Path(os.environ.get("TMPDIR", "/tmp"))),)
    return "\n".join([*told, *(file for file in files if not file.startswith(folders))])
