"""One epoch as one TensorFlow graph: every full batch, the tail batch, and the validation pass.

The full batches may be compiled by XLA inside that graph. The tail and the validation pass are not: they
are a small part of the work, and would cost as much compilation again.

The graph gathers each batch from the resident rows by position, so an epoch needs no shuffled copy of
them. Figures are those that `Model.fit` reports: the training loss is the mean of the batch losses weighted
by batch size, regularisation included; accuracy is not weighted by sample weights.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple, Self, cast

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from suite.neural.joined import Joined
from suite.neural.losses import SparseCrossEntropy
from suite.neural.recipe import Mode, Recipe, Table
from suite.neural.reuse import Reuse

ALIGNMENT = 64  # bytes: what TensorFlow needs to take an array over without a copy
VALIDATION_CHUNK = 8192  # rows: bounds the activations of the validation pass


class Rows(NamedTuple):
    """Tensors of all rows: inputs, targets, and weights or None."""

    X: Any
    y: Any
    weight: Any

    @classmethod
    def of(cls, table: Table) -> Self:
        """Return the table's arrays as tensors: at most one copy of each, where `tf.constant` makes two."""
        weight = None if table.weight is None else _tensor(table.weight.astype(np.float32))
        return cls(_tensor(table.X), _tensor(table.y), weight)


