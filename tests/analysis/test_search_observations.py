from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from suite.analysis.comparison import Pair
from suite.analysis.observations.searches import searches


def gain(model: str, difference: float, half: float = 0.004, *, is_default: bool = False) -> Any:
    low, high = difference - half, difference + half
    pair = Pair(
        metric="accuracy", first=model, second="it", difference=difference, low=low, high=high, p=0.01
    )
    return SimpleNamespace(model=model, pair=pair, is_default=is_default)


def board(*gains: Any, metric: str = "accuracy", n_rows: int = 1000) -> Any:
    return SimpleNamespace(gains=gains, metric=metric, comparisons=SimpleNamespace(n_rows=n_rows))


def test_what_helped_what_harmed_and_what_is_open_are_told_apart() -> None:
    told = list(searches(board(gain("a", 0.02), gain("b", -0.03), gain("c", 0.001), gain("d", 0.03))))
    assert told == [
        "d ended 3.0 points (2.6 to 3.4) better than its default, and so did 1 more.",
        "b ended 3.0 points (2.6 to 3.4) worse than its default.",
        "Whether the search helped c the test rows do not tell.",
    ]


def test_a_lower_loss_is_better() -> None:
    (told,) = searches(board(gain("a", -0.02), metric="log_loss"))
    assert "0.020 (0.016 to 0.024) better" in told


@pytest.mark.parametrize("n_rows", [1, 29])
def test_of_a_handful_of_rows_nothing_is_said(n_rows: int) -> None:
    assert not list(searches(board(gain("a", 0.5), n_rows=n_rows)))


def test_of_a_search_that_kept_the_default_nothing_is_said() -> None:
    assert not list(searches(board(gain("a", 0.0, is_default=True))))


def test_without_searches_nothing_is_said() -> None:
    assert not list(searches(board()))
