"""Shared by the tests of exported models: a messy table, and a folder that holds a model of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from suite.config import DataConfig
from suite.datasets.catalogue import load
from suite.datasets.column_store import plain_columns
from suite.exports import estimator
from suite.exports.folder import FORMAT, RECIPE, seal
from suite.exports.news import columns_of
from suite.models.dummy import PriorClassifier


def folder_of(folder: Path, config: DataConfig, model: Any = None) -> Path:
    """Write a folder as an export does, with a model that was fitted on the rows of a table, or the class frequencies."""
    folder.mkdir()
    dataset = load(config)
    X = plain_columns(dataset.X)
    model = model or PriorClassifier()
    saved = estimator.save(model.fit(X, dataset.y.astype(int)), folder)
    (folder / RECIPE).write_text(dataset.recipe, encoding="utf-8")
    seal(
        folder,
        {
            "format": FORMAT,
            "model": "dummy",
            "entry": "dummy",
            "model_version": "1",
            "params": {},
            "dataset": dataset.name,
            "fingerprint": dataset.fingerprint,
            "target": dataset.target,
            "protocol": "holdout",
            "split": "holdout-42",
            "split_fingerprint": "0",
            "seed": 0,
            "record": "0",
            "classes": dataset.classes,
            "present": tuple(int(code) for code in np.unique(dataset.y)),
            "columns": columns_of(X, dataset.kinds),
            "no_header": "no-header" in dataset.chosen,
            "n_rows": len(dataset.y),
            "estimator": saved,
        },
    )
    return folder


@pytest.fixture
def exported(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes text to a file, and a folder with a model of it."""

    def exported(text: str, target: str = "y", **options: Any) -> Path:
        table = tmp_path / "table.csv"
        table.write_text(text, encoding="utf-8")
        return folder_of(tmp_path / "model", DataConfig(source=str(table), target=target, **options))

    return exported
