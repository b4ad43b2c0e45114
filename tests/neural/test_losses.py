from __future__ import annotations

import keras
import numpy as np
import pytest

from suite.neural.losses import SparseCrossEntropy

LOGITS = np.random.default_rng(0).normal(size=(7, 4)).astype(np.float32)
LABELS = np.array([0, 1, 2, 3, 0, 1, 2], np.int32)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("from_logits", [True, False])
def test_integer_labels_give_the_loss_that_keras_gives_one_hot_labels(smoothing, from_logits):
    output = LOGITS if from_logits else keras.ops.softmax(LOGITS)
    reference = keras.losses.CategoricalCrossentropy(from_logits=from_logits, label_smoothing=smoothing)
    ours = SparseCrossEntropy(smoothing, from_logits)
    weight = np.arange(7, dtype=np.float32)
    expected = float(reference(np.eye(4)[LABELS], output, sample_weight=weight))
    assert float(ours(LABELS, output, sample_weight=weight)) == pytest.approx(expected, rel=1e-6)


def test_the_loss_survives_its_own_configuration():
    loss = SparseCrossEntropy(0.2, False)
    copy = SparseCrossEntropy.from_config(loss.get_config())
    assert (copy.label_smoothing, copy.from_logits) == (0.2, False)
