"""Laws of axes: values keep their order, and all stands inside."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.report.figures.axes import decades, exact, linear, log_text, logarithmic, tick_text
from suite.report.figures.heat import DARK, LIGHT, shade

finite = st.floats(-1e12, 1e12, allow_nan=False)
positive = st.floats(0, 1e9, allow_nan=False)


@given(finite, finite, finite, finite)
def test_a_linear_axis_keeps_the_order_and_holds_its_ends(a: float, b: float, one: float, other: float):
    axis = linear(min(a, b), max(a, b), 10, 110)
    assert axis.holds(a)
    assert axis.holds(b)
    assert 10 <= axis.at(one) <= 110
    if one <= other:
        assert axis.at(one) <= axis.at(other)
    assert all(axis.low <= tick <= axis.high for tick in axis.ticks)
    assert list(axis.ticks) == sorted({*axis.ticks})
    assert 1 <= len(axis.ticks) <= 9


@given(positive, positive, positive, positive)
def test_a_logarithmic_axis_keeps_the_order_and_holds_its_ends(a: float, b: float, one: float, other: float):
    axis = logarithmic(min(a, b), max(a, b), 110, 10)
    assert 10 <= axis.at(one) <= 110
    if one <= other:
        assert axis.at(one) >= axis.at(other)
    assert axis.high >= 3.99 * axis.low
    assert all(axis.low <= tick <= axis.high for tick in axis.ticks)
    assert 1 <= len(axis.ticks) <= 9


@given(st.floats(-1e6, 1e6), st.floats(1e-4, 1e6))
def test_ticks_are_told_apart_by_their_texts(low: float, span: float):
    ticks = linear(low, low + span, 0, 100).ticks
    assert len({tick_text(tick, ticks) for tick in ticks}) == len(ticks)


def test_ticks_are_round_numbers():
    assert exact(0, 1, 0, 100, n=5).ticks == (0, 0.2, 0.4, 0.6, 0.8, 1.0)
    assert linear(0.951, 0.992, 0, 100).ticks == (0.95, 0.96, 0.97, 0.98, 0.99)
    assert [tick_text(t, (0.95, 0.96)) for t in (0.95, 0.96)] == ["0.95", "0.96"]
    assert decades(0.02, 300, 7) == (0.1, 1.0, 10.0, 100.0)
    assert [log_text(t) for t in (0.01, 0.5, 1.0, 1000.0)] == ["0.01", "0.5", "1", "1,000"]


@pytest.mark.parametrize("value", [-math.inf, math.inf])
def test_what_lies_outside_stands_at_the_end(value: float):
    assert linear(0, 1, 10, 20).at(value) in (10, 20)


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_is_darker_and_words_on_it_can_be_read(one: float, other: float):
    opacity, role = shade(one)
    assert opacity <= LIGHT or opacity >= DARK
    assert role == ("ink" if opacity <= LIGHT else "paper")
    if one < other:
        assert opacity <= shade(other)[0]