def _tensor(array: NDArray[Any]) -> Any:
    if not (array.flags.c_contiguous and array.flags.writeable and array.ctypes.data % ALIGNMENT == 0):
        buffer = np.empty(array.nbytes + ALIGNMENT, np.uint8)
        start = -buffer.ctypes.data % ALIGNMENT
        aligned = buffer[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
        aligned[...] = array
        array = aligned
    return tf.experimental.dlpack.from_dlpack(array.__dlpack__())


class Epoch:
    """A callable ``(rows, order, epoch) -> [loss, accuracy, val_loss, val_accuracy]``.

    The built model's weights are trained in place. The table gives the positions; its rows come with each call, so that
    no graph keeps them alive. The loss is called as Keras calls it; its ``call`` gives that of each validation row.
    """

    def __init__(self, model: Any, table: Table, recipe: Recipe, joined: Joined, loss: Any) -> None:
        self.model, self.recipe, self.joined, self.loss = model, recipe, joined, loss
        self.optimizer = joined.optimizer
        self.validation = table.validation
        self.n_train = table.n_train
        self.full, self.rest = divmod(self.n_train, recipe.batch_size)
        self.steps = self.full + bool(self.rest)
        self.classifies = np.issubdtype(table.y.dtype, np.integer) and np.ndim(table.y) == 1
        self.variables = joined.variables
        self.averages = [] if recipe.ema is None else [tf.Variable(v) for v in self.variables]
        self.batches: Callable[[Rows, Any, Any], tuple[Any, Any]] = self._full_batches
        self.rate: Any = None if recipe.schedule is None else float(self.optimizer.learning_rate.numpy())
        self.total: Any = float(self.steps * recipe.epochs)

    def __call__(self, rows: Rows, order: Any, epoch: Any) -> Any:
        """Train on the rows at the positions `order`, int32 of shape (n_train,), then validate.

        `epoch` is the number of epochs done before. Returns a float32 tensor of loss, accuracy, val_loss and
        val_accuracy; 0 where there is none.
        """
        loss, hits = tf.constant(0.0), tf.constant(0.0)
        if self.full:
            loss, hits = self.batches(rows, order, epoch)
        if self.rest:
            tail = order[self.full * self.recipe.batch_size :]
            tail_loss, tail_hits = self._step(rows, tail, epoch * self.steps + self.full)
            loss, hits = loss + tail_loss, hits + tail_hits
        return tf.stack([loss / self.n_train, hits / self.n_train, *self._validate(rows)])

    def restart(self) -> None:
        """Forget all that training left beside the model's weights: the optimiser's state and the averages."""
        self.joined.restart()
        for average, variable in zip(self.averages, self.variables, strict=False):
            average.assign(variable)

    def compiled(self, mode: Mode, reuse: Reuse | None = None) -> Callable[[Rows, Any, Any], Any]:
        """Return this epoch as it is to be called: op by op, as a graph, or as a graph with XLA inside.

        `reuse` is where XLA's program may come from; without it, it is compiled anew.
        """
        self.batches = self._full_batches
        if mode == "eager":
            return self
        if mode == "xla" and reuse is not None:
            self._set_free()
            self.batches = functools.partial(reuse.call, self._full_batches)
        elif mode == "xla":
            self.batches = tf.function(self._full_batches, jit_compile=True, autograph=False)
        return cast(Callable[[Rows, Any, Any], Any], tf.function(self.__call__, autograph=False))

    def _set_free(self) -> None:
        """Make variables of the numbers that a search varies, which stand in the program otherwise."""
        self.total = tf.Variable(self.total)
        if self.rate is not None:
            self.rate = tf.Variable(self.rate)
        if getattr(self.optimizer, "weight_decay", None):
            self.optimizer.weight_decay = tf.Variable(float(self.optimizer.weight_decay))
        if isinstance(self.loss, SparseCrossEntropy) and self.loss.label_smoothing:
            self.loss.label_smoothing = tf.Variable(float(self.loss.label_smoothing))

    def _full_batches(self, rows: Rows, order: Any, epoch: Any) -> tuple[Any, Any]:
        """Train on the full batches; return the sum of the rows' losses, and the number of hits."""
        size, first = self.recipe.batch_size, epoch * self.steps

        def body(i: Any, loss: Any, hits: Any) -> tuple[Any, Any, Any]:
            batch_loss, batch_hits = self._step(rows, tf.slice(order, [i * size], [size]), first + i)
            return i + 1, loss + batch_loss, hits + batch_hits

        state = (tf.constant(0), tf.constant(0.0), tf.constant(0.0))
        _, loss, hits = tf.while_loop(lambda i, *_: i < self.full, body, state, parallel_iterations=1)
        return loss, hits

    def _step(self, rows: Rows, batch: Any, step: Any) -> tuple[Any, Any]:
        """Train on the rows at these positions; return their loss times their number, and the number of hits."""
        size = batch.shape[0]
        X, y = tf.gather(rows.X, batch), tf.gather(rows.y, batch)
        weight = None if rows.weight is None else tf.gather(rows.weight, batch)
        with tf.GradientTape() as tape:
            output = self.model(X, training=True)
            loss = self.loss(y, output, sample_weight=weight)
            total = tf.add_n([loss, *self.model.losses]) if self.model.losses else loss
        gradients = tape.gradient(total, self.variables)
        self._apply(gradients, step)
        return total * size, self._hits(y, output, None)

    def _apply(self, gradients: list[Any], step: Any) -> None:
        if self.recipe.clip_norm is not None:
            gradients, _ = tf.clip_by_global_norm(gradients, self.recipe.clip_norm)
        if self.rate is not None and self.recipe.schedule is not None:
            progress = tf.cast(step, tf.float32) / self.total
            self.optimizer.learning_rate.assign(self.rate * self.recipe.schedule(progress))
        self.joined.apply(gradients)
        if self.averages:
            keep = tf.where(step > 0, self.recipe.ema, 0.0)  # as Keras: the first step starts the average
            for average, variable in zip(self.averages, self.variables, strict=True):
                average.assign(keep * average + (1.0 - keep) * variable)

    def _hits(self, y: Any, output: Any, mask: Any) -> Any:
        self.classifies = self.classifies and output.shape[-1] > 1
        if not self.classifies:
            return tf.constant(0.0)
        right = tf.cast(tf.argmax(output, -1, output_type=y.dtype) == y, tf.float32)
        return tf.reduce_sum(right if mask is None else right * mask)

    def _validate(self, rows: Rows) -> tuple[Any, Any]:
        """Return loss and accuracy on the validation rows, with averaged weights where there are averages."""
        if self.validation is None:
            return tf.constant(0.0), tf.constant(0.0)
        raw = [tf.identity(v) for v in self.variables] if self.averages else []
        self.swap(self.averages)
        figures = self._evaluate(rows, self.validation)
        self.swap(raw)
        return figures

    def swap(self, values: list[Any]) -> None:
        """Assign these values to the trainable variables; an empty list changes nothing."""
        for variable, value in zip(self.variables, values, strict=False):
            variable.assign(value)

    def _evaluate(self, rows: Rows, held_out: NDArray[np.integer]) -> tuple[Any, Any]:
        n, size = len(held_out), min(len(held_out), VALIDATION_CHUNK)
        chunks = -(-n // size)
        positions = tf.constant(np.resize(held_out, chunks * size).astype(np.int32))
        mask = tf.constant(np.arange(chunks * size) < n, tf.float32)

        def body(i: Any, loss: Any, hits: Any) -> tuple[Any, Any, Any]:
            part, inside = tf.slice(positions, [i * size], [size]), tf.slice(mask, [i * size], [size])
            y = tf.gather(rows.y, part)
            output = self.model(tf.gather(rows.X, part), training=False)
            losses = self.loss.call(tf.cast(y, output.dtype), output)
            if self.model.losses:
                losses += tf.add_n(self.model.losses)
            return i + 1, loss + tf.reduce_sum(losses * inside), hits + self._hits(y, output, inside)

        state = (tf.constant(0), tf.constant(0.0), tf.constant(0.0))
        _, loss, hits = tf.while_loop(lambda i, *_: i < chunks, body, state, parallel_iterations=1)
        return loss / n, hits / n
