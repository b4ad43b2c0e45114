from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.datasets.columns.words import clean, is_mark, is_missing_number


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "?",
        "-",
        "--",
        "NA",
        "n/a",
        "N/A",
        "NaN",
        "NULL",
        "#DIV/0!",
        "#N/A",
        "#REF!",
        "#WERT!",
        "\\N",
        "<NA>",
        ".",
    ],
)
def test_marks_are_missing_everywhere(cell):
    assert is_mark(cell)
    assert is_missing_number(cell)


@pytest.mark.parametrize("cell", ["none", "None", "unknown", "Not available", "missing"])
def test_words_are_missing_among_numbers_only(cell):
    assert is_missing_number(cell)
    assert not is_mark(cell)


@pytest.mark.parametrize("cell", ["0", "no", "Nathan", "#12", "#1", "x", "#fff", "A-", "1."])
def test_other_cells_are_values(cell):
    assert not is_missing_number(cell)


@pytest.mark.parametrize(
    ("cell", "cleaned"),
    [
        ("  a  b ", "a b"),
        ("a\u00a0b", "a b"),
        ("'a'", "a"),
        ('"a"', "a"),
        ('="12.5"', "12.5"),
        ("no\u0302n", "n\u00f4n"),
        ("\ufeffa", "a"),
        ("don't", "don't"),
        ("'", "'"),
    ],
)
def test_a_cell_is_cleaned_of_what_nobody_sees(cell, cleaned):
    assert clean(cell) == cleaned


@given(st.text(max_size=20))
def test_what_has_no_quotes_is_clean_once_it_is_cleaned(cell):
    once = clean(cell.replace("'", "").replace('"', ""))
    assert clean(once) == once
