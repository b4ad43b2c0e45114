from __future__ import annotations

import random

import pytest

from suite.datasets.files import tables
from suite.datasets.files.second_header import find

RNG = random.Random(2)
ROWS = [[f"{RNG.random():.2f}", f"{RNG.random() * 50:.1f}", RNG.choice(["lo", "hi"])] for _ in range(40)]
WORDS = [
    [RNG.choice(["red", "blue"]), RNG.choice(["up", "down"]), RNG.choice(["lo", "hi"])] for _ in range(40)
]


@pytest.mark.parametrize(
    "second",
    [
        ["cm", "kg", "(class)"],
        ["cm", "kg", ""],
        ["[cm]", "[kg]", "[-]"],
        ["int", "float", "string"],
        ["float64", "float64", "object"],
        ["(1)", "(2)", "(3)"],
        ["1", "2", "3"],
        ["c", "c", "d"],
        ["How long?", "How heavy?", "Which one?"],
    ],
)
def test_a_row_unlike_its_columns_is_no_row_of_the_table(second):
    assert find([second, *ROWS]) == (1, False)


@pytest.mark.parametrize("second", [["string", "string", "string"], ["1", "2", "3"], ["(1)", "(2)", "(3)"]])
def test_types_and_numbers_over_words_are_told_too(second):
    assert find([second, *WORDS]) == (1, False)


def test_two_rows_of_orange_and_of_qualtrics_are_both_left_out():
    assert find([["c", "c", "d"], ["", "", "class"], *ROWS]) == (2, False)
    ids = [f'{{"ImportId":"QID{i}"}}' for i in range(3)]
    assert find([["How long?", "How heavy?", "Which one?"], ids, *ROWS]) == (2, False)
    assert find([["Which?", "Where?", "Which one?"], ids, *WORDS]) == (2, False)


@pytest.mark.parametrize(
    "first",
    [
        ["n/a", "", "lo"],
        ["tba", "unknown", "lo"],
        ["0.5", "12", "other"],
        ["?", "?", "?"],
        ["1", "2", "hi"],
    ],
)
def test_a_row_with_one_cell_like_its_column_is_data(first):
    assert find([first, *ROWS]) == (0, False)


def test_units_repeated_with_the_names_are_told():
    units = ["cm", "kg", "(class)"]
    assert find([units, *ROWS, units, *ROWS]) == (1, False)


def test_rare_words_in_few_rows_are_data():
    assert find([["pink", "left", "mid"], *WORDS[:12]]) == (0, False)


def test_one_unlike_cell_alone_is_doubtful():
    assert find([["cm", "", ""], *ROWS]) == (0, True)


def test_what_was_left_out_is_said_and_numbers_stay_numbers(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["x,w,y", "cm,kg,(class)", *map(",".join, ROWS)]))
    raw = tables.read_raw(path, "y")
    assert raw.frame["x"].dtype == "float64"
    assert len(raw.frame) == 40
    assert [(found.code, "cm, kg, (class)" in found.text) for found in raw.findings] == [
        ("second-header", True)
    ]
    path.write_text("\n".join(["x,w,y", "cm,,", *map(",".join, ROWS)]))
    raw = tables.read_raw(path, "y")
    assert len(raw.frame) == 41
    assert "was read as data" in raw.findings[0].text


@pytest.mark.parametrize("cell", ["9" * 5000, "-" * 50_000 + "x", "(" + "9" * 5000 + ")"])
def test_a_cell_of_very_many_signs_or_digits_is_data(cell):
    assert find([[cell, "1", "a"], *ROWS]).rows in (0, 1)
