from __future__ import annotations

import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier

from suite.models._lightgbm import NarrowLGBMClassifier


def table(n: int = 400) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, n)
    X = pd.DataFrame(
        {
            "f0": (rng.normal(size=n) + y).astype(np.float32),
            "f1": np.where(rng.random(n) < 0.2, np.nan, rng.normal(size=n)).astype(np.float32),
            "f2": pd.Categorical.from_codes(
                np.where(rng.random(n) < 0.2, -1, (y + rng.integers(0, 2, n)) % 5), [*"abcde"]
            ),
        }
    )
    return X, y


def test_it_grows_the_trees_of_the_plain_classifier() -> None:
    X, y = table()
    options = {"n_estimators": 20, "min_child_samples": 5, "n_jobs": 1, "verbose": -1, "cat_smooth": 1.0}
    plain, narrow = (kind(**options).fit(X, y) for kind in (LGBMClassifier, NarrowLGBMClassifier))
    np.testing.assert_array_equal(narrow.predict_proba(X), plain.predict_proba(X))
    np.testing.assert_array_equal(narrow.predict(X), plain.predict(X))
    assert (plain.feature_importances_ > 0).all()


def test_a_table_without_categories_is_fitted_too() -> None:
    X, y = table()
    assert NarrowLGBMClassifier(n_estimators=2, verbose=-1).fit(X[["f0", "f1"]], y).n_features_in_ == 2
