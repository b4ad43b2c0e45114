"""What is read off a fitted model: latency, size, training history, what it held out, what it says of itself."""

from __future__ import annotations

import pickle
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from suite.schema import Classifier

if TYPE_CHECKING:
    import pandas as pd

    from suite.neural.recipe import History

LATENCY_BUDGET_S = 0.25
LATENCY_MOST_S = 1.0
LATENCY_CALLS = range(20, 200)
"""The least number of calls, made beyond the budget where they take no more than `LATENCY_MOST_S`; and the most."""
MOST_FOUND = 20
CHECKED_ROWS, CHECKED_S = 1000, 2.0
"""Rows, and seconds at most by the test rows' own, in which `predict` is compared with the probabilities."""


def histories(last: Any) -> list[History]:
    """Return how a model's networks were trained; a user's attribute of that name may be anything."""
    found = getattr(last, "histories_", None)
    # Known by name: the class comes with TensorFlow.
    return (
        [h for h in found if type(h).__module__ == "suite.neural.recipe"] if isinstance(found, list) else []
    )


def notes(last: Any) -> tuple[str, ...]:
    """Return what a model says of its fit."""
    said = getattr(last, "notes_", None)
    return tuple(str(note) for note in said) if isinstance(said, list | tuple) else ()


def n_validation(last: Any, n_train: int) -> int:
    """Return how many train rows a model says that it held out; a user's attribute of that name may be anything."""
    n = getattr(last, "n_validation_", 0)
    return int(n) if isinstance(n, int | np.integer) and 0 <= n <= n_train else 0


def found(last: Any) -> dict[str, Any]:
    """Return the parameters that a fit on all rows should have, by what a model says of its own."""
    said = getattr(last, "found_params_", None)
    if not isinstance(said, dict) or len(said) > MOST_FOUND:
        return {}
    return {str(name): value for name, value in said.items() if isinstance(value, bool | int | float)}


def labels(model: Classifier) -> np.ndarray | None:
    """Return the labels in the order of the probabilities' columns, if the model has any."""
    found = getattr(model, "classes_", None)
    return None if found is None else np.asarray(found)


def disagreement(model: Any, X: pd.DataFrame, proba: np.ndarray) -> tuple[str, ...]:
    """Return a note if `predict` does not name the most probable class of some rows."""
    names, n = labels(model), len(X)
    try:
        named = np.asarray(model.predict(X)).reshape(n)
        likely = proba[:n].argmax(axis=1)
        differ = int((named != (likely if names is None else names[likely])).sum())
    except Exception:
        return ()
    if not differ:
        return ()
    return (
        f"its predict disagrees with its probabilities in {differ} of {n} rows: "
        "scores are of the most probable class",
    )


def latency_ms(
    model: Classifier, X: pd.DataFrame
) -> tuple[tuple[float, float] | tuple[None, None], tuple[str, ...]]:
    """Return median and 95th percentile of one-row predictions, after one that is not counted; or a note why not."""
    calls: list[float] = []
    try:
        model.predict_proba(X.iloc[:1])
        begun = time.perf_counter()
        while len(calls) < LATENCY_CALLS.stop:
            few, spent = len(calls) < LATENCY_CALLS.start, time.perf_counter() - begun
            if calls and spent > (LATENCY_MOST_S if few else LATENCY_BUDGET_S):
                break
            row = X.iloc[[len(calls) % len(X)]]
            start = time.perf_counter()
            model.predict_proba(row)
            calls.append(1e3 * (time.perf_counter() - start))
    except Exception as error:
        return (None, None), (f"it cannot predict a single row: {first_line(error)}",)
    return (float(np.percentile(calls, 50)), float(np.percentile(calls, 95))), ()


class _Counter:
    """A file that only counts."""

    size = 0

    def write(self, data: Any) -> int:
        self.size += memoryview(data).nbytes
        return memoryview(data).nbytes


def pickled_mb(model: Classifier) -> float | None:
    """Return the size of the fitted model, pickled, in MB; None if it cannot be pickled."""
    counter = _Counter()
    try:
        pickle.Pickler(counter, protocol=5).dump(model)
    except MemoryError:
        raise
    except Exception:
        return None
    return counter.size / 1e6


def first_line(message: Any) -> str:
    """Return the first line of what a library says."""
    return str(message).strip().partition("\n")[0]
