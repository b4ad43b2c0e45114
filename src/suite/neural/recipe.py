"""The nouns of the training loop: what to train on, how to train, and what happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from suite.neural.schedules import Schedule

Report = Callable[[int, dict[str, float]], bool | None]
Mode = Literal["xla", "graph", "eager"]


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows, labels and who trains on them.

    Parameters
    ----------
    X : array of float32, shape (n_samples, n_features)
        Inputs of the model; more axes are allowed.
    y : array, shape (n_samples,) or (n_samples, n_outputs)
        Targets of the loss. Accuracy is reported for integer labels of one axis.
    weight : array of float32, shape (n_samples,), optional
        Sample weights; they count in training only.
    train, validation : arrays of int, optional
        Positions of the training rows (default: all) and of the rows validated after each epoch (default: none).
    """

    X: NDArray[Any]
    y: NDArray[Any]
    weight: NDArray[Any] | None = None
    train: NDArray[np.integer] | None = None
    validation: NDArray[np.integer] | None = None

    @property
    def n_train(self) -> int:
        """Number of training rows."""
        return len(self.X) if self.train is None else len(self.train)

    def order(self, seed: int, epoch: int) -> NDArray[np.int32]:
        """Return the positions of the training rows in the order of this epoch (0-based)."""
        generator = np.random.Generator(np.random.Philox(key=seed, counter=[0, 0, 0, epoch]))
        shuffled = generator.permutation(self.n_train)
        return (shuffled if self.train is None else self.train[shuffled]).astype(np.int32)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How to train.

    Parameters
    ----------
    epochs, batch_size : int
        Passes over the training rows, and rows in a step. The last batch of an epoch may be smaller.
    schedule : callable, optional
        Factor on the optimiser's learning rate as a function of progress in [0, 1), applied at every step.
    clip_norm : float, optional
        Largest global norm of the gradients.
    ema : float, optional
        Momentum of an exponential moving average of the weights, as Keras's ``use_ema``. Validation and the
        final model use the averages.
    patience : int, optional
        Stop after this many epochs without improvement, and restore the best epoch's weights.
    monitor : {"val_loss", "val_accuracy"}
        What has to improve.
    compile : {"auto", "xla", "graph", "eager"}
        How the epoch is run; ``"auto"`` is the rule of `execution_mode`.
    seed : int
        Non-negative; decides the order of the rows.
    deadline : float, optional
        Value of `time.monotonic` after which no epoch should end. The first epoch always runs.
    """

    epochs: int = 50
    batch_size: int = 32
    schedule: Schedule | None = None
    clip_norm: float | None = None
    ema: float | None = None
    patience: int | None = None
    monitor: Literal["val_loss", "val_accuracy"] = "val_loss"
    compile: Literal["auto", "xla", "graph", "eager"] = "auto"
    seed: int = 0
    deadline: float | None = None


@dataclass(frozen=True, kw_only=True)
class History:
    """What happened.

    Parameters
    ----------
    curve : dict of tuple of float
        ``loss``, ``accuracy``, ``val_loss``, ``val_accuracy`` of each epoch, as Keras reports them; a figure that
        does not exist is left out.
    epoch_s : tuple of float
        Wall-clock seconds of each epoch.
    compile_s : float or None
        First epoch minus the median later epoch, not below 0; None with a single epoch.
    best_epoch : int
        The epoch (from 1) whose weights the model has.
    mode : {"xla", "graph", "eager"}
        How the epochs were run.
    notes : tuple of str
        What a reader of the figures should know.
    is_cut_short : bool
        Whether the deadline ended it: with more time it might have given another model.
    """

    curve: dict[str, tuple[float, ...]]
    epoch_s: tuple[float, ...]
    compile_s: float | None
    best_epoch: int
    mode: Mode
    notes: tuple[str, ...]
    is_cut_short: bool = False
