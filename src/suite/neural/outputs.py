"""What trained networks say of rows: their logits, and the temperature that suits them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

CHUNK = 8192  # rows: bounds the copy that one call takes
TILE = 96
"""Rows that a network sees at once: a multiple of the 16, 24 or 48 rows that kernels of matrix products take together,
so that none is left to the kernels for the rest, which may add in another order."""


class Outputs:
    """The outputs of some networks: one graph for all of them and any number of rows, traced at the first call.

    The networks see tiles of one size, the last one filled up with zeros. Otherwise a row's output would differ in the
    seventh digit with the rows around it, on processors whose matrix products of another shape add in another order.
    The models end in logits or else in probabilities, of the same classes.
    """

    def __init__(self, models: Sequence[Any], n_features: int, are_logits: bool) -> None:
        self.models, self.n_features, self.are_logits = models, n_features, are_logits
        spec = tf.TensorSpec((None, n_features), tf.float32)
        self._graph = tf.function(self._stacked, input_signature=[spec], autograph=False)

    def _stacked(self, rows: Any) -> Any:
        n = tf.shape(rows)[0]
        tiles = tf.reshape(tf.pad(rows, [[0, -n % TILE], [0, 0]]), (-1, TILE, self.n_features))
        outputs = tf.transpose(tf.map_fn(self._of_tile, tiles, fn_output_signature=tf.float32), (1, 0, 2, 3))
        return tf.reshape(outputs, (len(self.models), -1, outputs.shape[-1]))[:, :n]

    def _of_tile(self, rows: Any) -> Any:
        return tf.stack([tf.cast(model(rows, training=False), tf.float32) for model in self.models])

    def logits(self, X: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the logits of one network, or the logarithm of the mean probabilities, shape (n_samples, n_classes).

        Raises
        ------
        FloatingPointError
            When an output is not finite.
        """
        chunks = (X[start : start + CHUNK] for start in range(0, len(X), CHUNK))
        outputs = np.concatenate([self._graph(tf.constant(rows)).numpy() for rows in chunks], axis=1)
        finite = np.isfinite(outputs).all(axis=(0, 2))
        if not finite.all():
            raise FloatingPointError(
                f"the network's output is not finite in {(~finite).sum()} of {len(X)} rows"
            )
        outputs = outputs.astype(np.float64)
        if self.are_logits and len(outputs) == 1:
            return outputs[0]
        proba = (softmax(outputs, axis=2) if self.are_logits else outputs).mean(axis=0)
        return np.log(np.maximum(proba, np.finfo(np.float32).tiny))

    def __reduce__(self) -> tuple[Any, ...]:
        return Outputs, (self.models, self.n_features, self.are_logits)


def best_temperature(logits: NDArray[np.float64], codes: NDArray[np.integer]) -> float:
    """Return the temperature in [e**-3, e**3] with the least log loss on these rows."""

    def log_loss(log_temperature: float) -> float:
        scaled = log_softmax(logits / np.exp(log_temperature), axis=1)
        return float(-scaled[np.arange(len(codes)), codes].mean())

    return float(np.exp(minimize_scalar(log_loss, bounds=(-3.0, 3.0), method="bounded").x))
