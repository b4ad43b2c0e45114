from __future__ import annotations

import os
import subprocess
import sys
import time
from math import ceil
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from suite.neural import loop
from suite.neural.layers import HashDropout
from suite.neural.loop import Recipe, Table, _Run, execution_mode, train
from suite.neural.losses import SparseCrossEntropy


def network(*extra):
    init = keras.initializers.GlorotUniform(seed=1)
    layers = [keras.layers.Dense(8, "relu", kernel_initializer=init), *extra]
    return keras.Sequential(
        [keras.layers.Input((4,)), *layers, keras.layers.Dense(3, kernel_initializer=init)]
    )


def run(blobs, model=None, report=None, optimizer=None, validation=None, **recipe):
    table = Table(X=blobs[0], y=blobs[1], validation=validation)
    options = {"epochs": 3, "batch_size": 30, "compile": "graph", **recipe}
    optimizer = optimizer or keras.optimizers.Adam(0.01)
    return train(
        model or network(),
        table,
        Recipe(**options),
        optimizer=optimizer,
        loss=SparseCrossEntropy(),
        report=report,
    )


def test_the_history_tells_what_happened(blobs):
    history = run(blobs)
    assert (history.mode, history.best_epoch, history.notes) == ("graph", 3, ())
    assert set(history.curve) == {"loss", "accuracy"}
    assert all(len(values) == 3 for values in (*history.curve.values(), history.epoch_s))
    assert history.compile_s == pytest.approx(history.epoch_s[0] - np.median(history.epoch_s[1:]))


def test_a_single_epoch_has_no_compile_time(blobs):
    assert run(blobs, epochs=1).compile_s is None


def test_training_learns(blobs):
    assert run(blobs, epochs=60).curve["accuracy"][-1] > 0.7


def test_early_stopping_restores_the_weights_of_the_best_epoch(blobs):
    model, rows = network(), np.arange(0, 90, 3)
    optimizer = keras.optimizers.SGD(3.0)
    history = run(blobs, model, optimizer=optimizer, validation=rows, epochs=40, patience=3)
    losses = history.curve["val_loss"]
    assert history.best_epoch == np.argmin(losses) + 1
    assert len(losses) == history.best_epoch + 3 < 40
    assert f"best epoch {history.best_epoch}" in history.notes[0]
    logits = model(blobs[0][rows], training=False)
    assert float(SparseCrossEntropy()(blobs[1][rows], logits)) == pytest.approx(min(losses), rel=1e-5)


def test_accuracy_can_decide_the_best_epoch(blobs):
    rows = np.arange(0, 90, 3)
    history = run(blobs, validation=rows, epochs=8, patience=8, monitor="val_accuracy")
    assert history.best_epoch == np.argmax(history.curve["val_accuracy"]) + 1


def test_a_report_of_false_stops_and_none_goes_on(blobs):
    seen = []
    history = run(blobs, report=lambda epoch, values: seen.append((epoch, sorted(values))), epochs=2)
    assert seen == [(1, ["accuracy", "loss"]), (2, ["accuracy", "loss"])]
    assert history.notes == ()
    stopped = run(blobs, report=lambda epoch, values: epoch < 2, epochs=9)
    assert stopped.notes == ("stopped on request after epoch 2 of 9",)


def test_a_deadline_in_the_past_leaves_one_epoch(blobs):
    history = run(blobs, deadline=time.monotonic() - 1)
    assert len(history.epoch_s) == 1
    assert history.notes == ("stopped by the deadline after epoch 1 of 3",)
    assert history.is_cut_short


def test_a_deadline_that_is_far_changes_nothing(blobs):
    history = run(blobs, deadline=time.monotonic() + 3600)
    assert len(history.epoch_s) == 3
    assert not history.is_cut_short


@pytest.mark.parametrize(
    ("epoch_s", "is_finished"),
    [([65.0], False), ([75.0], True), ([500.0, 50.0], False), ([1.0, 65.0, 65.0], True)],
)
def test_the_next_epoch_is_expected_to_take_as_long_as_one_without_compilation(epoch_s, is_finished):
    state = _Run(
        SimpleNamespace(epoch=None, table=None, recipe=Recipe(epochs=9)), 0, time.monotonic() + 60, 1.0
    )
    state.epoch_s, state.rows = epoch_s, [{}] * len(epoch_s)
    assert state.is_finished() is is_finished
    assert state.is_cut_short is is_finished


def test_divergence_is_an_error_and_not_a_model_of_nans(blobs):
    with pytest.raises(FloatingPointError, match=r"diverged in epoch \d+: loss"):
        run(blobs, optimizer=keras.optimizers.SGD(1e30), epochs=20)


def test_weights_that_are_not_finite_are_an_error(blobs):
    model = network()

    def spoil(epoch, values):
        model.layers[-1].bias.assign([np.inf] * 3)

    with pytest.raises(FloatingPointError, match="not finite"):
        run(blobs, model, report=spoil, epochs=1)


@pytest.mark.parametrize("size", [32, 89, 90, 500])
def test_the_tail_batch_is_trained_on_with_its_own_statistics(blobs, size):
    norm = keras.layers.BatchNormalization(momentum=0.0)
    model = keras.Sequential([keras.layers.Input((4,)), norm, keras.layers.Dense(3)])
    run(blobs, model, epochs=1, batch_size=size)
    order = Table(X=blobs[0], y=blobs[1]).order(0, 0)
    tail = blobs[0][order[(90 - 1) // size * size :]]
    np.testing.assert_allclose(norm.moving_mean.numpy(), tail.mean(axis=0), atol=1e-6)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"epochs": 0}, "epochs"),
        ({"batch_size": 0}, "batch_size"),
        ({"patience": 2}, "validation"),
        ({"compile": "jit"}, "compile"),
        ({"monitor": "loss"}, "monitor"),
        ({"validation": np.array([], int)}, "validation"),
    ],
)
def test_recipes_that_cannot_work_are_refused(blobs, wrong, message):
    with pytest.raises(ValueError, match=message):
        run(blobs, **wrong)


