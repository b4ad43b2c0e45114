"""What a cell's fitting side is given: its seed follows from names, and from nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from suite.execution.assignment import assign, job_of
from suite.models.catalogue import resolve
from suite.names import derive_seed
from suite.planning.cells import cells_of
from suite.protocol import Protocol
from suite.schema import Dataset, Work


def table(name: str = "toy") -> Dataset:
    return Dataset(
        name=name,
        version=1,
        X=pd.DataFrame({"a": np.arange(30.0), "b": np.arange(30.0) % 7}),
        y=np.arange(30) % 3,
        classes=("c0", "c1", "c2"),
        kinds=("numeric", "numeric"),
        fingerprint="f" * 64,
        target="label",
        protocol="cv2",
    )


def cells(*models: str, dataset: Dataset, seeds: int = 1) -> list[Work]:
    splits = Protocol.parse("cv2").splits(dataset)
    return cells_of([resolve(model) for model in models], dataset, splits, seeds)


@pytest.fixture
def works() -> list[Work]:
    """Two models on two splits of two data sets, with two seeds each."""
    models = ("extra_trees", "random_forest")
    return [work for name in ("toy", "game") for work in cells(*models, dataset=table(name), seeds=2)]


def seeds_of(works: list[Work]) -> Iterator[int]:
    return (assign(work).seed for work in works)


def test_every_data_set_split_model_and_seed_has_a_seed_of_its_own(works: list[Work]) -> None:
    assert len(works) == len(set(seeds_of(works))) == 2 * 2 * 2 * 2


def test_a_seed_is_that_of_names_so_that_a_cell_repeated_alone_draws_the_same(works: list[Work]) -> None:
    for work, seed in zip(works, seeds_of(works), strict=True):
        identity = work.cell.id
        assert seed == derive_seed(identity.dataset, identity.split, identity.model, identity.seed)


def test_trials_of_an_entry_draw_the_same_whatever_they_set_and_what_they_lead_to_does_not() -> None:
    dataset = table()
    trials = [
        replace(work, cell=replace(work.cell, id=replace(work.cell.id, role="inner")))
        for params in ("n_estimators=10", "n_estimators=20")
        for work in cells(f"extra_trees:{params}", dataset=dataset)[:1]
    ]
    plain = cells("extra_trees", dataset=dataset)[0]
    assert {trial.cell.model for trial in trials} == {
        "extra_trees:n_estimators=10",
        "extra_trees:n_estimators=20",
    }
    assert set(seeds_of(trials)) == {assign(plain).seed}
    outer = [
        replace(trial, cell=replace(trial.cell, id=replace(trial.cell.id, role="outer"))) for trial in trials
    ]
    assert len({*seeds_of(outer), assign(plain).seed}) == 3


def test_a_job_has_the_seed_the_threads_the_limit_and_the_rows_of_its_cell(works: list[Work]) -> None:
    work = works[3]
    assignment = assign(work)
    job = job_of(work, assignment, work.dataset.X, threads=3, time_limit_s=7.5)
    assert (job.model, job.seed, job.threads, job.time_limit_s) == (work.model, assignment.seed, 3, 7.5)
    assert job.X_train["a"].tolist() == work.split.train.tolist()
    assert sorted(job.X_test["a"]) == sorted(work.split.test)
    assert job.y_train.tolist() == (work.split.train % 3).tolist()
