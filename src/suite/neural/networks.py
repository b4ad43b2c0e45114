"""Network builders: small frozen recipes that make a Keras model from the training rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from suite.neural.layers import CategoryEmbedding, Columns, FastBatchNorm, HashDropout, PeriodicEmbedding

Network = Callable[[NDArray[np.float32], int], Any]


@dataclass(frozen=True)
class Mlp:
    """A multilayer perceptron that ends in logits."""

    hidden: Sequence[int] = (64, 64)
    """Units of the hidden layers."""
    activation: str = "relu"
    dropout: float | Sequence[float] = 0.0
    """Rate after every hidden layer, or one for each."""
    batch_norm: bool = False
    """Whether to normalise before the activation."""

    def __call__(self, X: NDArray[np.float32], n_classes: int) -> Any:
        """Return a model for the columns of ``X``, with ``n_classes`` logits."""
        inputs = keras.Input((X.shape[1],))
        return keras.Model(inputs, self.head(inputs, n_classes))

    def head(self, x: Any, n_classes: int) -> Any:
        """Return the logits for a symbolic input."""
        rates = [self.dropout] * len(self.hidden) if isinstance(self.dropout, int | float) else self.dropout
        for units, rate in zip(self.hidden, rates, strict=True):
            x = keras.layers.Dense(units, kernel_initializer=self.initialiser)(x)
            if self.batch_norm:
                x = FastBatchNorm()(x)
            x = keras.layers.Activation(self.activation)(x)
            if rate:
                x = HashDropout(rate)(x)
        return keras.layers.Dense(n_classes)(x)

    @property
    def initialiser(self) -> str:
        """Initialisation that keeps the variance: LeCun's for SELU, He's for ReLU and its kin, else Glorot's."""
        rectified = ("relu", "leaky_relu", "silu", "swish", "gelu", "mish", "elu")
        if self.activation == "selu":
            return "lecun_normal"
        return "he_uniform" if self.activation in rectified else "glorot_uniform"


@dataclass(frozen=True, kw_only=True)
class EmbeddingMlp:
    """Periodic embeddings of numerical columns and learned ones of categories, before an `Mlp`."""

    mlp: Mlp = Mlp(hidden=(256, 256, 256), activation="silu", dropout=0.3)
    categorical: Sequence[int] = ()
    """Positions of the columns that hold integer codes from 0, with as many levels as the training rows show."""
    frequencies: int = 16
    """These three as in `PeriodicEmbedding`."""
    sigma: float = 0.3
    units: int = 8
    category_units: int = 8
    """The most outputs that a category column has."""
    numbers: bool = False
    """Whether the numerical columns themselves stand beside their embeddings."""

    def __call__(self, X: NDArray[np.float32], n_classes: int) -> Any:
        """Return a model for the columns of ``X``, with ``n_classes`` logits."""
        categorical = [int(c) for c in self.categorical]
        numeric = [c for c in range(X.shape[1]) if c not in set(categorical)]
        inputs, parts = keras.Input((X.shape[1],)), []
        if numeric:
            embed = PeriodicEmbedding(self.frequencies, self.sigma, self.units)
            columns = Columns(numeric)(inputs) if categorical else inputs
            parts.append(embed(columns))
            if self.numbers:
                parts.append(columns)
        if categorical:
            levels = [max(1, int(X[:, c].max()) + 1) for c in categorical]
            units = [min(self.category_units, (n + 1) // 2) for n in levels]
            parts.append(CategoryEmbedding(levels, units)(Columns(categorical)(inputs)))
        x = keras.layers.Concatenate()(parts) if len(parts) > 1 else parts[0]
        return keras.Model(inputs, self.mlp.head(x, n_classes))
