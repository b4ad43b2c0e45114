from __future__ import annotations

import random

import pytest

from suite.datasets.files import tables
from suite.datasets.files.row_names import check
from suite.errors import DataError

RNG = random.Random(1)
CITIES = ["Austin, TX", "Boise, ID", "Casper, WY", "Dover, DE", "Elko, NV", "Fargo, ND"]


def read(tmp_path, header, rows):
    (tmp_path / "t.csv").write_text("\n".join([header, *rows, ""]))
    return tables.read_raw(tmp_path / "t.csv", "y")


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("price,k,y", lambda i: f"{RNG.randint(1, 99)},{RNG.randint(0, 99):02}"),
        ("price,k,y", lambda i: f"{i + 3},{RNG.randint(0, 99):02}"),
        ("income,k,y", lambda i: f"{RNG.randint(1, 99)},{RNG.randint(0, 999):03}"),
        ("when,k,y", lambda i: f"Jan {i + 1}, 2020"),
        ("name,k,y", lambda i: CITIES[i % 6]),
        ("size,k,y", lambda i: f"{RNG.randint(10, 99)}.{RNG.randint(0, 9)},{RNG.randint(1, 9)}"),
        ("size;k;y", lambda i: f"{RNG.randint(10, 99)}.5;{RNG.randint(1, 9)}"),
    ],
)
@pytest.mark.parametrize("rows", [6, 30])
def test_a_separator_within_a_cell_makes_no_row_names(tmp_path, header, cell, rows):
    mark = ";" if ";" in header else ","
    with pytest.raises(
        DataError, match="line 2: rows have one cell more than the header has names"
    ) as caught:
        read(tmp_path, header, [f"{cell(i)}{mark}{i % 3}{mark}{['lo', 'hi'][i % 2]}" for i in range(rows)])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        (lambda i: f'"{i * 7 % 30}"', []),
        (lambda i: f'"car, {i}"', []),
        (lambda i: str(i), []),
        (lambda i: str(i + 1), []),
        (lambda i: str(3 * i + 1), ["row-names"]),
        (lambda i: f"car {i}", ["row-names"]),
    ],
)
def test_row_names_are_believed_and_said_where_they_are_not_sure(tmp_path, cell, codes):
    raw = read(tmp_path, "x,k,y", [f"{cell(i)},{i / 8},{i % 3},{'ab'[i % 2]}" for i in range(30)])
    assert list(raw.frame.columns) == ["column 1", "x", "k", "y"]
    assert raw.frame["x"].tolist() == [i / 8 for i in range(30)]
    assert [found.code for found in raw.findings] == codes


def test_what_was_taken_for_a_row_name_is_shown():
    (found,) = check("t.csv, line 2", "\t", [["a", "1", "p"], ["b", "2", "q"]], quoted=False)
    assert "the first cell ('a') was taken for the name of its row" in found.text
