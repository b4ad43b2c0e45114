from __future__ import annotations

import sys

import numpy as np
import pytest

from suite import meter


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_that_was_freed_is_given_back_to_the_system() -> None:
    # Blocks below the threshold of glibc stay in its heap, under one that is still in use.
    blocks = [np.ones(12_000) for _ in range(2000)]
    last = np.ones(12_000)
    held = meter.rss_mb()
    del blocks
    meter.give_back()
    left = meter.rss_mb()
    assert held is not None
    assert left is not None
    assert held - left > 100
    assert last.sum() == 12_000
