"""Fit, predict and one-row predict of every registered model on `digits`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from suite.fitting import warm_up
from suite.models.catalogue import MODELS
from suite.provenance import package_version
from suite.schema import Classifier, Context, Job, Work

# A slow machine is no fault, and a library's warning neither.
pytestmark = [pytest.mark.timeout(0), pytest.mark.filterwarnings("default")]

_fitted: dict[str, Classifier] = {}


def built(job: Job) -> Classifier:
    """Return the job's model, unfitted, its library imported and warm."""
    for package in MODELS[job.model].requires:
        if package_version(package) is None:
            pytest.skip(f"{package} is not installed")
    warm_up(MODELS[job.model], job.threads)
    return MODELS[job.model].build(job.task, Context(seed=job.seed, threads=job.threads), **job.params)


def fitted(job: Job) -> Classifier:
    """Return the job's model, fitted once a session."""
    if job.model not in _fitted:
        _fitted[job.model] = built(job)
        _fitted[job.model].fit(job.X_train, job.y_train)
    return _fitted[job.model]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.benchmark(group="fit digits")
def bench_fit(
    benchmark: Any, model: str, digits_job: Callable[[str], Job], digits_work: Callable[[str], Work]
) -> None:
    """A whole fit, preprocessing and compilation included; three rounds, a fresh model each."""
    from suite.execution.assignment import assign

    job = digits_job(model)

    def fresh() -> tuple[tuple[Classifier], dict[str, Any]]:
        _fitted[model] = built(job)
        return (_fitted[model],), {}

    benchmark.pedantic(lambda m: m.fit(job.X_train, job.y_train), setup=fresh, rounds=3)
    work = digits_work(model)
    # The test rows stand in an order of the cell's own.
    right = _fitted[model].predict_proba(job.X_test).argmax(axis=1) == work.dataset.y[assign(work).test_rows]
    benchmark.extra_info["accuracy"] = round(float(np.mean(right)), 4)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.benchmark(group="predict digits (360 rows)")
def bench_predict(benchmark: Any, model: str, digits_job: Callable[[str], Job]) -> None:
    """Probabilities of the whole test set."""
    job = digits_job(model)
    benchmark.pedantic(fitted(job).predict_proba, args=(job.X_test,), rounds=10, warmup_rounds=1)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.benchmark(group="predict one row of digits")
def bench_predict_one_row(benchmark: Any, model: str, digits_job: Callable[[str], Job]) -> None:
    """Probabilities of a single row."""
    job = digits_job(model)
    benchmark.pedantic(fitted(job).predict_proba, args=(job.X_test.iloc[:1],), rounds=30, warmup_rounds=2)
