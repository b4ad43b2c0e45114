"""The original search through compiled training, beside the same through `keras.Model.fit`, measured and scaled.

    SUITE_DATA=folder python benchmarks/original_search.py [--candidates 10] [--seed 0]

The log's search: candidates drawn from its space at random, 3-fold cross-validation on the 40,000 original train rows,
100 epochs each, by accuracy; the winner is fitted to all of them and scored once on the original test rows. `Model.fit`
is timed on one candidate (the log's winner) and one fold, for a few epochs, and scaled: first epoch + 99 x median later
epoch, x folds x candidates, with all cores. The compiled search has a worker of one thread a core, as `suite run` has;
imports and reading stand before its clock. Nothing else should run on the machine.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from statistics import fmean, median
from typing import Any

import numpy as np

EPOCHS, FOLDS, TIMED = 100, 3, 5


def candidates(n: int, seed: int) -> list[dict[str, Any]]:
    """Return configurations from the space of keras_tuned, drawn at random, all of 100 epochs."""
    import optuna

    from suite.models.keras_tuned import SPEC

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
    found: list[dict[str, Any]] = []
    while len(found) < n:
        params = {**SPEC.params, **SPEC.space(study.ask()), "epochs": EPOCHS}
        if params not in found:
            found.append(params)
    return found


def stock_seconds(X: np.ndarray, y: np.ndarray, batch_size: int = 64) -> float:
    """Return what `Model.fit` takes for 100 epochs of the log's winner, from a few that are timed."""
    import keras

    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((X.shape[1],)),
            *(layer for _ in range(2) for layer in (layers.Dense(128, "relu"), layers.Dropout(0.3))),
            layers.Dense(int(y.max()) + 1, "softmax"),
        ]
    )
    started: list[float] = []

    class Clock(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            started.append(time.perf_counter())

    model.compile(optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    started.append(time.perf_counter())
    model.fit(X, y, batch_size=batch_size, epochs=TIMED, verbose=0, callbacks=[Clock()])
    ends = [*started[2:], time.perf_counter()]
    epochs = np.diff([started[1], *ends])
    return float(epochs[0] + (EPOCHS - 1) * median(epochs[1:]))


_task: dict[str, Any] = {}


def prepare(threads_each: int) -> None:
    """Read the table and warm up, once a process."""
    import os

    from suite import threads

    os.environ.update(threads.environment(threads_each))
    from sklearn.model_selection import StratifiedKFold

    from suite.config import DataConfig
    from suite.datasets.catalogue import load
    from suite.datasets.column_store import plain_columns
    from suite.execution.assignment import assign, job_of
    from suite.models.catalogue import resolve
    from suite.models.keras_tuned import SPEC
    from suite.planning.cells import cells_of
    from suite.protocol import Protocol

    dataset = load(DataConfig(source="music_genre"))
    (split,) = Protocol.parse("original").splits(dataset)
    (work,) = cells_of([resolve("keras_tuned")], dataset, [split], 1)
    assignment = assign(work)
    job = job_of(work, assignment, plain_columns(dataset.X), threads_each, None)
    folds = list(StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(job.X_train, job.y_train))
    _task.update(job=job, folds=folds, y_test=dataset.y[assignment.test_rows], threads=threads_each)
    fitted({**SPEC.params, "epochs": 1}, folds[0][0][:2000], inner=False)


def fitted(params: dict[str, Any], train: np.ndarray, inner: bool) -> Any:
    """Return keras_tuned with parameters, fitted to some of the train rows."""
    from suite.models.keras_tuned import build
    from suite.schema import Context

    job = _task["job"]
    context = Context(seed=0, threads=_task["threads"], inner=inner)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return build(job.task, context, **params).fit(job.X_train.iloc[train], job.y_train[train])


def fold_accuracy(params: dict[str, Any], fold: int) -> float:
    """Return a candidate's accuracy on a fold that it was not fitted to."""
    job, (train, held) = _task["job"], _task["folds"][fold]
    model = fitted(params, train, inner=True)
    return float((model.predict_proba(job.X_train.iloc[held]).argmax(axis=1) == job.y_train[held]).mean())


def ready(_: int) -> None:
    """Do nothing, once a process is there."""
    time.sleep(1.0)


def main() -> None:
    """Time the search through `Model.fit` and through compiled training, and print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    asked = candidates(options.candidates, options.seed)
    tasks = [(params, fold) for params in asked for fold in range(FOLDS)]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(cores, mp_context=spawn, initializer=prepare, initargs=(1,)) as pool:
        list(pool.map(ready, range(cores)))
        begin = time.perf_counter()
        found = list(pool.map(fold_accuracy, *zip(*tasks, strict=True)))
        took = time.perf_counter() - begin
    scores = [fmean(found[i : i + FOLDS]) for i in range(0, len(found), FOLDS)]
    for score, params in zip(scores, asked, strict=True):
        print(f"  {score:.4f}  {params}")
    prepare(cores)
    job, train = _task["job"], _task["folds"][0][0]
    features = fitted({**asked[0], "epochs": 1}, train, inner=False)[0].transform(job.X_train.iloc[train])
    stock_s = stock_seconds(np.asarray(features), job.y_train[train])
    whole_s = stock_s * FOLDS * options.candidates
    print(f"Model.fit: one candidate and fold {stock_s:.0f} s, the search {whole_s:.0f} s")
    print(
        f"compiled, {cores} workers of one thread: the search {took:.0f} s, {whole_s / took:.1f} times less"
    )
    best = int(np.argmax(scores))
    model = fitted(asked[best], np.arange(len(job.y_train)), inner=False)
    test = float((model.predict_proba(job.X_test).argmax(axis=1) == _task["y_test"]).mean())
    print(f"winner: CV accuracy {scores[best]:.4f}, test accuracy {test:.4f} (the log: 0.5902 and 0.6007)")
    print(f"  {asked[best]}")


if __name__ == "__main__":
    main()
