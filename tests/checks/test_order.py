from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from suite.checks.order import find_order, is_sorted_by_class


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [((20, 20), True), ((19, 20), False), ((15, 30, 20), True), ((1000, 2), False), ((1000, 10), True)],
)
def test_rows_are_sorted_if_classes_stand_in_runs_long_enough_to_mean_something(sizes, expected) -> None:
    y = np.repeat(np.arange(len(sizes)), sizes)
    assert is_sorted_by_class(y, len(sizes)) is expected
    assert is_sorted_by_class(y[::-1], len(sizes)) is expected


def test_rows_in_any_order_are_not_sorted(rng) -> None:
    for n_classes in (1, 2, 3, 10):
        assert not is_sorted_by_class(rng.integers(0, n_classes, 500), n_classes)


def test_one_run_too_many_is_sorted_still_for_three_classes_and_not_for_two() -> None:
    assert is_sorted_by_class(np.repeat([0, 1, 2, 1], 50), 3)
    assert not is_sorted_by_class(np.repeat([0, 1, 0], 50), 2)


@pytest.mark.parametrize("n", [100, 2000, 60_000])
def test_numbers_and_dates_that_follow_the_rows_are_named_together(n: int, rng, typed) -> None:
    y = np.repeat([0, 1], n // 2)
    minutes = np.cumsum(rng.integers(0, 5, n))
    columns = typed(
        {
            "entered": pd.Timestamp("2021-01-01") + pd.to_timedelta(minutes, unit="min"),
            "reading": rng.normal(size=n),
            "meter": -minutes - rng.uniform(0, 3, n),
            "holes": np.where(rng.random(n) < 0.3, np.nan, minutes),
        }
    )
    (finding,) = find_order(columns, y, 2)
    assert finding.code == "sorted-rows"
    assert finding.columns == ("entered", "meter", "holes")
    assert finding.text == (
        "entered, meter, holes follow the rows, which are sorted by class: used, but give the class away; "
        "--drop COLUMN leaves one out"
    )


@pytest.mark.parametrize("n_classes", [2, 3, 10, 30])
def test_a_feature_that_rises_with_the_class_does_not_follow_the_rows(n_classes: int, rng, typed) -> None:
    y = np.repeat(np.arange(n_classes), 60)
    columns = typed({"code": y, "rises": y + rng.normal(0, 0.1, len(y)), "constant": np.ones(len(y))})
    assert find_order(columns, y, n_classes) == []


def test_a_time_that_begins_again_with_each_class_gives_nothing_away(typed) -> None:
    y = np.repeat([0, 1, 2, 3], 100)
    assert find_order(typed({"minute": np.tile(np.arange(100.5, 200.5), 4)}), y, 4) == []
