from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from suite.report.data import data_parts
from suite.schema import Dataset, Finding

HOSTILE = "[red]\x1b[2J\u202e" + "x" * 300


def data(n_classes: int = 2, names: tuple[str, ...] = ("age", "city"), **changes: object) -> Dataset:
    y = np.repeat(np.arange(n_classes), np.arange(n_classes) + 1000)
    dataset = Dataset(
        name="customers",
        version=1,
        X=pd.DataFrame({name: np.zeros(len(y)) for name in names}),
        y=y,
        classes=tuple(f"class {i}" for i in range(n_classes)),
        kinds=("categorical",) * len(names),
        fingerprint="",
        target="churned",
        protocol="holdout",
    )
    return replace(dataset, **changes)


def lines(dataset: Dataset, width: int = 80) -> list[str]:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    for part in data_parts(dataset, width=width):
        console.print(part)
    return console.file.getvalue().splitlines()


def test_a_table_is_told_by_rows_classes_columns_and_what_was_left_out() -> None:
    dropped = {"b": "every value is missing", "id": "counts the rows", "a": "every value is missing"}
    table = data(kinds=("numeric", "categorical"), dropped=dropped, notes=("read as dates: x",), file="c.csv")
    assert lines(table) == [
        "customers (c.csv)",
        "- 2,001 rows, 2 columns used, target churned",
        "- 2 classes: class 0 1,000, class 1 1,001",
        "- 1 numeric: age",
        "- 1 categorical: city",
        "- left out: a, b (every value is missing), id (counts the rows); --keep COLUMN",
        "  uses one",
        "- read as dates: x",
        "",
    ]


def test_all_that_is_to_check_comes_last() -> None:
    found = tuple(Finding(code="identifier", text=f"finding {i}") for i in range(5))
    shown = lines(data(findings=found))
    assert shown[-8:] == [
        "",
        "Check this before you believe the scores",
        *(f"- finding {i}" for i in range(5)),
        "",
    ]


def test_of_many_classes_the_largest_are_shown_and_of_many_columns_the_first() -> None:
    names = tuple(f"c{i}" for i in range(30))
    shown = " ".join(" ".join(lines(data(12, names))).split())
    assert "12 classes: class 2 1,002, class 3" in shown
    assert "class 11 1,011 and 2 smaller ones" in shown
    assert "30 categorical: c0, c1," in shown
    assert "c19 and 10 more" in shown


@pytest.mark.parametrize("width", [40, 80, 120])
def test_hostile_names_stay_inert_and_within_the_width(width: int) -> None:
    table = data(
        names=(HOSTILE,),
        name=HOSTILE,
        file=HOSTILE,
        target=HOSTILE,
        classes=(HOSTILE, "b"),
        dropped={HOSTILE: HOSTILE},
        findings=(Finding(code="x", text=HOSTILE),),
    )
    shown = lines(table, width)
    assert max(map(len, shown)) <= width
    assert all(character.isprintable() and character != "\u202e" for line in shown for character in line)
    assert any("[red]" in line for line in shown)
