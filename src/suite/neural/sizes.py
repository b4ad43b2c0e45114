"""Batch size and epochs by the number of rows, so that one recipe serves small and large tables."""

from __future__ import annotations

import math
from typing import NamedTuple

BATCHES = 40
"""An epoch has at least so many steps where the smallest batch allows it."""
SMALLEST_BATCH = 16
STEPS = 800
"""A training has at least so many steps, by more epochs where there are few rows."""


class Size(NamedTuple):
    """What `sized` settles."""

    epochs: int
    batch_size: int


def sized(n_rows: int, epochs: int, batch_size: int) -> Size:
    """Return epochs and batch size for `n_rows` training rows, given those for a large table."""
    batch = min(batch_size, max(SMALLEST_BATCH, n_rows // BATCHES))
    steps = math.ceil(n_rows / batch)
    return Size(max(epochs, math.ceil(STEPS / steps)), batch)
