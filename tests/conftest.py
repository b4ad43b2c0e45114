"""Shared by all tests: the music_genre table where it is present, and a quiet TensorFlow."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

import suite

# Always the same examples, and fewer: CI counts which lines they reach, which makes them slow.
settings.register_profile("ci", settings.get_profile("ci"), max_examples=30)

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"


def _data_dir() -> Path | None:
    for folder in (os.environ.get("SUITE_DATA"), BESIDE):
        if folder and (Path(folder) / "music_genre.csv.zip").is_file():
            return Path(folder)
    return None


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    # The plugin would import, collect and skip every test.
    return True if config.getoption("benchmark_only") else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if _data_dir() is not None:
        return
    absent = pytest.mark.skip(reason="the music_genre table is absent: set SUITE_DATA to its folder")
    for item in items:
        if item.get_closest_marker("data"):
            item.add_marker(absent)


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    """Hold numpy and scipy to one thread: those of two test processes on two cores would wait for each other."""
    import scipy.linalg  # noqa: F401

    from suite import threads

    with threads.limited(1):
        yield


@pytest.fixture(scope="session", autouse=True)
def latency_calls() -> Iterator[range]:
    """Ask models for a few single rows, not for a quarter of a second; gives how many a run asks for.

    Children of a test do as they always do.
    """
    from suite.fitting import measure

    usual = measure.LATENCY_CALLS
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measure, "LATENCY_CALLS", range(2, 5))
        yield usual


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder that holds music_genre.csv.zip; tests that use it are marked `data`."""
    folder = _data_dir()
    if folder is None:
        pytest.skip("the music_genre table is absent: set SUITE_DATA to its folder")
    return folder


@pytest.fixture(scope="module")
def searchable() -> Iterator[None]:
    """Give two quick entries a space, and one of them a portfolio; the others have nothing to search."""
    from suite.models.catalogue import MODELS

    def smoothing(trial: Any) -> dict[str, Any]:
        return {"var_smoothing": trial.suggest_float("var_smoothing", 1e-12, 1e-1, log=True)}

    def neighbours(trial: Any) -> dict[str, Any]:
        return {
            "n_neighbors": trial.suggest_int("n_neighbors", 1, 30),
            "weights": trial.suggest_categorical("weights", ["uniform", "distance"]),
        }

    before = dict(MODELS._entries)
    bare = {name: replace(spec, space=None, portfolio=()) for name, spec in before.items()}
    known = ({"var_smoothing": 1e-3}, {"var_smoothing": 1e-6})
    MODELS._entries.update(bare)
    MODELS._entries["naive_bayes"] = replace(bare["naive_bayes"], space=smoothing, portfolio=known)
    MODELS._entries["knn"] = replace(bare["knn"], space=neighbours)
    yield
    MODELS._entries.update(before)


@pytest.fixture
def in_a_container() -> Callable[[str], None]:
    """Return a function that runs code where the files are these and the processes are not, as in a container."""
    unshare = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc"]
    environment = {**os.environ, "PYTHONPATH": str(Path(suite.__file__).parents[1])}
    try:
        subprocess.run([*unshare, "true"], capture_output=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        pytest.skip("no process namespace can be made here")

    def run(code: str) -> None:
        subprocess.run([*unshare, sys.executable, "-c", code], env=environment, timeout=60, check=True)

    return run


@pytest.fixture(scope="session")
def folder_of() -> Callable[..., Path]:
    """Return a function that writes a folder as an export does, with a model fitted on the rows of a table."""
    import numpy as np

    from suite.datasets.catalogue import load
    from suite.datasets.column_store import plain_columns
    from suite.exports import estimator
    from suite.exports.folder import FORMAT, RECIPE, seal
    from suite.exports.news import columns_of
    from suite.models.dummy import PriorClassifier

    def folder_of(folder: Path, config: Any, model: Any = None) -> Path:
        """Write a folder as an export does, with a model fitted on the rows of a table, or the class frequencies."""
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

    return folder_of
