from __future__ import annotations

import keras
import numpy as np
import pytest
from scipy.special import log_softmax

from suite.neural.outputs import Outputs, best_temperature


def network(activation=None, seed=0):
    initial = keras.initializers.GlorotUniform(seed=seed)
    dense = keras.layers.Dense(3, activation=activation, kernel_initializer=initial)
    return keras.Sequential([keras.layers.Input((4,)), dense])


def test_the_logits_of_one_network_are_its_outputs(blobs):
    model = network()
    found = Outputs([model], 4, are_logits=True).logits(blobs[0])
    np.testing.assert_allclose(found, model(blobs[0]).numpy(), rtol=1e-6)


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
    np.testing.assert_allclose(outputs.logits(blobs[0]), whole, atol=1e-6)


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
