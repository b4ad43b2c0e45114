from __future__ import annotations

import pytest

from suite.datasets.files.layout import lay_out, looks_like_data

BODY = [[str(i), f"{i / 7:.2f}", "ab"[i % 2]] for i in range(9)]


def test_a_table_is_found_below_titles_and_its_rows_are_counted():
    found = lay_out([["Report", "", ""], ["", "", ""], ["n", "x", "y"], *BODY])
    assert (found.above, found.first, found.names) == ((0, 1), 3, ("n", "x", "y"))
    assert found.fits == 10 / 12
    assert not found.looks_like_data


def test_two_groups_of_columns_over_the_names_are_a_title():
    found = lay_out([["A", "", "B", ""], ["n", "x", "y", "z"], *([*row, "u"] for row in BODY)])
    assert found.names == ("n", "x", "y", "z")


def test_a_table_without_names_begins_below_the_title():
    found = lay_out([["Report"], *BODY], no_header=True)
    assert (found.above, found.first, found.names) == ((0,), 1, ("column_1", "column_2", "column_3"))


@pytest.mark.parametrize(
    ("head", "data"),
    [
        (["9", "0.5", "a"], True),
        (["9", "0.5", "new"], True),
        (["n", "0.5", "a"], False),
        (["n", "x", "a"], False),
        (["?", "0.5", "a"], True),
    ],
)
def test_a_row_of_data_is_told_by_the_columns_below(head, data):
    assert looks_like_data(head, BODY) == data


def test_the_names_repeated_below_are_no_sign_of_data():
    rows = [["sex", "smoker"], ["m", "yes"], ["f", "no"]]
    assert not looks_like_data(rows[0], [*rows[1:], rows[0], *rows[1:]])
    assert looks_like_data(["m", "no"], rows[1:])


@pytest.mark.parametrize("sign", ["-", "=-", " ", "- "])
def test_a_long_row_of_signs_is_looked_at_once(sign):
    lines = ["x,y", sign * 50_000 + "x", "1,2", "2,3"]
    assert lay_out([line.split(",") for line in lines]).first == 1
