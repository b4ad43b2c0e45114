"""Real tables that come inside scikit-learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from suite.datasets.entries.define import dataset

if TYPE_CHECKING:
    import pandas as pd


@dataset(protocol="holdout")
def digits() -> tuple[pd.DataFrame, pd.Series[Any]]:
    """Handwritten digits, 1,797 images of 8 x 8 pixels, 10 classes (UCI optdigits, test part)."""
    from sklearn.datasets import load_digits

    return _frame_and_names(load_digits(as_frame=True), "digit")


@dataset()
def wine() -> tuple[pd.DataFrame, pd.Series[Any]]:
    """Chemical analysis of 178 Italian wines of 3 cultivars (UCI wine)."""
    from sklearn.datasets import load_wine

    return _frame_and_names(load_wine(as_frame=True), "cultivar")


@dataset()
def breast_cancer() -> tuple[pd.DataFrame, pd.Series[Any]]:
    """Cell nuclei of 569 breast masses, malignant or benign (UCI, Wisconsin diagnostic)."""
    from sklearn.datasets import load_breast_cancer

    return _frame_and_names(load_breast_cancer(as_frame=True), "diagnosis")


@dataset()
def iris() -> tuple[pd.DataFrame, pd.Series[Any]]:
    """Petals and sepals of 150 irises of 3 species (Fisher 1936)."""
    from sklearn.datasets import load_iris

    return _frame_and_names(load_iris(as_frame=True), "species")


def _frame_and_names(bunch: Any, target: str) -> tuple[pd.DataFrame, pd.Series[Any]]:
    import pandas as pd

    return bunch.data, pd.Series(bunch.target_names[bunch.target], name=target)
