"""Whether the compiled loop trains to the accuracy of `keras.Model.fit`: paired over seeds.

    SUITE_DATA=folder python benchmarks/neural_equivalence.py [--network enhanced] [--seeds 10] [--epochs 50]

Each seed trains the same initial weights twice on 32,000 rows of music_genre, once by the loop and once by `fit`
(with `steps_per_execution`, which changes the speed and not the mathematics), and tests both on 10,000 other
rows. The mean difference of the accuracies must have a 95 % interval (Student's t over the seeds) inside
+-0.75 points. The runs differ in the order of the rows and, for the enhanced network, in the dropout masks.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from typing import Any

import numpy as np

from bench_neural_speed import Rows, music_genre, network

MARGIN = 0.75  # points of accuracy
BATCH = 32
PARTS = slice(32_000), slice(32_000, 40_000), slice(40_000, 50_000)  # train, validation, test


def by_loop(kind: str, rows: Rows, epochs: int, seed: int) -> Any:
    """Return the network of this seed as the loop trains it."""
    import keras

    from suite.neural.loop import Recipe, Table, train
    from suite.neural.losses import SparseCrossEntropy

    X, y = rows
    model = network(kind, False, X.shape[1], int(y.max()) + 1, seed)
    position = np.arange(len(X))
    train(
        model,
        Table(X=X, y=y, train=position[PARTS[0]], validation=position[PARTS[1]]),
        Recipe(epochs=epochs, batch_size=BATCH, seed=seed),
        optimizer=keras.optimizers.Adam(),
        loss=SparseCrossEntropy(from_logits=False),
    )
    return model


def by_fit(kind: str, rows: Rows, epochs: int, seed: int) -> Any:
    """Return the network of this seed as `Model.fit` trains it."""
    X, y = rows
    model = network(kind, True, X.shape[1], int(y.max()) + 1, seed)
    model.compile(
        optimizer="adam",
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=1000,
        jit_compile=False,
    )
    train, validation, _ = PARTS
    held_out = (X[validation], y[validation])
    model.fit(X[train], y[train], batch_size=BATCH, epochs=epochs, validation_data=held_out, verbose=0)
    return model


def accuracy(model: Any, rows: Rows) -> float:
    """Return the accuracy on the test rows in percent."""
    X, y = (part[PARTS[2]] for part in rows)
    return 100.0 * float((model(X, training=False).numpy().argmax(axis=1) == y).mean())


def main() -> int:
    """Train all pairs, print them and the interval; return 1 when it is not inside the margin."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", choices=["baseline", "enhanced"], default="baseline")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--epochs", type=int, default=50)
    options = parser.parse_args()
    from scipy.stats import t

    rows, differences = music_genre(), []
    for seed in range(options.seeds):
        scores = []
        for trained in (by_loop, by_fit):
            started = time.perf_counter()
            model = trained(options.network, rows, options.epochs, seed)
            scores.append((accuracy(model, rows), time.perf_counter() - started))
        differences.append(scores[0][0] - scores[1][0])
        (ours, our_s), (keras_own, keras_s) = scores
        print(
            f"seed {seed}: loop {ours:.2f} % in {our_s:.1f} s, fit {keras_own:.2f} % in {keras_s:.1f} s, "
            f"difference {differences[-1]:+.2f}",
            flush=True,
        )
    mean, error = np.mean(differences), np.std(differences, ddof=1) / len(differences) ** 0.5
    half = float(t.ppf(0.975, len(differences) - 1)) * error
    inside = max(abs(mean - half), abs(mean + half)) < MARGIN
    print(
        f"{options.network}, {options.epochs} epochs, {options.seeds} seeds: mean difference {mean:+.3f} points, "
        f"95 % interval [{mean - half:+.3f}, {mean + half:+.3f}], margin {MARGIN}: {'holds' if inside else 'FAILS'}"
    )
    return 0 if inside else 1


if __name__ == "__main__":
    sys.exit(main())
