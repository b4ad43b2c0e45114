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
    """Rows, labels and which of them are trained on."""

    X: NDArray[Any]
    """float32, (n_samples, n_features); more axes are allowed."""
    y: NDArray[Any]
    """(n_samples,) or (n_samples, n_outputs). Accuracy is reported for integer labels of one axis."""
    weight: NDArray[Any] | None = None
    """float32, (n_samples,); it counts in training only."""
    train: NDArray[np.integer] | None = None
    """Positions of the training rows; None for all."""
    validation: NDArray[np.integer] | None = None
    """Positions of the rows validated after each epoch; None for none."""

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
    """How to train."""

    epochs: int = 50
    batch_size: int = 32
    """Rows in a step; the last batch of an epoch may be smaller."""
    schedule: Schedule | None = None
    """Factor on the optimiser's learning rate as a function of progress in [0, 1), applied at every step."""
    clip_norm: float | None = None
    """Largest global norm of the gradients."""
    ema: float | None = None
    """Momentum of an average of the weights, as Keras's ``use_ema``; validation and the final model use it."""
    patience: int | None = None
    """Stop after this many epochs without improvement, and restore the best epoch's weights."""
    monitor: Literal["val_loss", "val_accuracy"] = "val_loss"
    """What has to improve."""
    compile: Literal["auto", "xla", "graph", "eager"] = "auto"
    """How an epoch is run; ``"auto"`` is the rule of `execution_mode`."""
    seed: int = 0
    """Non-negative; decides the order of the rows."""
    deadline: float | None = None
    """Value of `time.monotonic` after which no epoch should end. The first epoch always runs."""


@dataclass(frozen=True, kw_only=True)
class History:
    """What happened."""

    curve: dict[str, tuple[float, ...]]
    """``loss``, ``accuracy``, ``val_loss``, ``val_accuracy`` of each epoch, as Keras reports them, where they exist."""
    epoch_s: tuple[float, ...]
    """Wall-clock seconds of each epoch."""
    compile_s: float | None
    """First epoch minus the median later epoch, not below 0; None with a single epoch."""
    best_epoch: int
    """The epoch (from 1) whose weights the model has."""
    mode: Mode
    notes: tuple[str, ...]
    """What a reader of the figures should know."""
    is_cut_short: bool = False
    """Whether the deadline ended it: with more time it might have given another model."""
    is_stopped: bool = False
    """Whether `report` ended it."""
