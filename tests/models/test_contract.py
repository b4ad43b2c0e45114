"""What every registered model keeps, whatever its library."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import suite.models
from suite.fitting import fit_predict
from suite.models.catalogue import MODELS
from suite.schema import FitOutput, Job, Task

QUICK = {"epochs": 2, "n_estimators": 10, "max_iter": 20, "members": 2, "max_rounds": 20, "outer_bags": 2}


def fit(model: str, n: int = 150, n_classes: int = 3) -> FitOutput:
    generator = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "f0": (generator.normal(size=n) + np.arange(n) % n_classes).astype(np.float32),
            "f1": np.where(generator.random(n) < 0.1, np.nan, generator.normal(size=n)),
            "f2": pd.Categorical(generator.choice(["x", "y", None], n), categories=["x", "y"]),
        }
    )
    y = np.arange(n) % n_classes
    n_train = n - 30
    spec = MODELS[model]
    job = Job(
        model=model,
        params={name: QUICK.get(name, value) for name, value in spec.params.items()},
        task=Task(
            kinds=("numeric", "numeric", "categorical"),
            levels=(0, 0, 2),
            n_train=n_train,
            n_features=3,
            n_classes=n_classes,
            validation=np.arange(n_train - n_train // 5, n_train),
        ),
        X_train=X.iloc[:n_train],
        y_train=y[:n_train],
        X_test=X.iloc[n_train:].reset_index(drop=True),
        seed=5,
        threads=1,
    )
    return fit_predict(job)


@cache
def fitted(model: str) -> FitOutput:
    """The first fit to three classes."""
    return fit(model)


@pytest.mark.parametrize("model", MODELS)
def test_probabilities_have_a_column_a_class_and_sum_to_one(model: str) -> None:
    output = fitted(model)
    assert output.status == "ok", output.failure
    assert output.proba is not None
    assert output.proba.shape == (30, 3)
    assert (output.proba >= 0).all()
    np.testing.assert_allclose(output.proba.sum(axis=1), 1, atol=1e-3)
    assert output.n_validation == (24 if "validation" in MODELS[model].params else 0)


@pytest.mark.usefixtures("few_steps")
@pytest.mark.parametrize("model", MODELS)
def test_two_classes_have_two_columns(model: str) -> None:
    output = fit(model, n_classes=2)
    assert output.status == "ok", output.failure
    assert output.proba is not None
    assert output.proba.shape == (30, 2)


@pytest.mark.parametrize("model", MODELS)
def test_the_same_cell_gives_the_same_probabilities_twice(model: str) -> None:
    one, other = fitted(model), fit(model)
    assert one.proba is not None
    assert other.proba is not None
    assert np.array_equal(one.proba, other.proba)


@pytest.mark.parametrize("model", MODELS)
def test_an_entry_is_one_small_file_named_after_it(model: str) -> None:
    path = Path(suite.models.__file__).parent / f"{model}.py"
    assert len(path.read_text().splitlines()) <= 80
    top = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.ImportFrom | ast.Import)]
    modules = {node.module if isinstance(node, ast.ImportFrom) else node.names[0].name for node in top}
    assert all(
        str(m).split(".")[0] in {"__future__", "typing", "functools", "numpy", "suite"} for m in modules
    )
    assert MODELS[model].requires
