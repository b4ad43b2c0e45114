from __future__ import annotations

import pickle

import numpy as np
import pytest

from suite.neural.layers import CategoryEmbedding, FastBatchNorm, HashDropout, PeriodicEmbedding
from suite.neural.networks import EmbeddingMlp, Mlp


def kinds(model):
    return [type(layer).__name__ for layer in model.layers]


def test_an_mlp_has_the_layers_it_was_asked_for(blobs):
    model = Mlp((8, 6), activation="leaky_relu", dropout=(0.3, 0.0), batch_norm=True)(blobs[0], 3)
    block = ["Dense", FastBatchNorm.__name__, "Activation"]
    assert kinds(model) == ["InputLayer", *block, HashDropout.__name__, *block, "Dense"]
    assert model(blobs[0]).shape == (90, 3)


@pytest.mark.parametrize("activation", ["selu", "relu", "silu", "tanh"])
def test_an_mlp_starts_with_activations_of_a_sane_scale(activation):
    X = np.random.default_rng(0).normal(size=(200, 30)).astype(np.float32)
    logits = Mlp((64, 64, 64), activation=activation)(X, 5)(X).numpy()
    assert 0.02 < logits.std() < 5


def test_embeddings_split_the_columns_by_kind_and_size_categories_by_the_rows():
    X = np.array([[0.1, 0, 2.0, 3], [0.2, 1, 3.0, 0]], np.float32)
    model = EmbeddingMlp(categorical=[1, 3], mlp=Mlp((5,)))(X, 2)
    (categories,) = [layer for layer in model.layers if isinstance(layer, CategoryEmbedding)]
    (periodic,) = [layer for layer in model.layers if isinstance(layer, PeriodicEmbedding)]
    assert (categories.levels, categories.units) == ([2, 4], [1, 2])
    assert periodic.coefficients.shape == (2, 16)
    assert model(X).shape == (2, 2)


@pytest.mark.parametrize(("categorical", "beside"), [((), 2), ((1,), 1), ((0, 1), 0)])
def test_numbers_may_stand_beside_their_embeddings(categorical, beside):
    X = np.array([[0, 1], [1, 0]], np.float32)
    without, beside_them = (
        EmbeddingMlp(categorical=categorical, mlp=Mlp((5,)), numbers=numbers)(X, 2)
        for numbers in (False, True)
    )
    (before,), (after,) = (
        [layer.kernel.shape[0] for layer in model.layers if getattr(layer, "units", 0) == 5]
        for model in (without, beside_them)
    )
    assert after - before == beside


@pytest.mark.parametrize("categorical", [(), (0, 1)])
def test_embeddings_need_neither_categories_nor_numbers(categorical):
    X = np.array([[0, 1], [1, 0]], np.float32)
    assert EmbeddingMlp(categorical=categorical, mlp=Mlp((5,)))(X, 2)(X).shape == (2, 2)


def test_builders_are_values_that_can_be_pickled_and_compared():
    for builder in (Mlp((3,), dropout=0.1), EmbeddingMlp(categorical=[2], sigma=0.5)):
        assert pickle.loads(pickle.dumps(builder)) == builder
