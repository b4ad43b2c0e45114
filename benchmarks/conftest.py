"""Shared by the benchmarks: `digits` as a job for any registered model."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from suite.schema import Job


@pytest.fixture(scope="session")
def digits_job() -> Callable[[str], Job]:
    """Return a function from a model's name to its job on the holdout split of `digits`."""
    from suite.config import DataConfig
    from suite.datasets.catalogue import load
    from suite.datasets.column_store import plain_columns
    from suite.execution.assignment import assign, job_of
    from suite.models.catalogue import resolve
    from suite.planning.cells import cells_of
    from suite.protocol import Protocol
    from suite.provenance import usable_cores

    dataset = load(DataConfig(source="digits"))
    split = Protocol.parse("holdout").splits(dataset)[0]
    table = plain_columns(dataset.X)

    def job(model: str) -> Job:
        work = cells_of([resolve(model)], dataset, [split], seeds=1)[0]
        return job_of(work, assign(work), table, usable_cores(), None)

    return job


@pytest.fixture(scope="session")
def digits_labels() -> object:
    """Return the true codes of the job's test rows, by model (each is shuffled in its own order)."""
    from suite.config import DataConfig
    from suite.datasets.catalogue import load
    from suite.execution.assignment import assign
    from suite.models.catalogue import resolve
    from suite.planning.cells import cells_of
    from suite.protocol import Protocol

    dataset = load(DataConfig(source="digits"))
    split = Protocol.parse("holdout").splits(dataset)[0]
    return lambda model: dataset.y[assign(cells_of([resolve(model)], dataset, [split], seeds=1)[0]).test_rows]
