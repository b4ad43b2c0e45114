from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from suite.neural import joined
from suite.neural.joined import Joined, treats_elements_alike

SHAPES = [(3, 4), (4,), (4, 2), (2,)]


def variables(**options):
    rng = np.random.default_rng(0)
    return [keras.Variable(rng.normal(size=s).astype(np.float32), **options) for s in SHAPES]


def gradients():
    rng = np.random.default_rng(1)
    return [[tf.constant(rng.normal(size=s).astype(np.float32)) for s in SHAPES] for _ in range(4)]


@pytest.mark.parametrize("largest", [0, 5, 1000])
@pytest.mark.parametrize(
    "name", ["sgd", "rmsprop", "adam", "adamw", "adadelta", "adagrad", "adamax", "nadam", "lion"]
)
def test_joined_updates_equal_separate_ones(name, largest, monkeypatch):
    monkeypatch.setattr(joined, "LARGEST", largest)
    config = {
        "class_name": name,
        "config": {"learning_rate": 0.1, "weight_decay": 0.01, "global_clipnorm": 1.0},
    }
    ours, theirs = variables(), variables()
    together, alone = Joined(keras.optimizers.get(config), ours, join=True), keras.optimizers.get(config)
    alone.build(theirs)
    for step in gradients():
        together.apply(step)
        alone.apply(step, theirs)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-5, atol=1e-6)
    assert len(together.small) == {0: 0, 5: 2, 1000: 4}[largest]


def test_a_variable_without_a_gradient_keeps_its_value():
    ours = variables()
    before = [v.numpy() for v in ours]
    together = Joined(keras.optimizers.Adam(0.1), ours, join=True)
    together.apply([None, *gradients()[0][1:]])
    changed = [not np.array_equal(v.numpy(), b) for v, b in zip(ours, before, strict=True)]
    assert changed == [False, True, True, True]


def test_variables_stay_apart_unless_asked():
    assert Joined(keras.optimizers.Adam(), variables(), join=False).vector is None
    assert Joined(keras.optimizers.Adam(), variables(), join=True).vector is not None


def excluding():
    optimizer = keras.optimizers.AdamW()
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    return optimizer


def only_these():
    optimizer = keras.optimizers.AdamW()
    optimizer.exclude_from_weight_decay(var_list=variables()[:1])
    return optimizer


@pytest.mark.parametrize(
    "make",
    [
        lambda: keras.optimizers.Adam(clipnorm=1.0),
        lambda: keras.optimizers.Adam(use_ema=True),
        lambda: keras.optimizers.Adam(gradient_accumulation_steps=2),
        lambda: keras.optimizers.Adafactor(),
        lambda: keras.optimizers.Lamb(),
        lambda: type("Mine", (keras.optimizers.Adam,), {})(),
        excluding,
        only_these,
    ],
)
def test_optimizers_that_look_beyond_the_element_are_left_alone(make):
    optimizer = make()
    assert not treats_elements_alike(optimizer)
    assert Joined(optimizer, variables(), join=True).vector is None


def test_variables_with_a_constraint_are_left_alone():
    dense = keras.layers.Dense(2, kernel_constraint="non_neg")
    dense.build((None, 3))
    together = Joined(keras.optimizers.SGD(1.0), dense.trainable_variables, join=True)
    together.apply([tf.ones((3, 2)), tf.ones(2)])
    assert together.vector is None
    assert dense.kernel.numpy().min() >= 0
