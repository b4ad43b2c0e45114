"""Cross-entropy on integer labels with label smoothing, which Keras has for one-hot labels only."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="suite.neural")
class SparseCrossEntropy(keras.losses.Loss):
    """Categorical cross-entropy of integer labels, from logits or probabilities.

    `label_smoothing` is a mass in [0, 1) that is spread evenly over all classes (Szegedy et al. 2016).
    """

    def __init__(
        self,
        label_smoothing: float = 0.0,
        from_logits: bool = True,
        name: str = "cross_entropy",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.label_smoothing: Any = label_smoothing
        self.from_logits = from_logits

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return the cross-entropy of each row."""
        labels = keras.ops.cast(y_true, "int32")
        if not isinstance(self.label_smoothing, int | float):
            # A variable, which may stand outside a compiled program; Keras takes numbers alone.
            n_classes, mass = y_pred.shape[-1], self.label_smoothing
            targets = keras.ops.one_hot(labels, n_classes) * (1.0 - mass) + mass / n_classes
            return keras.losses.categorical_crossentropy(targets, y_pred, from_logits=self.from_logits)
        if not self.label_smoothing:
            return keras.losses.sparse_categorical_crossentropy(labels, y_pred, from_logits=self.from_logits)
        return keras.losses.categorical_crossentropy(
            keras.ops.one_hot(labels, y_pred.shape[-1]),
            y_pred,
            from_logits=self.from_logits,
            label_smoothing=self.label_smoothing,
        )

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        own = {"label_smoothing": self.label_smoothing, "from_logits": self.from_logits}
        return {**super().get_config(), **own}
