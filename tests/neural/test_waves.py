from __future__ import annotations

import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from suite.neural.waves import waves


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1000, 1000, width=32), min_size=1, max_size=50))
def test_waves_are_sine_and_cosine_of_whole_turns(turns):
    values = np.array(turns, np.float32)
    angles = 2 * np.pi * (values.astype(float) % 1)
    sine, cosine = (w.numpy() for w in waves(tf.constant(values)))
    np.testing.assert_allclose(sine, np.sin(angles), atol=3e-7)
    np.testing.assert_allclose(cosine, np.cos(angles), atol=3e-7)


def test_waves_within_a_turn_are_exact_to_float32():
    values = np.linspace(-1, 1, 20_001, dtype=np.float32)
    sine, cosine = (w.numpy() for w in waves(tf.constant(values)))
    np.testing.assert_allclose(sine, np.sin(2 * np.pi * values.astype(float)), atol=3e-7)
    np.testing.assert_allclose(cosine, np.cos(2 * np.pi * values.astype(float)), atol=3e-7)


def test_the_gradients_of_waves_are_those_of_sine_and_cosine():
    turns = tf.constant(np.linspace(-3, 3, 101, dtype=np.float32))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(turns)
        sine, cosine = waves(turns)
    angles = 2 * np.pi * turns.numpy().astype(float)
    np.testing.assert_allclose(tape.gradient(sine, turns), 2 * np.pi * np.cos(angles), atol=1e-5)
    np.testing.assert_allclose(tape.gradient(cosine, turns), -2 * np.pi * np.sin(angles), atol=1e-5)
