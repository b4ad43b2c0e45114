from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from suite.fitting.fit import _missing_package
from suite.models.catalogue import MODELS


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests of models whose library, an extra, is not installed."""
    for item in items:
        params = item.callspec.params if hasattr(item, "callspec") else {}
        named = [MODELS[name] for name in params.values() if isinstance(name, str) and name in MODELS]
        if missing := next(filter(None, map(_missing_package, named)), None):
            item.add_marker(pytest.mark.skip(reason=f"{missing} is not installed"))


@pytest.fixture
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let networks train for the epochs that they are given, however few the rows; otherwise it is 200 steps."""
    monkeypatch.setattr("suite.neural.sizes.STEPS", 1)


@pytest.fixture(autouse=True)
def own_modules(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A search path for modules that a factory may change for good; what it imports is forgotten."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]
