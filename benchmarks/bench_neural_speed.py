"""How much faster the compiled loop trains than `keras.Model.fit`, as it is and with its best stock setting.

All three run in turns, and are printed with their ratios and the range of these over the rounds. The best stock setting
is `compile(steps_per_execution=250)`: 250 steps a call from Python instead of one.

    SUITE_DATA=folder python benchmarks/bench_neural_speed.py [CASE...]

`SUITE_DATA` names the folder that holds music_genre.csv.zip; without it a random table of the same shape stands
in, and the output says so. A few epochs of each are timed, compile time included, and scaled to the recipe's
number: first epoch + (epochs - 1) x median later epoch. Rounds alternate, so that all meet the same machine, and
the median round counts. Other work on the machine costs the loop more than `fit`: run it alone.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

ROUNDS = 3


@dataclass(frozen=True)
class Case:
    """One recipe on one table: `least` is the ratio that must hold, `goal` the one that is wanted."""

    name: str
    table: str
    network: str
    epochs: int
    batch_size: int
    least: float
    goal: float
    timed: tuple[int, int] = (4, 12)  # epochs of `fit` and of the loop that are timed in a round


CASES = [
    Case("baseline", "music_genre", "baseline", 50, 32, 20, 25),
    Case("enhanced", "music_genre", "enhanced", 100, 32, 8, 10),
    Case("digits", "digits", "baseline", 50, 32, 1, 10),
    Case("digits-short", "digits", "baseline", 5, 64, 1, 1, (5, 5)),
    Case("digits-enhanced", "digits", "enhanced", 100, 32, 1, 5),
    Case("large", "large", "baseline", 20, 256, 1, 4, (3, 6)),
    Case("large-enhanced", "large", "enhanced", 20, 256, 1, 4, (3, 6)),
]

Rows = tuple[np.ndarray, np.ndarray]


def music_genre() -> Rows:
    """Return the original features (mean-imputed, standardised) and codes of all 50,000 rows, shuffled."""
    import pandas as pd

    path = Path(os.environ.get("SUITE_DATA", ".")) / "music_genre.csv.zip"
    if not path.is_file():
        print("music_genre.csv.zip is not in SUITE_DATA: a random table of its shape stands in")
        return random_table(50_000, 13, 10)
    frame = pd.read_csv(path).dropna(how="all")
    frame["tempo"] = pd.to_numeric(frame["tempo"], errors="coerce")
    frame["duration_ms"] = frame["duration_ms"].where(frame["duration_ms"] > 0)
    y = frame["music_genre"].astype("category").cat.codes.to_numpy(np.int32)
    frame["key"] = frame["key"].astype("category").cat.codes
    frame["mode"] = frame["mode"].astype("category").cat.codes
    dropped = ["instance_id", "artist_name", "track_name", "obtained_date", "music_genre"]
    X = frame.drop(columns=dropped).astype(float)
    X = ((X.fillna(X.mean()) - X.mean()) / X.std()).to_numpy(np.float32)
    rows = np.random.default_rng(42).permutation(len(X))
    return X[rows], y[rows]


def digits() -> Rows:
    """Return scikit-learn's digits, 1,797 rows of 64 pixels."""
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    rows = np.random.default_rng(0).permutation(len(X))
    return (X[rows] / 16).astype(np.float32), y[rows].astype(np.int32)


