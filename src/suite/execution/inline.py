"""Cells one after the other in this very process: the plainest executor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from suite import threads
from suite.execution.handover import assign, job_of, plain_columns
from suite.fitting import fit_predict
from suite.schema import Event, Outcome, Progress, Report, Started, Work

Emit = Callable[[Event | Outcome], None]


def execute(works: Sequence[Work], *, n_threads: int, time_limit_s: float | None, emit: Emit) -> None:
    """Fit every cell here, telling `emit` of each start, step and outcome.

    The time limit is told to models that can keep it; nothing here can end one that does not.
    """
    with threads.pinned(n_threads):
        _execute(works, n_threads, time_limit_s, emit)


def _execute(works: Sequence[Work], n_threads: int, time_limit_s: float | None, emit: Emit) -> None:
    table, source = None, None
    for work in works:
        if table is None or source is not work.dataset:
            table, source = plain_columns(work.dataset.X), work.dataset
        emit(Started(cell=work.cell))
        assignment = assign(work)
        job = job_of(work, assignment, table, n_threads, time_limit_s)
        started_at = datetime.now(UTC)
        output = fit_predict(job, report=_reporter(work, emit))
        emit(Outcome(work=work, assignment=assignment, output=output, started_at=started_at))


def _reporter(work: Work, emit: Emit) -> Report:
    def report(step: int, values: Mapping[str, float]) -> bool:
        emit(Progress(cell=work.cell, step=step, values=values))
        return True

    return report
