from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from suite.neural.recipe import Table


def table(n, train=None):
    return Table(X=np.zeros((n, 1), np.float32), y=np.zeros(n, np.int32), train=train)


@settings(max_examples=50, deadline=None)
@given(n=st.integers(1, 300), seed=st.integers(0, 2**31), epoch=st.integers(0, 1000))
def test_every_epoch_orders_every_training_row_once(n, seed, epoch):
    assert sorted(table(n).order(seed, epoch)) == list(range(n))
    positions = np.arange(n) * 3
    assert sorted(table(3 * n, positions).order(seed, epoch)) == list(positions)


def test_the_order_depends_on_seed_and_epoch_and_on_nothing_else():
    first = table(100).order(1, 0)
    np.random.default_rng().permutation(5)
    np.testing.assert_array_equal(table(100).order(1, 0), first)
    assert not np.array_equal(table(100).order(2, 0), first)
    assert not np.array_equal(table(100).order(1, 1), first)
