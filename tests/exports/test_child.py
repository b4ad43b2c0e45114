"""The children of an export: one that fits and one that only reads, each with a folder and the export's threads."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from suite import threads
from suite.exports import child
from suite.supervision.verdict import Limits


class Recorded(ExitStack):
    """Stands for a child; keeps what it was started with."""

    def __init__(self, command: object, *, cwd: Path, env: dict[str, str]) -> None:
        super().__init__()
        self.cwd, self.env = cwd, env


def test_a_child_that_fits_and_one_that_reads_are_two_each_with_the_exports_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "Child", Recorded)
    with child.Children(tmp_path, 3, Limits(time_s=60)) as children:
        fits, reads = children._child("fit"), children._child("read")
        assert children._child("fit") is fits
    assert (fits.cwd, reads.cwd) == (tmp_path / "home-fit", tmp_path / "home-read")
    for one in (fits, reads):
        assert one.env == {**threads.environment(3), "SUITE_DATA": ""}
        assert list(one.cwd.iterdir()) == []
