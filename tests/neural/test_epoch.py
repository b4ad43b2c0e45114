"""The loop against `Model.fit`: the same rows in the same order must give the same weights and figures."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from suite.neural.loop import Recipe, Table, train
from suite.neural.losses import SparseCrossEntropy

SIZE = 16  # 90 rows: five batches and a tail of ten


def network(**dense):
    layers = keras.layers
    init = [keras.initializers.GlorotUniform(seed=i) for i in range(3)]
    return keras.Sequential(
        [
            layers.Input((4,)),
            layers.Dense(8, kernel_initializer=init[0], use_bias=False, **dense),  # normalised away
            layers.BatchNormalization(momentum=0.9),
            layers.LeakyReLU(),
            layers.Dense(6, "relu", kernel_initializer=init[1]),
            layers.Dense(3, "softmax", kernel_initializer=init[2]),
        ]
    )


class Adam:
    """Two equal optimisers: one for the loop, one for `fit`, which may have more options."""

    def __init__(self, kind=keras.optimizers.Adam, fit=None, **options):
        self.ours = kind(**{"learning_rate": 0.01, **options})
        self.keras = kind(**{"learning_rate": 0.01, **options, **(fit or {})})


def compare(blobs, recipe, optimizers, weight=None, make=network, loss=None):
    X, y = blobs
    held_out = np.arange(0, 90, 4)
    rows = np.setdiff1d(np.arange(90), held_out)
    table = Table(X=X, y=y, weight=weight, train=rows, validation=held_out)
    loss = loss or keras.losses.SparseCategoricalCrossentropy()
    ours, theirs = make(), make()
    history = train(ours, table, recipe, optimizer=optimizers.ours, loss=loss)
    theirs.compile(optimizer=optimizers.keras, loss=loss, metrics=["accuracy"])
    curve: dict[str, list[float]] = {}
    for epoch in range(recipe.epochs):
        order = table.order(recipe.seed, epoch)
        last = theirs.fit(
            X[order],
            y[order],
            batch_size=recipe.batch_size,
            shuffle=False,
            sample_weight=None if weight is None else weight[order],
            validation_data=(X[held_out], y[held_out]),
            verbose=0,
        )
        for name, values in last.history.items():
            curve.setdefault(name, []).extend(values)
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-5)
    return history, curve


def same_curves(history, curve):
    assert set(history.curve) == set(curve)
    for name, values in curve.items():
        np.testing.assert_allclose(history.curve[name], values, rtol=1e-4, err_msg=name)


@pytest.mark.parametrize("mode", ["xla", "graph", "eager"])
def test_weights_and_figures_agree_with_keras_fit_after_two_epochs(blobs, mode):
    same_curves(*compare(blobs, Recipe(epochs=2, batch_size=SIZE, compile=mode), Adam()))


def test_sample_weights_count_as_in_keras_fit(blobs):
    weight = np.linspace(0, 3, 90).astype(np.float32)
    same_curves(*compare(blobs, Recipe(epochs=1, batch_size=SIZE, compile="graph"), Adam(), weight))


def test_regularisation_counts_as_in_keras_fit(blobs):
    recipe = Recipe(epochs=1, batch_size=SIZE, compile="graph")
    same_curves(*compare(blobs, recipe, Adam(), make=lambda: network(kernel_regularizer="l2")))


def test_label_smoothing_counts_as_in_keras_fit(blobs):
    recipe = Recipe(epochs=1, batch_size=SIZE, compile="graph")
    same_curves(*compare(blobs, recipe, Adam(), loss=SparseCrossEntropy(0.1, from_logits=False)))


def test_gradients_are_clipped_as_by_keras(blobs):
    recipe = Recipe(epochs=1, batch_size=SIZE, compile="graph", clip_norm=0.1)
    compare(blobs, recipe, Adam(keras.optimizers.SGD, fit={"global_clipnorm": 0.1}))


def test_a_schedule_acts_at_every_step_as_in_keras(blobs):
    recipe = Recipe(epochs=2, batch_size=SIZE, compile="xla", schedule=lambda t: 1.0 - t)
    decay = keras.optimizers.schedules.PolynomialDecay(0.01, 10, end_learning_rate=0.0)
    compare(blobs, recipe, Adam(keras.optimizers.SGD, fit={"learning_rate": decay}))


def test_averaged_weights_are_those_of_keras(blobs):
    recipe = Recipe(epochs=1, batch_size=SIZE, compile="graph", ema=0.8)
    compare(blobs, recipe, Adam(fit={"use_ema": True, "ema_momentum": 0.8}))


def test_validation_figures_are_those_of_the_averaged_weights(blobs):
    X, y = blobs
    model, rows = network(), np.arange(0, 90, 3)
    loss = keras.losses.SparseCategoricalCrossentropy()
    recipe = Recipe(epochs=2, batch_size=SIZE, compile="graph", ema=0.9)
    history = train(model, Table(X=X, y=y, validation=rows), recipe, optimizer=Adam().ours, loss=loss)
    expected = float(loss(y[rows], model(X[rows], training=False)))
    assert history.curve["val_loss"][-1] == pytest.approx(expected, rel=1e-5)


def test_validation_in_chunks_equals_validation_at_once(blobs, monkeypatch):
    curves = []
    for chunk in (8192, 7):
        monkeypatch.setattr("suite.neural.epoch.VALIDATION_CHUNK", chunk)
        recipe = Recipe(epochs=1, batch_size=SIZE, compile="graph")
        table = Table(X=blobs[0], y=blobs[1], validation=np.arange(30))
        loss = keras.losses.SparseCategoricalCrossentropy()
        curves.append(train(network(), table, recipe, optimizer=Adam().ours, loss=loss).curve)
    for name, values in curves[0].items():
        assert values == pytest.approx(curves[1][name], rel=1e-5)


def test_any_keras_loss_trains_and_reports_what_it_can(blobs):
    X, y = blobs
    layers = [keras.layers.Input((4,)), keras.layers.Dense(1)]
    recipe = Recipe(epochs=30, batch_size=SIZE, compile="graph")
    targets = y.astype(np.float32)[:, None]
    table = Table(X=X, y=targets, validation=np.arange(0, 90, 5))
    loss = keras.losses.MeanSquaredError()
    history = train(keras.Sequential(layers), table, recipe, optimizer=Adam().ours, loss=loss)
    assert set(history.curve) == {"loss", "val_loss"}
    assert history.curve["val_loss"][-1] < history.curve["val_loss"][0]
