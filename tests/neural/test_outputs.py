from __future__ import annotations

import itertools
import os
import subprocess
import sys
from contextlib import ExitStack

import keras
import numpy as np
import pytest
from scipy.special import log_softmax

from suite.neural.outputs import TILE, Outputs, best_temperature


def network(activation=None, seed=0):
    initial = keras.initializers.GlorotUniform(seed=seed)
    dense = keras.layers.Dense(3, activation=activation, kernel_initializer=initial)
    return keras.Sequential([keras.layers.Input((4,)), dense])


def test_the_logits_of_one_network_are_its_outputs(blobs):
    model = network()
    found = Outputs([model], 4, are_logits=True).logits(blobs[0])
    np.testing.assert_allclose(found, model(blobs[0]).numpy(), rtol=1e-5, atol=1e-6)


def test_probabilities_of_networks_that_end_in_logits_or_a_softmax_are_averaged_alike(blobs):
    found = []
    for activation in (None, "softmax"):
        models = [network(activation, seed) for seed in (1, 2)]
        found.append(Outputs(models, 4, are_logits=activation is None).logits(blobs[0]))
    np.testing.assert_allclose(*found, atol=1e-5)
    np.testing.assert_allclose(np.exp(found[0]).sum(axis=1), 1.0)


def test_outputs_in_chunks_equal_outputs_at_once(blobs, monkeypatch):
    outputs = Outputs([network(), network(seed=1)], 4, are_logits=True)
    whole = outputs.logits(blobs[0])
    monkeypatch.setattr("suite.neural.outputs.CHUNK", 40)
    np.testing.assert_array_equal(outputs.logits(blobs[0]), whole)


@pytest.mark.parametrize("n", [1, TILE, TILE + 1])
def test_networks_see_tiles_of_one_size(n):
    seen = []

    def model(rows, training):
        seen.append((tuple(rows.shape), training))
        return rows[:, :3] + 1.0

    X = np.random.default_rng(0).normal(size=(n, 4)).astype(np.float32)
    np.testing.assert_array_equal(Outputs([model], 4, are_logits=True).logits(X), X[:, :3] + np.float32(1.0))
    assert set(seen) == {((TILE, 4), False)}


COMPANY = """
import numpy as np
from suite.neural.networks import Mlp
from suite.neural.outputs import TILE, Outputs

rng = np.random.default_rng(0)
X = rng.normal(size=(1000, 21)).astype("f4")
outputs = Outputs([Mlp((256, 256), activation="silu")(X, 3)], 21, are_logits=True)
outputs.models[0](X[:2])
whole, order = outputs.logits(X), rng.permutation(1000)
assert np.array_equal(outputs.logits(X[order]), whole[order])
for rows in (slice(5, 6), slice(17, 53), slice(300, 900)):
    assert np.array_equal(outputs.logits(X[rows]), whole[rows]), rows
"""


KERNELS = list(itertools.product(("AVX2", "ALL"), ("0", "1")))


@pytest.fixture(scope="module")
def companies():
    """Start the four processes at once: each spends most of its time in the import of TensorFlow."""
    with ExitStack() as processes:
        yield {
            (processor, operations): processes.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", COMPANY],
                    env={**os.environ, "ONEDNN_MAX_CPU_ISA": processor, "TF_ENABLE_ONEDNN_OPTS": operations},
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
            for processor, operations in KERNELS
        }


@pytest.mark.slow
@pytest.mark.parametrize(("processor", "operations"), KERNELS)
def test_the_outputs_of_a_row_do_not_depend_on_the_rows_around_it(processor, operations, companies):
    process = companies[processor, operations]
    _, error = process.communicate(timeout=120)
    assert process.returncode == 0, error


def test_an_output_that_is_not_finite_is_told_with_its_rows(blobs):
    rows = blobs[0].copy()
    rows[[3, 5]] = np.inf
    with pytest.raises(FloatingPointError, match=f"not finite in 2 of {len(rows)} rows"):
        Outputs([network(), network(seed=1)], 4, are_logits=True).logits(rows)


def test_the_temperature_undoes_a_factor_on_the_logits():
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(5000, 3))
    codes = np.array([generator.choice(3, p=row) for row in np.exp(log_softmax(logits, axis=1))])
    plain = best_temperature(logits, codes)
    assert plain == pytest.approx(1.0, abs=0.15)
    assert best_temperature(4.0 * logits, codes) == pytest.approx(4.0 * plain, rel=1e-3)
