"""Learning curves as a file: written with what is no number as None, read strictly, told apart by a digest."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

from suite.disk import encoded, read_bytes
from suite.errors import RecordError
from suite.names import digest
from suite.nouns import dumps, loads, sound

MAX_BYTES = 50_000_000
Curve: TypeAlias = Mapping[str, Iterable[float | None]]
"""Loss and accuracy per epoch, by name."""


def steps_of(curve: Curve | None) -> dict[str, list[float | None]]:
    """Return a curve as its file has it."""
    return {name: [_finite(value) for value in values] for name, values in (curve or {}).items()}


def curve_digest(curve: Curve | None) -> str | None:
    """Return the sha256 of a curve, whatever file it comes from; None if there is none."""
    steps = steps_of(curve)
    return digest(steps) if steps else None


def packed(curve: Curve | None) -> bytes | None:
    """Return the content of a file; None if there is no curve."""
    steps = steps_of(curve)
    return encoded(dumps(steps) + "\n") if steps else None


def unpacked(path: Path) -> dict[str, list[float | None]]:
    """Read a file; RecordError if it holds no curve."""
    curve = sound(loads(read_bytes(path, MAX_BYTES)), Mapping[str, tuple[float | None, ...]])
    for name, values in curve.items():
        if name.endswith("accuracy") and not all(value is None or 0 <= value <= 1 for value in values):
            raise RecordError(f"{name} is not always between 0 and 1")
    return steps_of(curve)


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)
