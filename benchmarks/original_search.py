"""The original search through compiled training, beside the same through `keras.Model.fit`, measured and scaled.

    SUITE_DATA=folder python benchmarks/original_search.py [--candidates 10] [--seed 0]

The log's search: candidates drawn from its space at random, 3-fold cross-validation on the 40,000 original train rows,
100 epochs each, by accuracy; the winner is fitted to all of them and scored once on the original test rows. `Model.fit`
is timed on one candidate (the log's winner) and one fold, for a few epochs, and scaled: first epoch + 99 x median later
epoch, x folds x candidates. One process, all cores, nothing else on the machine.
"""

from __future__ import annotations

import argparse
import time
import warnings
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


def main() -> None:
    """Search, time the same through `Model.fit`, and print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    import os

    from suite import threads

    cores = len(os.sched_getaffinity(0))
    os.environ.update(threads.environment(cores))
    from sklearn.model_selection import StratifiedKFold

    from suite.config import DataConfig
    from suite.datasets.catalogue import load
    from suite.datasets.column_store import plain_columns
    from suite.execution.assignment import assign, job_of
    from suite.models.catalogue import resolve
    from suite.models.keras_tuned import SPEC, build
    from suite.planning.cells import cells_of
    from suite.protocol import Protocol
    from suite.schema import Context

    dataset = load(DataConfig(source="music_genre"))
    (split,) = Protocol.parse("original").splits(dataset)
    (work,) = cells_of([resolve("keras_tuned")], dataset, [split], 1)
    job = job_of(work, assign(work), plain_columns(dataset.X), cores, None)
    X, y = job.X_train, job.y_train
    folds = list(StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(X, y))

    def fitted(params: dict[str, Any], train: np.ndarray, inner: bool) -> Any:
        context = Context(seed=options.seed, threads=cores, inner=inner)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return build(job.task, context, **params).fit(X.iloc[train], y[train])

    fitted({**SPEC.params, "epochs": 1}, folds[0][0][:2000], inner=False)  # imports and warm-up
    prepared = build(job.task, Context(seed=0, threads=cores), **SPEC.params)[0].fit_transform(X, y)
    rows = np.asarray(prepared)[folds[0][0]]
    stock_s = stock_seconds(rows, y[folds[0][0]])
    print(
        f"Model.fit: one candidate and fold {stock_s:.0f} s, the search {stock_s * FOLDS * options.candidates:.0f} s"
    )

    begin, scores = time.perf_counter(), []
    for params in candidates(options.candidates, options.seed):
        told = []
        for train, held in folds:
            model = fitted(params, train, inner=True)
            told.append(float((model.predict_proba(X.iloc[held]).argmax(axis=1) == y[held]).mean()))
        scores.append((fmean(told), params))
        print(f"  {fmean(told):.4f}  {params}")
    took = time.perf_counter() - begin
    best, params = max(scores, key=lambda pair: pair[0])
    ratio = stock_s * FOLDS * options.candidates / took
    print(f"compiled: the search {took:.0f} s, {ratio:.1f} times less")
    model = fitted(params, np.arange(len(y)), inner=False)
    y_test = dataset.y[assign(work).test_rows]
    test = float((model.predict_proba(job.X_test).argmax(axis=1) == y_test).mean())
    print(f"winner: CV accuracy {best:.4f}, test accuracy {test:.4f} (the log: 0.5902 and 0.6007); {params}")


if __name__ == "__main__":
    main()
