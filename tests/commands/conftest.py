"""Shared by the tests of commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from suite.commands import main


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Run a command in an empty folder; cells in this very process, which spares the start of workers.

    They get one thread each, if no other number is given: small tables gain nothing by a second, and boosters wait
    long for it where the machine is busy.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("SUITE_DATA", raising=False)
    monkeypatch.setenv("COLUMNS", "100")

    def suite(*args: object) -> int:
        words = [*map(str, args)]
        if words[0] == "run":
            words += ["--executor", "inline", *([] if "--threads" in words else ["--threads", "1"])]
        return main(words)

    return suite
