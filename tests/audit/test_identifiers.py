from __future__ import annotations

import uuid

import numpy as np
import pandas as pd
import pytest

from suite.audit.identifiers import find_identifiers, says_identifier
from suite.datasets.readings import type_column

IDENTIFIERS = [
    "id",
    "ID",
    "Id",
    "customer_id",
    "customerId",
    "CustomerID",
    "passengerid",
    "instance_id",
    "id_number",
    "index",
    "Index",
    "uuid",
    "record_key",
    "order_no",
    "OrderNo",
    "invoice-nr",
    "ticket_number",
    "serial_number",
    "row",
    "rows",
    "row_number",
    "rownames",
    "RowNumber",
    "record",
    "rn",
    "case.id",
    "user.guid",
    "Unnamed: 0",
    "column 1",
    "row names",
    "S.No",
    "Customer ID",
    "Serial No",
]
OTHERS = [
    "humidity",
    "paid",
    "acid",
    "solid",
    "bid",
    "valid",
    "grid",
    "covid",
    "hybrid",
    "rapid",
    "month",
    "year",
    "months",
    "no_of_visits",
    "number_of_rooms",
    "numeric",
    "indexed",
    "keyboard",
    "nocturnal",
    "rowing",
    "recorded",
    "age",
    "price",
    "solidity",
    "width",
    "column_1",
    "notes",
    "Number of pets",
    "Key signature",
]


def reasons(name: str, values: object, *, is_sorted: bool = False) -> tuple[str | None, list[str]]:
    """The reason for which one column is left out, and the codes of what is said."""
    left_out, findings = find_identifiers({name: type_column(pd.Series(values))}, is_sorted)
    return left_out.get(name), [finding.code for finding in findings]


@pytest.mark.parametrize("name", IDENTIFIERS)
def test_names_that_say_identifier(name: str) -> None:
    assert says_identifier(name)
    assert reasons(name, np.random.default_rng(0).choice(10**9, 50, replace=False))[1] == ["identifier"]


@pytest.mark.parametrize("name", OTHERS)
def test_names_that_do_not(name: str) -> None:
    assert not says_identifier(name)
    assert reasons(name, np.random.default_rng(0).choice(10**9, 50, replace=False)) == (None, [])


@pytest.mark.parametrize("start", [0, 1, 5000, -3])
def test_what_counts_the_rows_is_left_out_in_any_order_with_gaps_and_a_few_repeats(start: int, rng) -> None:
    for n in (20, 150, 3000):
        whole = rng.permutation(n) + start
        gaps = rng.choice(3 * n // 2, n, replace=False) + start
        assert reasons("x", whole) == ("counts the rows", ["identifier"])
        assert reasons("x", gaps) == ("counts the rows", ["identifier"])
        assert reasons("x", gaps.astype(float)) == ("counts the rows", ["identifier"])
    repeated = np.concatenate([whole[:-100], whole[:100]])
    assert reasons("x", repeated) == ("counts the rows", ["identifier"])


def test_a_wide_range_or_many_repeats_do_not_count_the_rows(rng) -> None:
    assert reasons("x", rng.choice(30_000, 3000, replace=False)) == (None, [])
    assert reasons("x", rng.integers(0, 3000, 3000)) == (None, [])
    assert reasons("x", rng.permutation(3000) + 0.5) == (None, [])


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("months", np.arange(1, 61)),
        ("day_of_study", np.arange(365)),
        ("year", np.arange(1950, 2021)),
        ("vintage", np.arange(1950, 2021)),
        ("age", np.arange(20, 80)),
        ("visit_count", np.arange(40)),
        ("timestamp", 1_600_000_000 + 60 * np.arange(500)),
    ],
)
@pytest.mark.parametrize("is_sorted", [False, True])
def test_times_ages_and_counts_are_no_identifiers_though_they_follow_each_other(
    name: str, values: np.ndarray, is_sorted: bool
) -> None:
    assert reasons(name, values, is_sorted=is_sorted) == (None, [])


def test_what_only_rises_is_said_and_left_out_where_the_rows_are_sorted_by_class(rng) -> None:
    rising = np.cumsum(rng.integers(3, 50, 200))
    for values in (rising, rising[::-1]):
        assert reasons("batch", values) == (None, ["rising"])
        reason, codes = reasons("batch", values, is_sorted=True)
        assert reason == "rises or falls strictly through rows that are sorted by class"
        assert codes == ["identifier"]
    rising[100] = rising[99]
    assert reasons("batch", rising) == (None, [])


def test_several_columns_that_rise_share_a_sentence(rng) -> None:
    rising = pd.Series(np.cumsum(rng.integers(3, 50, 200)))
    columns = {name: type_column(rising) for name in ("a", "b")}
    assert find_identifiers(columns, False)[1][0].text == (
        "a, b rise or fall strictly from row to row, as identifiers do: used; --drop COLUMN leaves one out"
    )
    assert find_identifiers(columns, True)[1][0].text == (
        "a, b rise or fall strictly through rows that are sorted by class: left out; --keep COLUMN uses one"
    )


def test_in_a_small_table_the_name_has_to_say_so_and_all_be_different() -> None:
    assert reasons("x", np.arange(19)) == (None, [])
    assert reasons("id", np.arange(19)) == ("names the rows", ["identifier"])
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
