from __future__ import annotations

import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from suite.neural.hashing import random_bits, stream

SEEDS = st.integers(0, 2**40)
N = 20_000


def bits(seed, step, n=N):
    return random_bits((n,), stream(seed), tf.constant(step)).numpy()


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, step=st.integers(0, 2**31 - 1))
def test_each_of_the_32_bits_is_set_half_of_the_time(seed, step):
    shares = np.unpackbits(bits(seed, step).view(np.uint8).reshape(-1, 4), axis=1).mean(axis=0)
    assert np.abs(shares - 0.5).max() < 6 * 0.5 / N**0.5


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, step=st.integers(0, 10**6), shift=st.integers(0, 50))
def test_draws_of_neighbouring_seeds_and_steps_are_unrelated_at_any_shift(seed, step, shift):
    first = bits(seed, step).astype(float)
    others = [
        (seed, step + 1),
        (seed + 1, step),
        (seed + 1, step + 1),
        (seed + 2, step + 1),
        (seed + 2**32, step),
    ]
    for other in (bits(*key) for key in others):
        rolled = np.roll(other.astype(float), shift)
        assert abs(np.corrcoef(first, rolled)[0, 1]) < 6 / N**0.5


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, lag=st.integers(1, 300))
def test_positions_of_one_draw_are_unrelated(seed, lag):
    draw = bits(seed, 3).astype(float)
    assert abs(np.corrcoef(draw[:-lag], draw[lag:])[0, 1]) < 6 / N**0.5


def test_positions_of_one_draw_fall_evenly_into_pairs_of_bins():
    draw = (bits(7, 1, 160_000) >> np.uint32(28)).astype(int)
    counts = np.bincount(draw[:-1] * 16 + draw[1:], minlength=256)
    expected = counts.sum() / 256
    chi2 = ((counts - expected) ** 2 / expected).sum()
    assert abs(chi2 - 255) < 6 * (2 * 255) ** 0.5


def test_the_draws_of_one_seed_are_not_those_of_another_at_other_steps():
    first, second = ({bits(seed, step, 8).tobytes() for step in range(200)} for seed in (0, 1))
    assert len(first) == len(second) == 200
    assert not first & second


def test_bits_are_the_same_eagerly_in_a_graph_and_under_xla():
    eager = bits(5, 9)
    for jit in (False, True):
        compiled = tf.function(lambda s: random_bits((N,), stream(5), s), jit_compile=jit, autograph=False)
        np.testing.assert_array_equal(compiled(tf.constant(9)).numpy(), eager)
