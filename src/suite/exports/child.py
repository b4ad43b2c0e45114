"""The parent's side of `exports.worker`: children that fit a model and save it, and a fresh one that reads it again."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from suite import threads
from suite.datasets.column_store import Tables
from suite.disk import read_bytes
from suite.errors import ExportError, InvalidOutput, RecordError
from suite.execution.assignment import assign
from suite.execution.parcel import pack_job
from suite.probabilities import check_form
from suite.schema import Work
from suite.supervision.supervise import Child
from suite.supervision.verdict import Ending, Limits

COMMAND = (sys.executable, "-P", "-m", "suite.exports.worker")


class Answer(NamedTuple):
    """What a child gave."""

    told: Mapping[str, Any]
    proba: np.ndarray
    """float32, rows in the order of the split's test rows, a column a class of the table."""


class Children(ExitStack):
    """A warm child for fits and another for what was saved; a context manager. Both end with it."""

    def __init__(self, scratch: Path, n_threads: int, limits: Limits) -> None:
        super().__init__()
        self._scratch, self._threads, self._limits = scratch, n_threads, limits
        self._tables = self.enter_context(Tables())
        self._running: dict[str, Child] = {}

    def fit(self, work: Work, folder: Path) -> Answer:
        """Fit a cell's model on its train rows, save it in a folder, and predict its test rows."""
        return self._ask("fit", work, folder)

    def read(self, work: Work, folder: Path, estimator: Mapping[str, Any]) -> Answer:
        """Read what `fit` saved in a process that has fitted nothing, and predict the test rows."""
        return self._ask("read", work, folder, {"estimator": estimator})

    def _child(self, job: str) -> Child:
        if job not in self._running:
            home = self._scratch / f"home-{job}"
            home.mkdir()
            environment = {**threads.environment(self._threads), "SUITE_DATA": ""}
            self._running[job] = self.enter_context(Child(COMMAND, cwd=home, env=environment))
        return self._running[job]

    def _ask(self, job: str, work: Work, folder: Path, more: Mapping[str, Any] | None = None) -> Answer:
        assignment, table = assign(work), self._tables.of(work.dataset)
        parcel = pack_job(work, assignment, self._threads)
        paths = {"folder": folder, "scratch": self._scratch, "table": table.folder}
        where = {name: str(path.absolute()) for name, path in paths.items()}
        header = {**parcel.header, **where, **(more or {}), "job": job, "digest": table.digest}
        child = self._child(job)
        child.submit(header, parcel.payload, limits=self._limits)
        ending = _ending(child)
        if ending.status != "ok":
            what = "fitted" if job == "fit" else "read again"
            said = ending.header.get("message") if ending.header.get("kind") == "ExportError" else None
            first, _, _ = ending.message.partition("\n")
            why = f": {first}" if ending.status == "error" else f" ({first})"
            raise ExportError(said or f"{work.cell.model} could not be {what}{why}")
        labels = np.asarray(ending.header["labels"])
        n_rows, n_labels = len(assignment.test_rows), len(assignment.present)
        try:
            raw = read_bytes(self._scratch / "proba", 8 * n_rows * n_labels)
            proba = np.frombuffer(raw, np.float64).reshape(n_rows, -1)
            columns = check_form(proba, labels, n_rows, n_labels)
        except (RecordError, ValueError, InvalidOutput) as error:
            raise ExportError(f"{work.cell.model} gave no probabilities: {error}") from error
        found = np.zeros((n_rows, len(work.dataset.classes)), dtype=np.float32)
        sums = proba.sum(axis=1, keepdims=True)
        found[np.ix_(assignment.order, assignment.present[columns])] = proba / sums
        return Answer(ending.header, found)


def _ending(child: Child) -> Ending:
    while True:
        for event in child.wait():
            if isinstance(event, Ending):
                return event
