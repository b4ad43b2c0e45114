"""Small variables joined into one vector, for optimisers that treat every element alike.

An optimiser runs several operations a variable. A network of a few thousand weights has a dozen variables,
and without XLA most of the time to trace and run its update goes into their number, not their size. Under XLA
they stay apart: there a variable is updated while the gradient of the next one is computed, and joined updates
cost more than the shorter compilation saves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

LARGEST = 2**16  # elements: beyond, copying costs more than one variable less saves
_KINDS = ("SGD", "RMSprop", "Adam", "AdamW", "Adadelta", "Adagrad", "Adamax", "Nadam", "Lion")
ELEMENTWISE = tuple(getattr(keras.optimizers, name) for name in _KINDS)


def treats_elements_alike(optimizer: Any) -> bool:
    """Whether the update of an element depends on that element's gradients and on nothing else."""
    if type(optimizer) not in ELEMENTWISE or hasattr(optimizer, "_exclude_from_weight_decay"):
        return False
    return not (optimizer.clipnorm or optimizer.use_ema or optimizer.gradient_accumulation_steps)


class Joined:
    """The trainable variables of a model as its optimiser is to see them.

    The optimiser comes fresh and is built here: on the model's variables, or on one vector in place of the small ones,
    where it, the variables and `join` allow that.
    """

    def __init__(self, optimizer: Any, variables: Sequence[Any], *, join: bool) -> None:
        self.optimizer = optimizer
        self.variables = [v.value for v in variables]
        small = [v for v in self.variables if np.prod(v.shape) <= LARGEST]
        plain = all(v.constraint is None and v.dtype == "float32" for v in variables)
        self.small = small if join and plain and treats_elements_alike(optimizer) else []
        self.vector = tf.Variable(_flat(self.small)) if self.small else None
        joined = {id(v) for v in self.small}
        kept = [v for v in variables if id(v.value) not in joined]
        optimizer.build(kept if self.vector is None else [self.vector, *kept])
        self.kept = kept
        self._fresh = [v.numpy() for v in optimizer.variables]

    def restart(self) -> None:
        """Give the optimiser the state of a fresh one, for the variables' present values."""
        for variable, value in zip(self.optimizer.variables, self._fresh, strict=True):
            variable.assign(value)
        if self.vector is not None:
            self.vector.assign(_flat(self.small))

    def apply(self, gradients: Sequence[Any]) -> None:
        """Update the variables; `gradients` in their order, None for a variable the loss does not depend on."""
        of = {id(v): g for v, g in zip(self.variables, gradients, strict=True)}
        pairs = [(of[id(v.value)], v) for v in self.kept if of[id(v.value)] is not None]
        if self.vector is not None:
            parts = [tf.zeros_like(v) if of[id(v)] is None else of[id(v)] for v in self.small]
            pairs.insert(0, (_flat(parts), self.vector))
        self.optimizer.apply(*zip(*pairs, strict=True))
        if self.vector is not None:
            sizes = [int(np.prod(v.shape)) for v in self.small]
            for variable, part in zip(self.small, tf.split(self.vector, sizes), strict=True):
                variable.assign(tf.reshape(part, variable.shape))


def _flat(tensors: Sequence[Any]) -> Any:
    return tf.concat([tf.reshape(t, [-1]) for t in tensors], 0)
