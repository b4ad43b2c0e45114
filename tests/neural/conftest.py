"""Small learnable tables for the tests of the neural library."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture(scope="session")
def blobs() -> tuple[np.ndarray, np.ndarray]:
    """90 rows of 4 float32 columns in 3 overlapping classes."""
    rng = np.random.default_rng(0)
    y = np.repeat(np.arange(3), 30).astype(np.int32)
    X = (rng.normal(size=(90, 4)) + 1.5 * np.eye(3, 4)[y]).astype(np.float32)
    return X, y
