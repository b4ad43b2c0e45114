"""A scikit-learn classifier around the compiled Keras training loop."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal, Self

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from suite.neural.loop import History, Recipe, Report, Table, Trainer
from suite.neural.losses import SparseCrossEntropy
from suite.neural.networks import Mlp, Network
from suite.neural.outputs import Outputs, best_temperature
from suite.neural.schedules import Schedule, schedule


class KerasClassifier(ClassifierMixin, BaseEstimator):
    """A Keras network as a scikit-learn classifier, trained by `suite.neural.loop`.

    A fit gives, beside what scikit-learn's classifiers have: `models_`, `histories_` (a `History` each),
    `temperature_` (1.0 without temperature scaling), `n_validation_` (rows held out) and `notes_`, remarks on the fit.

    Parameters
    ----------
    network : callable, optional
        ``network(X, n_classes) -> keras.Model``, called with the training rows (float32). The model gives one
        column a class: logits, or probabilities when it ends in a softmax, which is recognised by rows
        that are non-negative and sum to 1. Default: two hidden layers of 64.
    optimizer : str or callable
        Name of a Keras optimiser, or ``optimizer(learning_rate=..., weight_decay=...)`` that returns one.
    learning_rate, weight_decay : float
        Of the optimiser; Keras decays every trainable weight.
    schedule : str or callable
        One of `suite.neural.schedules`, or a factor on the learning rate as a function of progress in [0, 1).
    epochs, batch_size, clip_norm, ema, patience, monitor, deadline
        As in `suite.neural.loop.Recipe`.
    label_smoothing : float
        Mass in [0, 1) spread over all classes; it counts in the reported losses, as in Keras.
    validation : None, float or array of int
        Rows to validate on, which are not trained on: none, the last fraction (as Keras's
        ``validation_split``), or positions within the rows passed to `fit`.
    class_weight : dict, "balanced" or None
        Weights of the classes in training, as in scikit-learn; a class that the dict leaves out has weight 1.
    members : int
        Networks, each from weights and an order of its own, on the same rows: the probabilities are the mean of
        theirs (Lakshminarayanan et al. 2017, deep ensembles). They are trained one after the other by one
        compiled program, which the first one compiles; of the time then left to the deadline each has an equal part.
    temperature : bool
        Whether to divide the logits by the temperature that minimises the log loss on the validation rows
        (Guo et al. 2017, On Calibration of Modern Neural Networks).
    random_state : int, RandomState or None
        Decides initial weights, masks and the order of the rows.
    compile : {"auto", "xla", "graph", "eager"}
        As in `Recipe`.
    reuse : bool
        Whether a program that was compiled before may serve (see `suite.neural.reuse`): for fits whose time is not
        compared.
    report : callable, optional
        ``report(epoch, values) -> bool``; False ends the fit: no further epoch, and no further network. Epochs are
        counted on over the networks.
    """

    def __init__(
        self,
        network: Network | None = None,
        *,
        optimizer: str | Callable[..., Any] = "adam",
        learning_rate: float = 1e-3,
        weight_decay: float = 0.0,
        schedule: str | Schedule = "constant",
        epochs: int = 50,
        batch_size: int = 32,
        label_smoothing: float = 0.0,
        clip_norm: float | None = None,
        ema: float | None = None,
        patience: int | None = None,
        monitor: Literal["val_loss", "val_accuracy"] = "val_loss",
        validation: float | Sequence[int] | NDArray[np.integer] | None = None,
        class_weight: Mapping[Any, float] | Literal["balanced"] | None = None,
        members: int = 1,
        temperature: bool = False,
        random_state: int | np.random.RandomState | None = None,
        compile: Literal["auto", "xla", "graph", "eager"] = "auto",
        reuse: bool = False,
        report: Report | None = None,
        deadline: float | None = None,
    ) -> None:
        self.network = network
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.schedule = schedule
        self.epochs = epochs
        self.batch_size = batch_size
        self.label_smoothing = label_smoothing
        self.clip_norm = clip_norm
        self.ema = ema
        self.patience = patience
        self.monitor = monitor
        self.validation = validation
        self.class_weight = class_weight
        self.members = members
        self.temperature = temperature
        self.random_state = random_state
        self.compile = compile
        self.reuse = reuse
        self.report = report
        self.deadline = deadline

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Train fresh networks on finite X, read as float32, and labels y of at least two classes.

        Sample weights count in training; the validation figures are not weighted.

        Raises
        ------
        ValueError
            When the rows, labels, weights or validation positions cannot be used.
        FloatingPointError
            When the training diverges.
        """
        with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is refused as such
            rows, labels = validate_data(self, X, y, dtype=np.float32, order="C")
        check_classification_targets(labels)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"samples of at least 2 classes are needed, got only 1 class: {self.classes_[0]!r}"
            )
        if self.members < 1:
            raise ValueError(f"members must be at least 1, got {self.members}")
        training, validation = self._positions(len(rows))
        self.n_validation_ = 0 if validation is None else len(validation)
        seeds = check_random_state(self.random_state).randint(2**31 - 1, size=self.members)
        visible = rows if training is None else rows[training]
        self.models_ = []
        for seed in seeds:
            with _seeded(int(seed)):
                model, are_logits = _build(self.network or Mlp(), visible, len(self.classes_))
            self.models_.append(model)
        del visible
        table = Table(
            X=rows,
            y=codes.astype(np.int32),
            weight=self._weights(rows, codes, sample_weight),
            train=training,
            validation=validation,
        )
        self.histories_ = self._train(table, [int(seed) for seed in seeds], are_logits)
        self.models_ = self.models_[: len(self.histories_)]
        notes = [note for history in self.histories_ for note in history.notes]
        if len(self.models_) < self.members:
            notes.append(f"stopped on request with {len(self.models_)} of {self.members} networks")
        self.notes_ = tuple(dict.fromkeys(notes))
        self._outputs = Outputs(self.models_, self.n_features_in_, are_logits)
        self.temperature_ = 1.0
        if self.temperature and validation is not None:
            self.temperature_ = best_temperature(self._outputs.logits(rows[validation]), codes[validation])
        return self

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the probabilities of the classes, shape (n_samples, n_classes).

        Raises
        ------
        FloatingPointError
            When the network's output is not finite.
        """
        check_is_fitted(self)
        with np.errstate(over="ignore"):
            rows = validate_data(self, X, dtype=np.float32, order="C", reset=False)
        return softmax(self._outputs.logits(rows) / self.temperature_, axis=1)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the most probable class of each row, shape (n_samples,)."""
        best = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the listener, which belongs to the process that fitted."""
        return {**super().__getstate__(), "report": None}

    def _positions(self, n: int) -> tuple[NDArray[np.integer] | None, NDArray[np.integer] | None]:
        """Return the positions of training and validation rows; None for all and none."""
        if self.validation is None:
            if self.temperature:
                raise ValueError("temperature scaling needs validation rows: set validation")
            return None, None
        if isinstance(self.validation, float):
            if not 0.0 < self.validation < 1.0:
                raise ValueError(f"a validation fraction must be in (0, 1), got {self.validation}")
            held_out = np.arange(int(n * (1.0 - self.validation)), n)
        else:
            held_out = np.asarray(self.validation)
            if held_out.ndim != 1 or not np.issubdtype(held_out.dtype, np.integer):
                raise ValueError(
                    "validation must be None, a float, or a one-dimensional array of integer positions"
                )
            if held_out.size and not (held_out.min() >= 0 and held_out.max() < n):
                raise ValueError(f"validation positions must be in [0, {n})")
        left = np.ones(n, bool)
        left[held_out] = False
        if not left.any() or not held_out.size:
            raise ValueError(f"validation takes {held_out.size} of {n} rows: rows must be left on both sides")
        return np.flatnonzero(left), held_out

    def _weights(
        self, X: NDArray[np.float32], codes: NDArray[np.integer], sample_weight: ArrayLike | None
    ) -> NDArray[np.float32] | None:
        if sample_weight is None and self.class_weight is None:
            return None
        weights = _check_sample_weight(sample_weight, X, dtype=np.float32, ensure_non_negative=True)
        if self.class_weight is not None:
            of_class = compute_class_weight(self.class_weight, classes=self.classes_, y=self.classes_[codes])
            weights = weights * of_class[codes].astype(np.float32)
        if not weights.any():
            raise ValueError("all sample weights are zero")
        return weights

    def _train(self, table: Table, seeds: Sequence[int], are_logits: bool) -> list[History]:
        """Train the networks, all by the first one's program, until one is stopped; return what happened to each."""
        first = self.models_[0]
        loss = SparseCrossEntropy(self.label_smoothing, are_logits)
        starts = [model.get_weights() for model in self.models_]
        recipe, optimizer = self._recipe(), self._optimizer()
        trainer = Trainer(
            first, table, recipe, optimizer=optimizer, loss=loss, runs=len(seeds), reuse=self.reuse
        )
        histories, ends = [], []
        for member, (seed, weights) in enumerate(zip(seeds, starts, strict=True)):
            first.set_weights(weights)
            share = 1 / (len(seeds) - member)
            histories.append(trainer.run(seed, self.deadline, self._report(member), share))
            ends.append(first.get_weights())
            if histories[-1].is_stopped:
                break
        for model, weights in zip(self.models_, ends, strict=False):
            model.set_weights(weights)
        return histories

    def _report(self, member: int) -> Report | None:
        report = self.report
        if report is None:
            return None
        return lambda epoch, values: report(member * self.epochs + epoch, values)

    def _recipe(self) -> Recipe:
        return Recipe(
            epochs=self.epochs,
            batch_size=self.batch_size,
            schedule=None if self.schedule == "constant" else schedule(self.schedule),
            clip_norm=self.clip_norm,
            ema=self.ema,
            patience=self.patience,
            monitor=self.monitor,
            compile=self.compile,
        )

    def _optimizer(self) -> Any:
        config = {"learning_rate": float(self.learning_rate), "weight_decay": self.weight_decay or None}
        if callable(self.optimizer):
            return self.optimizer(**config)
        # Keras refuses an AdamW without decay, which is Adam.
        name = "adam" if self.optimizer == "adamw" and not self.weight_decay else self.optimizer
        return keras.optimizers.get({"class_name": name, "config": config})


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Seed the generators that Keras initialisers and network builders draw from; restore them afterwards."""
    python, numpy = random.getstate(), np.random.get_state()
    random.seed(seed)
    np.random.seed(seed)
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)


def _build(network: Network, rows: NDArray[np.float32], n_classes: int) -> tuple[Any, bool]:
    """Return the built model, and whether its output is logits."""
    model = network(rows, n_classes)
    output = model(tf.constant(rows[:32]), training=False).numpy()
    if output.ndim != 2 or output.shape[1] != n_classes:
        raise ValueError(
            f"the network must give {n_classes} columns, one a class; its output is {output.shape}"
        )
    sums_to_one = np.allclose(output.sum(axis=1), 1.0, atol=1e-5)
    return model, not (sums_to_one and (output >= 0.0).all())
