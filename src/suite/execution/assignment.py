"""What a cell's fitting side is given: encoded train labels, positions of rows, shuffled test rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from suite.names import derive_seed
from suite.protocol import Protocol
from suite.schema import Assignment, Job, Task, Work
from suite.scoring import encode, test_order

if TYPE_CHECKING:
    import pandas as pd


def assign(work: Work) -> Assignment:
    """Return what fitting a cell takes; test labels stay behind."""
    cell, dataset, split = work.cell, work.dataset, work.split
    y_train, present = encode(dataset.y[split.train])
    order = test_order(cell.key, len(split.test))
    task = Task(
        kinds=dataset.kinds,
        levels=dataset.levels,
        n_train=len(split.train),
        n_features=dataset.X.shape[1],
        n_classes=len(present),
        validation=Protocol.parse(split.protocol).validation(split, dataset),
    )
    # Trials of one entry draw the same, whatever they set: they differ by that alone, and equal ones are one.
    model = cell.basis.entry if work.is_inner and cell.basis else cell.model
    return Assignment(
        task=task,
        y_train=y_train,
        train_rows=split.train,
        test_rows=split.test[order],
        seed=derive_seed(dataset.name, split.id, model, cell.seed),
        present=present,
        order=order,
    )


def job_of(
    work: Work, assignment: Assignment, X: pd.DataFrame, threads: int, time_limit_s: float | None
) -> Job:
    """Return the job with its rows taken from the plain columns X."""
    return Job(
        model=work.model,
        params=work.cell.params,
        task=assignment.task,
        X_train=X.iloc[assignment.train_rows].reset_index(drop=True),
        y_train=assignment.y_train.astype(np.int64),
        X_test=X.iloc[assignment.test_rows].reset_index(drop=True),
        seed=assignment.seed,
        threads=threads,
        time_limit_s=time_limit_s,
        inner=work.is_inner,
    )
