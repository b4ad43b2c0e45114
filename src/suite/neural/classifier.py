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
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from suite.neural.loop import History, Recipe, Report, Table, train
from suite.neural.losses import SparseCrossEntropy
from suite.neural.networks import Mlp, Network
from suite.neural.schedules import Schedule, schedule

PREDICTION_CHUNK = 8192  # rows: bounds the activations of one call


class KerasClassifier(ClassifierMixin, BaseEstimator):
    """A Keras network as a scikit-learn classifier, trained by `suite.neural.loop.train`.

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
    temperature : bool
        Whether to divide the logits by the temperature that minimises the log loss on the validation rows
        (Guo et al. 2017, On Calibration of Modern Neural Networks).
    random_state : int, RandomState or None
        Decides initial weights, masks and the order of the rows.
    compile : {"auto", "xla", "graph", "eager"}
        As in `Recipe`.
    report : callable, optional
        ``report(epoch, values) -> bool``; False ends the training.

    Attributes
    ----------
    classes_ : array of shape (n_classes,)
    n_features_in_ : int
    feature_names_in_ : array of str, for DataFrames only
    model_ : keras.Model
    history_ : suite.neural.loop.History
    temperature_ : float
        1.0 without temperature scaling.
    notes_ : tuple of str
        Remarks on the fit.
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
        temperature: bool = False,
        random_state: int | np.random.RandomState | None = None,
        compile: Literal["auto", "xla", "graph", "eager"] = "auto",
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
        self.temperature = temperature
        self.random_state = random_state
        self.compile = compile
        self.report = report
        self.deadline = deadline

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Train a fresh network.

        Parameters
        ----------
        X : array or DataFrame of shape (n_samples, n_features)
            Finite numbers; they are read as float32.
        y : array of shape (n_samples,)
            Labels of at least two classes.
        sample_weight : array of shape (n_samples,), optional
            Weights in training; the validation figures are not weighted.

        Returns
        -------
        self

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
        training, validation = self._positions(len(rows))
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        with _seeded(seed):
            visible = rows if training is None else rows[training]
            self.model_, self._outputs_logits = _build(self.network or Mlp(), visible, len(self.classes_))
            del visible
        table = Table(
            X=rows,
            y=codes.astype(np.int32),
            weight=self._weights(rows, codes, sample_weight),
            train=training,
            validation=validation,
        )
        loss = SparseCrossEntropy(self.label_smoothing, self._outputs_logits)
        self.history_: History = train(
            self.model_, table, self._recipe(seed), optimizer=self._optimizer(), loss=loss, report=self.report
        )
        self.notes_ = self.history_.notes
        self._forward = _Forward(self.model_, self.n_features_in_)
        self.temperature_ = 1.0
        if self.temperature and validation is not None:
            self.temperature_ = _temperature(self._logits(rows[validation]), codes[validation])
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
        return softmax(self._logits(rows) / self.temperature_, axis=1)

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

    def _recipe(self, seed: int) -> Recipe:
        return Recipe(
            epochs=self.epochs,
            batch_size=self.batch_size,
            schedule=None if self.schedule == "constant" else schedule(self.schedule),
            clip_norm=self.clip_norm,
            ema=self.ema,
            patience=self.patience,
            monitor=self.monitor,
            compile=self.compile,
            seed=seed,
            deadline=self.deadline,
        )

    def _optimizer(self) -> Any:
        config = {"learning_rate": float(self.learning_rate), "weight_decay": self.weight_decay or None}
        if callable(self.optimizer):
            return self.optimizer(**config)
        return keras.optimizers.get({"class_name": self.optimizer, "config": config})

    def _logits(self, X: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return finite logits (of a softmax output: log-probabilities), shape (n_samples, n_classes)."""
        chunks = range(0, len(X), PREDICTION_CHUNK)
        parts = [self._forward(X[start : start + PREDICTION_CHUNK]) for start in chunks]
        outputs = np.concatenate(parts).astype(np.float64)
        if not np.isfinite(outputs).all():
            bad = int((~np.isfinite(outputs).all(axis=1)).sum())
            raise FloatingPointError(f"the network's output is not finite in {bad} of {len(X)} rows")
        return outputs if self._outputs_logits else np.log(np.maximum(outputs, np.finfo(np.float32).tiny))


class _Forward:
    """The model's output for rows: one graph for any number of them, traced at the first call."""

    def __init__(self, model: Any, n_features: int) -> None:
        self.model, self.n_features = model, n_features
        spec = tf.TensorSpec((None, n_features), tf.float32)
        self.graph = tf.function(self._output, input_signature=[spec], autograph=False)

    def _output(self, rows: Any) -> Any:
        return self.model(rows, training=False)

    def __call__(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        output: NDArray[np.float32] = self.graph(tf.constant(rows)).numpy()
        return output

    def __reduce__(self) -> tuple[Any, ...]:
        return _Forward, (self.model, self.n_features)


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


def _temperature(logits: NDArray[np.float64], codes: NDArray[np.integer]) -> float:
    """Return the temperature in [e**-3, e**3] with the least log loss."""

    def log_loss(log_temperature: float) -> float:
        scaled = log_softmax(logits / np.exp(log_temperature), axis=1)
        return float(-scaled[np.arange(len(codes)), codes].mean())

    return float(np.exp(minimize_scalar(log_loss, bounds=(-3.0, 3.0), method="bounded").x))
