"""Cells one after the other in this very process: the plainest placer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from suite import threads
from suite.datasets.column_store import plain_columns
from suite.events import Progress
from suite.execution.assignment import job_of
from suite.execution.drive import Answer, Begun, Tell
from suite.fitting import fit_predict
from suite.models import plugin
from suite.schema import Assignment, Dataset, Work, lower

if TYPE_CHECKING:
    import pandas as pd


class Inline(ExitStack):
    """Fits in the process that waits; a context manager.

    Models that can keep the time limit are given it; nothing here can end one that does not.
    """

    def __init__(self, n_threads: int, time_limit_s: float | None) -> None:
        super().__init__()
        self._n_threads, self._time_limit_s = n_threads, time_limit_s
        self._placed: tuple[Work, Assignment] | None = None
        self._table: tuple[Dataset, pd.DataFrame] | None = None

    def __enter__(self) -> Inline:
        self.enter_context(threads.pinned(self._n_threads))
        return self

    @property
    def busy(self) -> int:
        """One."""
        return 1

    def choose(self, waiting: Sequence[Work]) -> Work | None:
        """Return the first cell, if none is placed."""
        return None if self._placed else waiting[0]

    def place(self, work: Work, assignment: Assignment) -> None:
        """Keep a cell for the next `wait`, which fits it."""
        self._placed = work, assignment

    def wait(self, tell: Tell) -> None:
        """Fit the cell that was placed."""
        assert self._placed is not None
        work, assignment = self._placed
        key = work.cell.key
        if self._table is None or self._table[0] is not work.dataset:
            self._table = work.dataset, plain_columns(work.dataset.X)
        job = job_of(
            work, assignment, self._table[1], self._n_threads, lower(work.time_s, self._time_limit_s)
        )

        def report(step: int, values: Mapping[str, float]) -> bool:
            return tell(Progress(cell=work.cell, step=step, values=values)) is not False

        tell(Begun(key=key))
        with plugin.visit(work.model):
            output = fit_predict(job, report=report)
        self._placed = None
        tell(Answer(key=key, output=output))
