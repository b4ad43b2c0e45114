"""Shared by the tests of commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from suite.commands import main


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Run a command in an empty folder; cells in this very process, which spares the start of workers."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("SUITE_DATA", raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    inline = {"run": ["--executor", "inline"]}
    return lambda *args: main([*map(str, args), *inline.get(str(args[0]), [])])
