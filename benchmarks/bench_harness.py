"""What the harness costs over the bare fit and predict of the same estimator, the latency probe apart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from suite import fitting
from suite.models.catalogue import MODELS
from suite.schema import Context, Job

MODEL = "logistic"


@pytest.mark.benchmark(group="harness over a bare fit and predict")
def bench_bare(benchmark: Any, digits_job: Callable[[str], Job]) -> None:
    """Build, fit, predict: nothing else."""
    job = digits_job(MODEL)
    fitting.warm_up(MODELS[MODEL], job.threads)

    def bare() -> None:
        model = MODELS[MODEL].build(job.task, Context(seed=job.seed, threads=job.threads), **job.params)
        model.fit(job.X_train, job.y_train)
        model.predict_proba(job.X_test)

    benchmark.pedantic(bare, rounds=7, warmup_rounds=1)


@pytest.mark.benchmark(group="harness over a bare fit and predict")
def bench_fit_predict(
    benchmark: Any, digits_job: Callable[[str], Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same through `fit_predict`, without the latency probe."""
    job = digits_job(MODEL)
    monkeypatch.setattr(fitting, "_latency_ms", lambda model, X: ((None, None), ()))
    benchmark.pedantic(fitting.fit_predict, args=(job,), rounds=7, warmup_rounds=1)


@pytest.mark.benchmark(group="harness over a bare fit and predict")
def bench_cell(benchmark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same as a whole cell in this process: handed over, fitted, scored, stored."""
    from suite.config import DataConfig, RunConfig
    from suite.execution.drive import Listed, drive
    from suite.execution.inline import Inline
    from suite.planning.plan import make_plan
    from suite.provenance import usable_cores
    from suite.store import Store

    monkeypatch.setattr(fitting, "_latency_ms", lambda model, X: ((None, None), ()))
    config = RunConfig(models=(MODEL,), data=(DataConfig(source="digits"),), out=tmp_path, fresh=True)
    work = make_plan(config).todo
    store = Store(tmp_path)

    def cell() -> None:
        with Inline(usable_cores(), None) as placer:
            drive(Listed(work), placer, store)

    benchmark.pedantic(cell, rounds=7, warmup_rounds=1)
