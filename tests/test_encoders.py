"""Encodings repeat: the same seed gives the same cross-fitting folds, whatever was drawn before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from suite.encoders import HeldOutTargetEncoder, NativeEncoder
from suite.features import native, scaled
from suite.schema import Task

N = 200
X = pd.DataFrame(
    {"town": pd.Categorical([f"town {i % 45}" for i in range(N)]), "name": pd.Categorical([*"ab"] * 100)}
)
Y = np.random.default_rng(0).integers(0, 3, N)
TASK = Task(
    kinds=("categorical", "text"),
    levels=(45, 2),
    n_train=N,
    n_features=2,
    n_classes=3,
    validation=np.arange(9),
)

ENCODERS: dict[str, Callable[[int], Any]] = {
    "target": lambda seed: HeldOutTargetEncoder(random_state=seed),
    "target, rows held out": lambda seed: HeldOutTargetEncoder(np.arange(150, N), random_state=seed),
    "native": lambda seed: NativeEncoder([], [1], [0], random_state=seed),
    "features of boosters": lambda seed: native(TASK, seed=seed),
    "features of the others": lambda seed: scaled(TASK, seed=seed),
}


def encoded(name: str, seed: int) -> np.ndarray:
    return np.asarray(ENCODERS[name](seed).fit_transform(X, Y), dtype=float)


@pytest.mark.parametrize("name", ENCODERS)
def test_folds_of_one_seed_are_the_same_twice_and_those_of_another_are_not(name: str) -> None:
    np.random.seed(1)
    one = encoded(name, 5)
    np.random.seed(2)
    assert np.array_equal(one, encoded(name, 5))
    assert not np.array_equal(one, encoded(name, 6))
