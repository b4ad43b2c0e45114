"""Training of a Keras model on a table in memory: whole epochs in one compiled call, where that pays.

`train` is the counterpart of `keras.Model.fit` for tables that fit in memory. It computes what ``fit``
computes, in fewer and larger calls. Rows are permuted by a counter-based generator, so that a fit depends
on its seed and on nothing that ran before it in the process.
"""

from __future__ import annotations

import time
from statistics import median
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from suite.neural.epoch import Epoch, Rows
from suite.neural.joined import Joined
from suite.neural.programs import Programs
from suite.neural.recipe import History, Mode, Recipe, Report, Table
from suite.neural.reuse import NOTE, Reuse

__all__ = ["History", "Recipe", "Report", "Table", "execution_mode", "train"]

COMPILE_S = 10.0
"""What compilation takes at most of the first epoch, for a guess at the second."""
XLA_WORK = 3e6  # steps x sqrt(weights x batch size)
GRAPH_STEPS = 15


def execution_mode(model: Any, table: Table, recipe: Recipe, runs: int = 1) -> tuple[Mode, str | None]:
    """Return how to run the epochs of `runs` runs, and a note when the model forced it.

    Tracing a graph costs 0.3 to 1 s and saves 20 to 60 ms a step: below `GRAPH_STEPS` steps there is none. XLA
    costs 1 to 2 s of compilation more and saves a part of each step. On two cores it paid from 5,000 steps for
    6,000 weights and batches of 32 to 650 steps for 140,000 weights and batches of 256; steps x sqrt(weights x
    batch size) was near `XLA_WORK` for all six networks measured. Layers with a Keras random seed (``Dropout``,
    ``GaussianNoise``) run without XLA, whose random-number generator on CPU costs more than the rest of the
    network.
    """
    if recipe.compile != "auto":
        return recipe.compile, None
    steps = runs * recipe.epochs * -(-table.n_train // recipe.batch_size)
    if steps < GRAPH_STEPS:
        return "eager", None
    weights = sum(int(np.prod(v.shape)) for v in model.trainable_variables)
    if steps * (weights * min(recipe.batch_size, table.n_train)) ** 0.5 < XLA_WORK:
        return "graph", None
    stateful = {id(w) for w in model.weights}
    if any(id(v) not in stateful and "seed" in v.path for v in model.variables):
        return "graph", "run without XLA: a layer draws from Keras's random-number generator"
    return "xla", None


def train(
    model: Any,
    table: Table,
    recipe: Recipe,
    *,
    optimizer: Any,
    loss: Any,
    report: Report | None = None,
) -> History:
    """Train a built Keras model with one output, in place.

    The optimiser is fresh and for this training only: it may be built on other variables than the model's (see
    `suite.neural.joined`). The loss is a Keras loss with the usual ``call``. ``report(epoch, values)`` is called
    after each epoch, from 1; training ends when it returns False.

    Raises
    ------
    FloatingPointError
        When a loss or a weight is no longer finite.
    ValueError
        When the recipe does not fit the table or the optimiser.
    """
    return Trainer(model, table, recipe, optimizer=optimizer, loss=loss).run(
        recipe.seed, recipe.deadline, report
    )


class Trainer:
    """A model's training, compiled once for any number of runs: each from the weights that the model has then.

    It takes what `train` takes, but the seed and the deadline are each run's, not the recipe's. The more runs there
    will be, the sooner compilation pays. With `reuse`, XLA's program may be one that was compiled before (see
    `suite.neural.reuse`).
    """

    def __init__(
        self,
        model: Any,
        table: Table,
        recipe: Recipe,
        *,
        optimizer: Any,
        loss: Any,
        runs: int = 1,
        reuse: bool = False,
    ) -> None:
        _check(table, recipe, optimizer)
        self.mode, note = execution_mode(model, table, recipe, runs)
        self.table, self.recipe = table, recipe
        self.notes = [] if note is None else [note]
        joined = Joined(optimizer, model.trainable_variables, join=self.mode != "xla")
        self.epoch = Epoch(model, table, recipe, joined, loss)
        self.reuse = Reuse() if reuse and self.mode == "xla" else None
        if (programs := Programs.of_this_process()) is not None:
            programs.clear()
        self.call = self.epoch.compiled(self.mode, self.reuse)
        self.data = Rows.of(table)

    def run(
        self, seed: int, deadline: float | None = None, report: Report | None = None, share: float = 1.0
    ) -> History:
        """Train the model from its present weights, with a fresh optimiser; see `train`.

        The run may take this share of the time to the deadline, counted from the end of its first epoch: that compiles,
        which serves later runs too.
        """
        self.epoch.restart()
        run, epochs = _Run(self, seed, deadline, share), self.recipe.epochs
        for done in range(1, epochs + 1):
            values = run.advance()
            run.is_stopped = report is not None and report(done, values) is False
            if run.is_stopped and done < epochs:
                run.notes.append(f"stopped on request after epoch {done} of {epochs}")
            if done == epochs or run.is_stopped or run.is_finished():
                break
        return run.finish()

    def figures(self, order: Any, done: int) -> NDArray[np.float32]:
        """Run one epoch in this order, after `done` others; return what `Epoch` does."""
        try:
            figures = self.call(self.data, order, tf.constant(done)).numpy()
        except tf.errors.OpError as error:
            if self.reuse is not None:
                self.reuse.failed()
                self.reuse, self.call = None, self.epoch.compiled("xla")
                return self.figures(order, done)
            if self.mode != "xla" or self.recipe.compile == "xla" or done:
                raise
            reason = str(error).strip().splitlines()[0]
            self.mode, self.call = "graph", self.epoch.compiled("graph")
            self.notes.append(f"run without XLA, which cannot compile this model: {reason}")
            return self.call(self.data, order, tf.constant(done)).numpy()
        if self.reuse is not None:
            self.reuse.succeeded()
            self.notes += [NOTE] * self.reuse.is_hit
            self.reuse = None
        return figures


def _check(table: Table, recipe: Recipe, optimizer: Any) -> None:
    if recipe.epochs < 1 or recipe.batch_size < 1:
        raise ValueError(
            f"epochs and batch_size must be at least 1, got {recipe.epochs} and {recipe.batch_size}"
        )
    if not table.n_train:
        raise ValueError("there are no rows to train on")
    if table.validation is not None and not len(table.validation):
        raise ValueError("validation has no rows: pass None to train without")
    if recipe.patience is not None and table.validation is None:
        raise ValueError("early stopping (patience) needs validation rows")
    if recipe.monitor not in ("val_loss", "val_accuracy"):
        raise ValueError(f"monitor must be 'val_loss' or 'val_accuracy', got {recipe.monitor!r}")
    if recipe.compile not in ("auto", "xla", "graph", "eager"):
        raise ValueError(f"compile must be 'auto', 'xla', 'graph' or 'eager', got {recipe.compile!r}")
    if recipe.schedule is not None and callable(getattr(optimizer, "_learning_rate", None)):
        raise ValueError("the recipe has a schedule and the optimiser has one too: drop one of them")


class _Run:
    """The state of one training run between epochs."""

    def __init__(self, trainer: Trainer, seed: int, deadline: float | None, share: float) -> None:
        self.trainer, self.seed, self.deadline, self.share = trainer, seed, deadline, share
        self.is_cut_short = self.is_stopped = False
        self.epoch, self.table, self.recipe = trainer.epoch, trainer.table, trainer.recipe
        self.notes: list[str] = []
        self.rows: list[dict[str, float]] = []
        self.epoch_s: list[float] = []
        self.best_epoch = 0
        self.best_weights: list[NDArray[Any]] = []

    def advance(self) -> dict[str, float]:
        """Run one epoch and return its figures."""
        started, done = time.perf_counter(), len(self.rows)
        figures = self.trainer.figures(tf.constant(self.table.order(self.seed, done)), done)
        values = self._named([float(f) for f in figures])
        self.epoch_s.append(time.perf_counter() - started)
        self.rows.append(values)
        if not all(np.isfinite(list(values.values()))):
            listed = ", ".join(f"{name} {value:g}" for name, value in values.items())
            raise FloatingPointError(
                f"training diverged in epoch {done + 1}: {listed}; "
                "check the scale of the inputs or lower the learning rate"
            )
        self._remember()
        if done == 0 and self.deadline is not None:
            now = time.monotonic()
            self.deadline = now + (self.deadline - now) * self.share
        return values

    def _named(self, figures: list[float]) -> dict[str, float]:
        values = {"loss": figures[0]}
        if self.epoch.classifies:
            values["accuracy"] = figures[1]
        if self.table.validation is not None:
            values["val_loss"] = figures[2]
            if self.epoch.classifies:
                values["val_accuracy"] = figures[3]
        return values

    def _remember(self) -> None:
        if self.recipe.patience is None:
            self.best_epoch = len(self.rows)
            return
        sign = -1.0 if self.recipe.monitor == "val_accuracy" else 1.0
        seen = [sign * row[self.recipe.monitor] for row in self.rows]
        if len(seen) == 1 or seen[-1] < min(seen[:-1]):
            self.best_epoch = len(seen)
            self.best_weights = self._weights()

    def _weights(self) -> list[NDArray[Any]]:
        """Return the model's weights, with averages in place of the trained ones."""
        averages = {id(v): a for v, a in zip(self.epoch.variables, self.epoch.averages, strict=False)}
        return [averages.get(id(w.value), w).numpy() for w in self.epoch.model.weights]

    def is_finished(self) -> bool:
        """Whether patience or the deadline ends the run before another epoch."""
        done, recipe = len(self.rows), self.recipe
        if recipe.patience is not None and done - self.best_epoch >= recipe.patience:
            self.notes.append(f"stopped early after epoch {done}; best epoch {self.best_epoch}")
            return True
        # The first epoch holds the compilation, and how much of it that is will be known after the second.
        later = self.epoch_s[1:]
        expected = min(later[-1], median(later)) if later else max(0.0, self.epoch_s[0] - COMPILE_S)
        if self.deadline is not None and time.monotonic() + expected > self.deadline:
            self.notes.append(f"stopped by the deadline after epoch {done} of {recipe.epochs}")
            self.is_cut_short = True
            return True
        return False

    def finish(self) -> History:
        """Give the model its final weights and return the history."""
        model = self.epoch.model
        weights = self.best_weights or self._weights()
        pairs = zip(model.weights, weights, strict=True)
        broken = [weight.path for weight, value in pairs if not np.isfinite(value).all()]
        if broken:
            raise FloatingPointError(f"weights that are not finite: {', '.join(broken)}")
        model.set_weights(weights)
        later = self.epoch_s[1:]
        return History(
            curve={name: tuple(row[name] for row in self.rows) for name in self.rows[0]},
            epoch_s=tuple(self.epoch_s),
            compile_s=max(0.0, self.epoch_s[0] - median(later)) if later else None,
            best_epoch=self.best_epoch,
            mode=self.trainer.mode,
            notes=(*self.trainer.notes, *self.notes),
            is_cut_short=self.is_cut_short,
            is_stopped=self.is_stopped,
        )
