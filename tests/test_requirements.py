from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]


def locked(path: Path) -> dict[str, Requirement]:
    """The packages that a lock pins, by name."""
    lines = (line.removesuffix("\\") for line in path.read_text().splitlines() if line[:1].strip(" #"))
    return {canonicalize_name(pin.name): pin for pin in map(Requirement, lines)}


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-lowest.lock"])
def test_a_lock_names_the_extras_that_its_packages_ask_for(name: str) -> None:
    """Without them, pip before 24.1 takes the newest release for one that is not pinned, and refuses the lock."""
    pins = locked(ROOT / name)
    asked = 0
    for pin in pins.values():
        try:
            requires = distribution(pin.name).requires or []
        except PackageNotFoundError:
            continue  # for another system or another Python
        for needed in map(Requirement, requires):
            if needed.extras and (needed.marker is None or needed.marker.evaluate({"extra": ""})):
                assert needed.extras <= pins[canonicalize_name(needed.name)].extras, (
                    f"{pin.name} asks for {needed}"
                )
                asked += 1
    assert asked
