"""Shared by the tests of exported models: a folder that holds a model of a table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from suite.config import DataConfig


@pytest.fixture
def exported(tmp_path: Path, folder_of: Callable[..., Path]) -> Callable[..., Path]:
    """Return a function that writes text to a file, and a folder with a model of it."""

    def exported(text: str, target: str = "y", **options: Any) -> Path:
        table = tmp_path / "table.csv"
        table.write_text(text, encoding="utf-8")
        return folder_of(tmp_path / "model", DataConfig(source=str(table), target=target, **options))

    return exported