def test_two_schedules_are_refused(blobs):
    decay = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    with pytest.raises(ValueError, match="schedule"):
        run(blobs, optimizer=keras.optimizers.SGD(decay), schedule=lambda t: t)


def test_the_mode_follows_the_work_there_is(blobs):
    table = Table(X=blobs[0], y=blobs[1])
    model = network()
    weights = sum(int(np.prod(w.shape)) for w in model.trainable_variables)
    enough = ceil(loop.XLA_WORK / (weights * 90) ** 0.5)
    expected = {1: "eager", loop.GRAPH_STEPS: "graph", enough - 1: "graph", enough: "xla"}
    for epochs, mode in expected.items():
        assert execution_mode(model, table, Recipe(epochs=epochs, batch_size=90)) == (mode, None)
    assert execution_mode(model, table, Recipe(epochs=1, compile="xla")) == ("xla", None)


def test_compilation_pays_sooner_for_several_runs(blobs):
    table, recipe = Table(X=blobs[0], y=blobs[1]), Recipe(epochs=loop.GRAPH_STEPS // 3, batch_size=90)
    assert [execution_mode(network(), table, recipe, runs)[0] for runs in (1, 3)] == ["eager", "graph"]


@pytest.mark.parametrize("compiled", ["eager", "graph", "xla"])
@pytest.mark.parametrize("optimizer", ["adam", pytest.param("adagrad", marks=pytest.mark.slow)])
def test_runs_of_one_program_are_those_of_programs_of_their_own(blobs, compiled, optimizer):
    table = Table(X=blobs[0], y=blobs[1], validation=np.arange(0, 90, 3))
    recipe = Recipe(epochs=3, batch_size=32, compile=compiled, ema=0.9, schedule=lambda t: 1.0 - t)

    def trainer(model):
        return loop.Trainer(
            model, table, recipe, optimizer=keras.optimizers.get(optimizer), loss=SparseCrossEntropy()
        )

    models = [network(HashDropout(0.5, seed=seed)) for seed in (1, 2)]
    starts = [model.get_weights() for model in models]
    alone = [trainer(model).run(seed) for seed, model in enumerate(models)]
    ends = [model.get_weights() for model in models]
    shared = trainer(models[0])
    for seed in (1, 0, 1):
        models[0].set_weights(starts[seed])
        assert shared.run(seed).curve == alone[seed].curve
        for found, expected in zip(models[0].get_weights(), ends[seed], strict=True):
            np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("noisy", [keras.layers.Dropout(0.5), keras.layers.GaussianNoise(0.1)])
def test_layers_with_keras_randomness_run_without_xla_and_say_so(blobs, noisy):
    recipe = Recipe(epochs=10**6)
    mode, note = execution_mode(network(noisy), Table(X=blobs[0], y=blobs[1]), recipe)
    assert mode == "graph"
    assert "random" in note


def test_hash_dropout_is_no_reason_to_leave_xla(blobs):
    recipe = Recipe(epochs=10**6)
    assert execution_mode(network(HashDropout(0.5)), Table(X=blobs[0], y=blobs[1]), recipe) == ("xla", None)


class Foreign(keras.layers.Layer):
    """Calls back into Python, which XLA cannot compile."""

    def call(self, inputs):
        return inputs + tf.reshape(tf.py_function(lambda: 0.0, [], tf.float32), ())


def test_a_model_that_xla_cannot_compile_is_trained_without_it_and_noted(blobs, monkeypatch):
    monkeypatch.setattr(loop, "XLA_WORK", 1)
    monkeypatch.setattr(loop, "GRAPH_STEPS", 1)
    history = run(blobs, network(Foreign()), compile="auto")
    assert history.mode == "graph"
    assert "XLA" in history.notes[0]
    assert history.curve["loss"][-1] < history.curve["loss"][0]


def test_xla_that_was_asked_for_is_not_replaced_in_silence(blobs):
    with pytest.raises(tf.errors.OpError):
        run(blobs, network(Foreign()), compile="xla")


FIT = """
import hashlib, sys
import numpy as np
from suite.neural.classifier import KerasClassifier
from suite.neural.networks import Mlp
rng = np.random.default_rng(0)
X, y = rng.normal(size=(150, 5)), rng.integers(0, 3, 150)
network = Mlp((8, 8), dropout=0.2, batch_norm=True)
for seed in map(int, sys.argv[1:]):
    model = KerasClassifier(network, epochs=4, random_state=seed, compile="xla").fit(X, y)
    weights = b"".join(w.tobytes() for w in model.models_[0].get_weights())
    print(hashlib.sha256(weights).hexdigest())
"""


def digests(*seeds):
    """Start a process that fits with each seed."""
    return subprocess.Popen(
        [sys.executable, "-c", FIT, *map(str, seeds)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TF_CPP_MIN_LOG_LEVEL": "3"},
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_a_second_fit_equals_the_first_fit_of_a_fresh_process_bit_for_bit():
    with digests(7, 1) as both, digests(1) as fresh:
        told = [process.communicate(timeout=200)[0].split() for process in (both, fresh)]
    assert both.returncode == fresh.returncode == 0
    assert [len(lines) for lines in told] == [2, 1]
    assert told[0][1] == told[1][0]
