from __future__ import annotations

import random

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from suite.neural.layers import (
    CategoryEmbedding,
    Columns,
    FastBatchNorm,
    HashDropout,
    PeriodicEmbedding,
)

ONES = np.ones((500, 40), np.float32)


def masks(layer, n=1):
    return [layer(ONES, training=True).numpy() > 0 for _ in range(n)]


@settings(max_examples=25, deadline=None)
@given(rate=st.floats(0.01, 0.99), seed=st.integers(0, 2**31 - 1))
def test_dropout_zeroes_its_share_of_the_inputs_and_of_every_unit(rate, seed):
    output = HashDropout(rate, seed)(ONES, training=True).numpy()
    share, spread = (output == 0).mean(axis=0), (rate * (1 - rate)) ** 0.5
    assert abs(share.mean() - rate) < 6 * spread / ONES.size**0.5
    assert np.abs(share - rate).max() < 7 * spread / len(ONES) ** 0.5 + 0.01
    np.testing.assert_allclose(output[output > 0], 1 / (1 - rate), rtol=1e-6)


def test_dropout_masks_of_steps_layers_and_units_are_independent():
    first, second = masks(HashDropout(0.5, 1), 2)
    (other,) = masks(HashDropout(0.5, 2))
    units = np.corrcoef(first.T.astype(float))
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 6 / ONES.size**0.5
    assert abs(np.corrcoef(first.ravel(), other.ravel())[0, 1]) < 6 / ONES.size**0.5
    assert np.abs(units - np.eye(40)).max() < 6 / len(ONES) ** 0.5


def test_dropout_with_the_same_seed_draws_the_same_masks():
    np.testing.assert_array_equal(masks(HashDropout(0.3, 4), 3), masks(HashDropout(0.3, 4), 3))


def test_dropout_without_a_seed_follows_pythons_generator():
    random.seed(0)
    first, second = HashDropout(0.3), HashDropout(0.3)
    random.seed(0)
    assert first.seed == HashDropout(0.3).seed != second.seed


def test_dropout_is_for_training_only():
    layer = HashDropout(0.5, 1)
    np.testing.assert_array_equal(layer(ONES, training=False), ONES)
    assert not np.array_equal(layer(ONES, training=True), ONES)


def test_the_gradient_of_dropout_is_its_mask():
    x, layer = tf.constant(ONES), HashDropout(0.4, 3)
    with tf.GradientTape() as tape:
        tape.watch(x)
        output = layer(x, training=True)
    np.testing.assert_array_equal(tape.gradient(output, x).numpy(), output.numpy())


def test_a_dropout_rate_of_one_is_refused():
    with pytest.raises(ValueError, match="rate"):
        HashDropout(1.0)


def test_batch_norm_agrees_with_keras_in_outputs_statistics_and_gradients():
    rng = np.random.default_rng(0)
    X = (5 + 3 * rng.normal(size=(33, 6))).astype(np.float32)
    target = rng.normal(size=(33, 6)).astype(np.float32)
    results = []
    for layer in (FastBatchNorm(), keras.layers.BatchNormalization()):
        x = tf.constant(X)
        layer.build(x.shape)
        layer.gamma.assign(np.linspace(0.5, 2, 6))
        layer.beta.assign(np.linspace(-1, 1, 6))
        with tf.GradientTape() as tape:
            tape.watch(x)
            output = layer(x, training=True)
            loss = tf.reduce_sum((output - target) ** 2)
        gradients = tape.gradient(loss, [x, layer.gamma.value, layer.beta.value])
        moving = [layer.moving_mean.numpy(), layer.moving_variance.numpy()]
        results.append([output, *gradients, *moving, layer(x, training=False)])
    for ours, keras_own in zip(*results, strict=True):
        np.testing.assert_allclose(ours, keras_own, rtol=2e-5, atol=2e-5)


def test_periodic_embeddings_are_the_waves_of_their_paper():
    X = np.random.default_rng(0).normal(size=(9, 3)).astype(np.float32)
    layer = PeriodicEmbedding(frequencies=5, sigma=0.7, units=2, seed=1)
    output = layer(X).numpy()
    angles = 2 * np.pi * X[:, :, None] * layer.coefficients.numpy()
    waves = np.concatenate([np.sin(angles), np.cos(angles)], axis=2)
    linear = np.einsum("bfk,fkd->bfd", waves, layer.kernel.numpy()) + layer.bias.numpy()
    np.testing.assert_allclose(output, np.maximum(linear, 0).reshape(9, 6), atol=1e-5)
    assert layer.compute_output_shape((None, 3)) == (None, 6)


def test_the_frequencies_have_the_standard_deviation_sigma():
    layer = PeriodicEmbedding(frequencies=4000, sigma=0.3, units=1)
    layer.build((None, 3))
    assert layer.coefficients.numpy().std() == pytest.approx(0.3, rel=0.05)


def test_category_embeddings_look_codes_up_and_give_unknown_codes_nothing():
    layer = CategoryEmbedding(levels=[3, 2], units=[4, 1], seed=0)
    codes = np.array([[0, 0], [2, 1], [3, -1]], np.float32)
    output = layer(codes).numpy()
    tables = [t.numpy() for t in layer.tables]
    np.testing.assert_allclose(output[0], [*tables[0][0], *tables[1][0]])
    np.testing.assert_allclose(output[1], [*tables[0][2], *tables[1][1]])
    np.testing.assert_array_equal(output[2], 0)


def test_levels_and_units_of_categories_must_match():
    with pytest.raises(ValueError, match="levels and units"):
        CategoryEmbedding([3, 2], [4])


@pytest.mark.parametrize(
    "layer",
    [
        HashDropout(0.3, 1),
        FastBatchNorm(),
        PeriodicEmbedding(3, 0.2, 2, None, 4),
        Columns([1, 0]),
        CategoryEmbedding([2, 2, 2, 2], [1, 1, 1, 1], 3),
    ],
)
def test_every_layer_survives_saving(layer, tmp_path, blobs):
    inputs = keras.Input((4,))
    model = keras.Model(inputs, keras.layers.Dense(2)(layer(inputs)))
    model.save(tmp_path / "model.keras")
    copy = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(copy(blobs[0]), model(blobs[0]))
