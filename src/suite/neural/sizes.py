"""Batch size and epochs by the number of rows, so that one recipe serves small and large tables."""

from __future__ import annotations

import math
from typing import NamedTuple

BATCHES = 40
"""Fewest steps of an epoch, where the smallest batch allows it."""
SMALLEST_BATCH = 16
STEPS = 800
"""Fewest steps of a training: few rows get more epochs."""


class Size(NamedTuple):
    """What `sized` settles."""

    epochs: int
    batch_size: int


def sized(n_rows: int, epochs: int, batch_size: int) -> Size:
    """Return epochs and batch size for `n_rows` training rows, given those for a large table."""
    batch = min(batch_size, max(SMALLEST_BATCH, n_rows // BATCHES))
    steps = math.ceil(n_rows / batch)
    return Size(max(epochs, math.ceil(STEPS / steps)), batch)
