"""A table for the tests of the column store."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def table() -> pd.DataFrame:
    """Columns of every type that the store holds."""
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "f0": rng.normal(size=50).astype(np.float32),
            "f1": np.where(np.arange(50) % 7, rng.normal(size=50), np.nan),
            "f2": pd.Categorical.from_codes(np.arange(50) % 4 - 1, categories=["ä", "None", "c"]),
            "f3": np.arange(50),
            "f4": np.arange(50) % 2 == 0,
        }
    )
