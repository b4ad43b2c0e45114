from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from suite.neural.sizes import SMALLEST_BATCH, STEPS, sized


@given(st.integers(1, 10_000_000), st.integers(1, 100), st.integers(SMALLEST_BATCH, 1024))
def test_small_tables_get_more_epochs_of_smaller_batches_and_never_fewer(
    n: int, epochs: int, batch: int
) -> None:
    size = sized(n, epochs, batch)
    assert size.epochs >= epochs
    assert SMALLEST_BATCH <= size.batch_size <= batch
    assert size.epochs * math.ceil(n / size.batch_size) >= STEPS


def test_a_large_table_gets_the_recipe_as_it_is() -> None:
    assert sized(40_000, 24, 256) == (24, 256)
