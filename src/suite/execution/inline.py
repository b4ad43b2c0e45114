"""Cells one after the other in this very process: the plainest executor."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from suite import threads
from suite.datasets.column_store import plain_columns
from suite.events import Progress, Started
from suite.execution.claims import ELSEWHERE_S, Claim, Emit, always_mine
from suite.execution.handover import assign, job_of
from suite.fitting import fit_predict
from suite.models import plugin
from suite.schema import Outcome, Report, Work


def execute(
    works: Sequence[Work],
    *,
    n_threads: int,
    time_limit_s: float | None,
    emit: Emit,
    claim: Claim = always_mine,
) -> None:
    """Fit every cell here, telling `emit` of each start, step and outcome.

    The time limit is told to models that can keep it; nothing here can end one that does not. Cells that another
    run has claimed are waited for.
    """
    with threads.pinned(n_threads):
        left = list(works)
        while left:
            elsewhere: list[Work] = []
            mine = (work for work in left if _is_mine(work, claim, elsewhere))
            _execute(mine, n_threads, time_limit_s, emit)
            if left := elsewhere:
                time.sleep(ELSEWHERE_S)


def _is_mine(work: Work, claim: Claim, elsewhere: list[Work]) -> bool:
    claimed = claim(work)
    if claimed == "elsewhere":
        elsewhere.append(work)
    return claimed == "mine"


def _execute(works: Iterable[Work], n_threads: int, time_limit_s: float | None, emit: Emit) -> None:
    table, source = None, None
    for work in works:
        if table is None or source is not work.dataset:
            table, source = plain_columns(work.dataset.X), work.dataset
        emit(Started(cell=work.cell))
        assignment = assign(work)
        job = job_of(work, assignment, table, n_threads, time_limit_s)
        started_at = datetime.now(UTC)
        with plugin.visit(work.model):
            output = fit_predict(job, report=_reporter(work, emit))
        emit(Outcome(work=work, assignment=assignment, output=output, started_at=started_at))


def _reporter(work: Work, emit: Emit) -> Report:
    def report(step: int, values: Mapping[str, float]) -> bool:
        emit(Progress(cell=work.cell, step=step, values=values))
        return True

    return report
