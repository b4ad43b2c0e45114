"""Shared by all tests: the music_genre table where it is present, and a quiet TensorFlow."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"


def _data_dir() -> Path | None:
    for folder in (os.environ.get("SUITE_DATA"), BESIDE):
        if folder and (Path(folder) / "music_genre.csv.zip").is_file():
            return Path(folder)
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if _data_dir() is not None:
        return
    absent = pytest.mark.skip(reason="the music_genre table is absent: set SUITE_DATA to its folder")
    for item in items:
        if item.get_closest_marker("data"):
            item.add_marker(absent)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder that holds music_genre.csv.zip; tests that use it are marked `data`."""
    folder = _data_dir()
    if folder is None:
        pytest.skip("the music_genre table is absent: set SUITE_DATA to its folder")
    return folder
