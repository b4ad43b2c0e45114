from __future__ import annotations

import sys

import pytest


@pytest.fixture(autouse=True)
def own_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search path for modules that a factory may change for good."""
    monkeypatch.setattr(sys, "path", [*sys.path])
