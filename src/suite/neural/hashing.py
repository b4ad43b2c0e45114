"""Random bits from a counter: an integer hash that costs a few vector instructions a number under XLA.

XLA's own generators on CPU cost more than the training step they serve. The mixing steps and their
constants are those of the murmur3 finaliser (Appleby 2011). A 64-bit key, itself hashed from the seed and
the step, enters before and between the rounds, so that no two draws are shifts of each other.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray


def _u32(value: int) -> Any:
    return tf.constant(value, tf.uint32)


def _fold(x: Any, bits: int) -> Any:
    return tf.bitwise.bitwise_xor(x, tf.bitwise.right_shift(x, _u32(bits)))


def _finalise(x: Any) -> Any:
    return _fold(_fold(_fold(x, 16) * _u32(0x85EBCA6B), 13) * _u32(0xC2B2AE35), 16)


def stream(seed: int) -> NDArray[np.int32]:
    """Return the key, shape (2,), of the stream of random numbers of a non-negative seed: one for each layer."""
    return np.random.SeedSequence(seed).generate_state(2).view(np.int32)


def random_bits(shape: Any, key: Any, step: Any) -> Any:
    """Return uint32 numbers that depend on nothing but the key (see `stream`), the step and the position.

    There are at most 2**31 of them. The step says which draw of the stream they are; its low 32 bits count.
    """
    words = tf.bitcast(key, tf.uint32)
    count = tf.cast(step, tf.uint32)
    first, second = _finalise(count + words[0]), _finalise(tf.bitwise.bitwise_xor(count, words[1]))
    index = tf.cast(tf.range(tf.reduce_prod(shape)), tf.uint32)
    mixed = _fold(tf.reshape(index, shape) * _u32(0x9E3779B1) + first, 16) * _u32(0x85EBCA6B) + second
    return _fold(_fold(mixed, 13) * _u32(0xC2B2AE35), 16)
