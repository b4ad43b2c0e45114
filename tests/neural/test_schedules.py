from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suite.neural.schedules import SCHEDULES, schedule


@settings(max_examples=60, deadline=None)
@given(t=st.floats(0.0, 1.0, width=32), name=st.sampled_from(sorted(SCHEDULES)))
def test_every_schedule_stays_between_zero_and_one(t, name):
    assert -1e-6 <= float(schedule(name)(np.float32(t))) <= 1 + 1e-6


@pytest.mark.parametrize(
    ("name", "t", "factor"),
    [
        ("constant", 0.7, 1.0),
        ("cosine", 0.0, 1.0),
        ("cosine", 0.5, 0.5),
        ("cosine", 1.0, 0.0),
        ("flat_cos", 0.49, 1.0),
        ("flat_cos", 0.75, 0.5),
        ("coslog4", 0.0, 0.0),
        ("coslog4", 1 / 15, 0.0),
        ("coslog4", (2**0.5 - 1) / 15, 1.0),
        ("coslog4", (2**3.5 - 1) / 15, 1.0),
        ("one_cycle", 0.0, 0.04),
        ("one_cycle", 0.3, 1.0),
        ("one_cycle", 0.65, 0.5),
    ],
)
def test_schedules_take_the_values_their_papers_give(name, t, factor):
    assert float(schedule(name)(np.float32(t))) == pytest.approx(factor, abs=1e-4)


def test_an_unknown_schedule_is_named_with_the_known_ones():
    with pytest.raises(ValueError, match=r"'cosin'.*constant, cosine"):
        schedule("cosin")


def test_a_callable_is_its_own_schedule():
    assert schedule(np.sin) is np.sin