def random_table(rows: int, columns: int, classes: int) -> Rows:
    """Return normal columns and labels that a linear rule and noise decide."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(rows, columns)).astype(np.float32)
    scores = X @ rng.normal(size=(columns, classes)) + 3 * rng.normal(size=(rows, classes))
    return X, scores.argmax(axis=1).astype(np.int32)


TABLES: dict[str, Callable[[], Rows]] = {
    "music_genre": lambda: tuple(part[:40_000] for part in music_genre()),
    "digits": digits,
    "large": lambda: random_table(100_000, 50, 5),
}


def network(kind: str, stock: bool, n_features: int, n_classes: int, seed: int = 0) -> Any:
    """Return the baseline (128-64 ReLU) or the enhanced network (256-128-64, normalised, with dropout).

    `stock` takes Keras's own normalisation and dropout, as a user of `fit` would.
    """
    import keras

    from suite.neural.layers import FastBatchNorm, HashDropout

    layers = keras.layers
    norm, dropout = (layers.BatchNormalization, layers.Dropout) if stock else (FastBatchNorm, HashDropout)
    keras.utils.set_random_seed(seed)
    stack = [layers.Input((n_features,))]
    if kind == "baseline":
        stack += [layers.Dense(128, "relu"), layers.Dense(64, "relu")]
    else:
        for units, rate in ((256, 0.3), (128, 0.3), (64, 0.2)):
            stack += [layers.Dense(units), norm(), layers.LeakyReLU(), dropout(rate)]
    return keras.Sequential([*stack, layers.Dense(n_classes, activation="softmax")])


def time_fit(case: Case, rows: Rows, held_out: int, steps: int) -> tuple[float, float]:
    """Return the seconds of the first and of a later epoch of `Model.fit`, with so many steps a call."""
    import keras

    X, y = rows
    model = network(case.network, True, X.shape[1], int(y.max()) + 1)
    started: list[float] = []

    class Clock(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            started.append(time.perf_counter())

    begin = time.perf_counter()
    model.compile(
        optimizer="adam",
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=steps,
    )
    model.fit(
        X[:-held_out],
        y[:-held_out],
        batch_size=case.batch_size,
        epochs=case.timed[0],
        validation_data=(X[-held_out:], y[-held_out:]),
        verbose=0,
        callbacks=[Clock()],
    )
    ends = [*started[1:], time.perf_counter()]
    return ends[0] - begin, median(b - a for a, b in zip(started[1:], ends[1:], strict=True))


def time_loop(case: Case, rows: Rows, held_out: int, compile: str = "auto") -> tuple[float, float, str]:
    """Return the seconds of the first and of a later epoch of the loop, and how it ran."""
    import keras

    from suite.neural.loop import Recipe, Table, execution_mode, train
    from suite.neural.losses import SparseCrossEntropy

    X, y = rows
    model = network(case.network, False, X.shape[1], int(y.max()) + 1)
    n = len(X)
    begin = time.perf_counter()
    table = Table(X=X, y=y, train=np.arange(n - held_out), validation=np.arange(n - held_out, n))
    whole = Recipe(epochs=case.epochs, batch_size=case.batch_size, compile=compile)
    mode, _ = execution_mode(model, table, whole)
    few = Recipe(epochs=case.timed[1], batch_size=case.batch_size, compile=mode)
    history = train(
        model, table, few, optimizer=keras.optimizers.Adam(), loss=SparseCrossEntropy(from_logits=False)
    )
    total = time.perf_counter() - begin
    return total - sum(history.epoch_s[1:]), median(history.epoch_s[1:]), mode


def measure(case: Case) -> bool:
    """Print one line for the case and return whether what must hold does."""
    rows = TABLES[case.table]()
    held_out = len(rows[0]) // 5
    later, mode = case.epochs - 1, ""
    seconds: dict[str, list[float]] = {"loop": [], "fit": [], "fit of 250": []}
    for _ in range(ROUNDS):
        first, each, mode = time_loop(case, rows, held_out)
        seconds["loop"].append(first + later * each)
        for name, steps in (("fit", 1), ("fit of 250", 250)):
            first, each = time_fit(case, rows, held_out, steps)
            seconds[name].append(first + later * each)
    ratios = {
        name: [fit / loop for fit, loop in zip(seconds[name], seconds["loop"], strict=True)]
        for name in ("fit", "fit of 250")
    }
    least = median(ratios["fit"])
    verdict = "goal met" if least >= case.goal else "holds" if least >= case.least else "FAILS"
    told = ", ".join(f"{name} {median(found):.2f} s" for name, found in seconds.items())
    beside = "; ".join(
        f"{name} takes {median(r):.1f} times as long ({min(r):.1f} to {max(r):.1f})"
        for name, r in ratios.items()
    )
    print(
        f"{case.name:16} {case.epochs:3} epochs, batch {case.batch_size:3} ({mode}): {told}; {beside} "
        f"(at least {case.least:g}, goal {case.goal:g}): {verdict}",
        flush=True,
    )
    return verdict != "FAILS"


def measure_memory() -> None:
    """Print what the loop adds to the high-water mark on the large table, beside the size of its rows."""
    rows = TABLES["large"]()
    case = next(c for c in CASES if c.name == "large")
    small = (rows[0][:2000].copy(), rows[1][:2000].copy())
    time_loop(case, small, 400, compile="xla")  # compilation and its libraries are not the rows' memory
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    time_loop(case, rows, len(rows[0]) // 5, compile="xla")
    added = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(
        f"memory: the large table holds {rows[0].nbytes / 2**20:.0f} MB; the loop added {added:.0f} MB to the peak"
    )


def main() -> int:
    """Measure the named cases (default: all); return 1 when one does not hold."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("case", nargs="*", help=", ".join([*(c.name for c in CASES), "memory"]))
    names = parser.parse_args().case
    if not names or "memory" in names:
        measure_memory()
    held = [measure(case) for case in CASES if not names or case.name in names]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
