from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from suite.models.catalogue import MODELS
from suite.planning.expected import BESIDES_S, guess, measured
from suite.schema import Timing


def work(model: str, rows: int = 1000, key: str = "k", dataset: str = "toy") -> Any:
    family = MODELS[model].family if model in MODELS else "custom"
    return SimpleNamespace(
        model=model,
        cell=SimpleNamespace(model=model, family=family, key=key, dataset=dataset),
        split=SimpleNamespace(train=np.arange(rows)),
        dataset=SimpleNamespace(X=np.empty((rows, 10))),
    )


def record(fit_s: float | None, predict_s: float | None = 1.0, **fields: Any) -> Any:
    plain = {"is_run": True, "status": "ok", "dataset": "toy", "model": "knn"}
    identity = SimpleNamespace(is_default=fields.pop("is_default", True))
    return SimpleNamespace(
        id=identity, timing=Timing(fit_s=fit_s, predict_s=predict_s), **{**plain, **fields}
    )


def test_an_ensemble_is_guessed_to_take_longer_than_its_network() -> None:
    assert guess(work("keras_ensemble")) > guess(work("keras_embeddings")) > guess(work("logistic"))


def test_more_rows_are_guessed_to_take_longer_and_a_factory_has_a_guess_too() -> None:
    assert guess(work("my.module:factory", 10**6)) > guess(work("my.module:factory", 100)) > BESIDES_S


def test_the_median_of_earlier_cells_of_the_same_model_and_data_is_what_a_cell_should_take() -> None:
    records = [
        record(2.0),
        record(4.0),
        record(60.0),
        record(9.0, model="logistic"),
        record(9.0, dataset="other"),
        record(9.0, status="crash"),
        record(9.0, is_run=False),
        record(None, None),
    ]
    found = measured([work("knn", key="a"), work("dummy", key="b")], records)
    assert found == {"a": pytest.approx(4.0 + 1.0 + BESIDES_S)}


def test_what_a_search_chose_says_nothing_of_how_long_the_default_takes() -> None:
    records = [record(fit_s=1.0), record(fit_s=90.0, is_default=False)]
    (seconds,) = measured([work("knn")], records).values()
    assert seconds < 10.0
