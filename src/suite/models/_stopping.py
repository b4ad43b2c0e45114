"""Boosters that stop early by held-out rows, tell how far they are, and end in time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, clone

from suite.schema import Context

EVERY = 10
"""Rounds from one report of progress to the next."""
NOT_STOPPED = "it does not stop early: a class has validation rows alone"
NO_ROWS = "it does not stop early: the protocol leaves no validation rows"


class Rows(NamedTuple):
    """Rows of shape (n_samples, n_features), and their labels."""

    X: pd.DataFrame
    y: NDArray[Any]


def held_out(validation: NDArray[Any] | Sequence[int] | None, y: NDArray[Any]) -> NDArray[np.bool_]:
    """Return a mask of the rows to hold out: none if a class would have no other row."""
    held = np.zeros(len(y), bool)
    held[np.asarray([] if validation is None else validation, dtype=np.int64)] = True
    if not np.isin(y[held], y[~held]).all():
        held[:] = False
    return held


class Watch:
    """Follows a booster round by round: whether it goes on, which round was the best, and why it ended.

    With `patience` it ends after so many rounds without a lower loss; in any case on request and at the deadline.
    `best` counts from 1; it is the last round where no loss is told. `notes` are for a reader of a record.
    """

    def __init__(self, context: Context, rounds: int, patience: int = 0) -> None:
        self.context, self.rounds, self.patience = context, rounds, patience
        self.done = self.best = 0
        self.least = np.inf
        self.is_late = False
        self.notes: tuple[str, ...] = ()
        self.started = time.monotonic()

    def __call__(self, loss: float | None = None) -> bool:
        """Take the validation loss after one more round, and tell whether to go on."""
        self.done += 1
        if loss is None or loss < self.least or self.done == 1:
            self.best = self.done
        if loss is not None:
            self.least = min(self.least, loss)
            if self.done % EVERY == 0 and not self.context.report(self.done, {"val_loss": float(loss)}):
                self.notes = (f"stopped on request after {self.done} of {self.rounds} rounds",)
                return False
        # It would pass in another round, if that took as long as those before.
        now = time.monotonic()
        deadline, expected = self.context.deadline, (now - self.started) / self.done
        self.is_late = deadline is not None and now + expected > deadline and self.done < self.rounds
        if self.is_late:
            self.notes = (f"stopped by the deadline after {self.done} of {self.rounds} rounds",)
        return not (self.is_late or 0 < self.patience <= self.done - self.best)


Train = Callable[[Any, Rows, Rows | None, Watch], tuple[Any, dict[str, Any]]]
"""Fits a booster to rows, telling the watch the log loss of others, if there are any, after each round.

Where the watch says so it stops, and where there are others the booster keeps the rounds up to the best. It returns the
booster, and parameters that a fit of as many rounds needs too.
"""


class StoppedBooster(ClassifierMixin, BaseEstimator):
    """A booster, `model_`, that is the same as one of its best number of rounds, fitted to the same rows.

    `validation` are positions within the train rows: it does not train on them. `n_validation_` is how many they were,
    `found_params_` what a fit on all rows should be given instead, `notes_` what a reader of a record should know, and
    `is_cut_short_` whether more time could have given another model.
    """

    def __init__(
        self,
        model: Any,
        train: Train,
        *,
        validation: NDArray[Any] | Sequence[int] | None = None,
        patience: int = 0,
        context: Context | None = None,
    ) -> None:
        self.model = model
        self.train = train
        self.validation = validation
        self.patience = patience
        self.context = context

    def fit(self, X: pd.DataFrame, y: NDArray[Any]) -> Self:
        """Fit on X of shape (n_samples, n_features) and labels y."""
        held = held_out(self.validation, y)
        rounds = self.model.get_params()["n_estimators"]
        self.n_validation_ = int(held.sum())
        self.found_params_: dict[str, Any] = {}
        rows, others = Rows(X, y), None
        if self.n_validation_:
            rows, others = Rows(X[~held], y[~held]), Rows(X[held], y[held])
        watch = Watch(self.context or Context(seed=0, threads=1), rounds, self.patience if others else 0)
        self.model_, found = self.train(clone(self.model), rows, others, watch)
        self.classes_ = np.unique(y)
        self.notes_ = watch.notes
        self.is_cut_short_ = watch.is_late
        if others:
            self.found_params_ = {"n_estimators": max(1, watch.best), "early_stopping": 0, **found}
        elif self.validation is not None:
            self.notes_ = (*watch.notes, NOT_STOPPED if len(self.validation) else NO_ROWS)
        return self

    def predict_proba(self, X: pd.DataFrame) -> NDArray[np.floating]:
        """Return probabilities, shape (n_samples, n_classes)."""
        return np.asarray(self.model_.predict_proba(X))

    def predict(self, X: pd.DataFrame) -> NDArray[Any]:
        """Return the most probable labels, shape (n_samples,)."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the listener, which belongs to the process that fitted."""
        return {**super().__getstate__(), "context": None}
