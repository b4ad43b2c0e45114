from __future__ import annotations

import uuid

import numpy as np
import pandas as pd
import pytest

from suite.checks.identifiers import find_identifiers
from suite.datasets.columns.column_reading import ColumnReading
from suite.datasets.columns.typed import Column, type_of, typed


def type_column(values: pd.Series) -> Column:
    return typed(ColumnReading(name="x", read_as=type_of(values)), values)


def reasons(name: str, values: object, *, is_sorted: bool = False) -> tuple[str | None, list[str]]:
    """The reason for which one column is left out, and the codes of what is said."""
    left_out, findings = find_identifiers({name: type_column(pd.Series(values))}, is_sorted)
    return left_out.get(name), [finding.code for finding in findings]


@pytest.mark.parametrize(
    "name", ["id", "customerId", "order_no", "instant", "Unnamed: 0", "column 1", "patient"]
)
def test_numbers_that_a_name_says_name_the_rows_are_left_out_without_a_finding(name: str, rng) -> None:
    assert reasons(name, rng.choice(10**9, 50, replace=False)) == ("names the rows", [])
    assert reasons(name, rng.permutation(50) + 5000) == ("counts the rows", [])
    assert reasons(name, rng.integers(0, 40, 50)) == (None, [])


@pytest.mark.parametrize("name", ["humidity", "paid", "heat_index", "no_of_visits", "column_1", "zip"])
def test_different_numbers_of_other_names_are_features(name: str, rng) -> None:
    assert reasons(name, rng.choice(10**9, 50, replace=False)) == (None, [])


@pytest.mark.parametrize("start", [0, 1, 5000, -3])
def test_what_counts_the_rows_in_their_order_is_left_out(start: int, rng) -> None:
    for n in (40, 150, 3000):
        whole = np.arange(n) + start
        assert reasons("x", whole) == ("counts the rows", ["identifier"])
        assert reasons("x", whole.astype(float)) == ("counts the rows", ["identifier"])
        # One row in twenty may be gone, such as those without a label.
        gone = np.sort(rng.choice(n, n // 20, replace=False))
        assert reasons("x", np.delete(whole, gone)) == ("counts the rows", ["identifier"])
        assert reasons("x", np.sort(rng.choice(3 * n // 2, n, replace=False)) + start) == (None, [])


def test_what_counts_the_rows_in_another_order_is_left_out_if_it_begins_with_them(rng) -> None:
    for n in (20, 150, 3000):
        whole = rng.permutation(n)
        for start, expected in ((0, "counts the rows"), (1, "counts the rows"), (5000, None), (-3, None)):
            assert reasons("x", whole + start)[0] == expected
    repeated = np.concatenate([whole[:-100], whole[:100]])
    assert reasons("x", repeated) == ("counts the rows", ["identifier"])


def test_different_numbers_with_gaps_or_many_repeats_do_not_count_the_rows(rng) -> None:
    assert reasons("x", rng.choice(6000, 3000, replace=False)) == (None, [])
    assert reasons("x", rng.choice(3300, 3000, replace=False)) == (None, [])
    assert reasons("x", rng.integers(0, 3000, 3000)) == (None, [])
    assert reasons("x", rng.permutation(3000) + 0.5) == (None, [])


@pytest.mark.parametrize("name", ["rank", "worldRank", "amount", "visits", "number_of_calls", "position"])
def test_ranks_and_amounts_in_any_order_are_no_identifiers(name: str, rng) -> None:
    for start in (0, 1):
        assert reasons(name, rng.permutation(200) + start) == (None, [])


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("months", np.arange(1, 61)),
        ("day_of_study", np.arange(365)),
        ("year", np.arange(1950, 2021)),
        ("vintage", np.arange(1950, 2021)),
        ("age", np.arange(20, 80)),
        ("visit_count", np.arange(40)),
        ("rank", np.arange(1, 101)),
        ("income", 1000 + 7 * np.arange(300) ** 2),
        ("timestamp", 1_600_000_000 + 60 * np.arange(500)),
    ],
)
@pytest.mark.parametrize("is_sorted", [False, True])
def test_times_ages_and_counts_are_no_identifiers_though_they_follow_each_other(
    name: str, values: np.ndarray, is_sorted: bool
) -> None:
    assert reasons(name, values, is_sorted=is_sorted) == (None, [])


def test_what_only_rises_is_left_out_where_the_rows_are_sorted_by_class(rng) -> None:
    rising = np.cumsum(rng.integers(3, 50, 200))
    for values in (rising, rising[::-1]):
        assert reasons("batch", values) == (None, [])
        reason, codes = reasons("batch", values, is_sorted=True)
        assert reason == "rises or falls strictly through rows that are sorted by class"
        assert codes == ["identifier"]
    rising[100] = rising[99]
    assert reasons("batch", rising, is_sorted=True) == (None, [])


def test_several_columns_that_rise_share_a_sentence(rng) -> None:
    rising = pd.Series(np.cumsum(rng.integers(3, 50, 200)))
    columns = {name: type_column(rising) for name in ("a", "b")}
    assert find_identifiers(columns, True)[1][0].text == (
        "a, b rise or fall strictly through rows that are sorted by class: left out; --keep COLUMN uses one"
    )


def test_in_a_small_table_the_name_has_to_say_so_and_all_be_different() -> None:
    assert reasons("x", np.arange(19)) == (None, [])
    assert reasons("id", np.arange(19)) == ("names the rows", [])
    assert reasons("id", [*range(18), 0]) == (None, [])
    assert reasons("id", [f"a{i}" for i in range(19)]) == ("names the rows", [])


@pytest.mark.parametrize(
    ("reason", "make"),
    [
        ("identifies the rows", lambda i: f"A{i:05d}"),
        ("identifies the rows", lambda i: str(uuid.UUID(int=i * 7919**8))),
        ("identifies the rows", lambda i: f"{i * 7919**9:040x}"),
        ("holds an e-mail address in nearly every row", lambda i: f"p{i}@example.org"),
        ("holds a web address in nearly every row", lambda i: f"https://example.org/{i}"),
        ("holds a different text in nearly every row", lambda i: f"the {i} words of a person"),
        ("holds a different text in nearly every row", lambda i: f"{i / 7:.3f} kg"),
        ("holds a different text in nearly every row", lambda i: f"{i % 28 + 1}/{i % 12 + 1}/{1900 + i}"),
    ],
)
def test_text_that_differs_in_nearly_every_row_is_left_out_without_a_finding(reason: str, make) -> None:
    texts = [make(i) for i in range(300)]
    assert reasons("x", texts) == (reason, [])
    assert reasons("x", [*texts[:290], *texts[:10]]) == (reason, [])
    assert reasons("x", [*texts[:200], *texts[:100]]) == (None, [])


def test_booleans_and_dates_are_never_identifiers() -> None:
    days = np.arange("2020-01-01", "2020-04-01", dtype="datetime64[D]")
    assert reasons("id", days) == (None, [])
    assert reasons("id", [True, False] * 30) == (None, [])
