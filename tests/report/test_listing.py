from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from suite.protocol import Protocol
from suite.report.listing import (
    data_parts,
    decidable,
    doctor_table,
    inspection_table,
    listing_table,
    plan_table,
)
from suite.schema import Cell, CellId, Dataset, Finding


def _lines(table, width: int = 80) -> list[str]:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    console.print(table)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def _cells(model: str, n: int) -> list[Cell]:
    splits = [
        CellId(dataset="digits", fingerprint="", protocol="cv5", split=f"cv5-f{i}", model=model)
        for i in range(n)
    ]
    return [Cell(id=split, family="linear", model_version="1", key=f"{split}") for split in splits]


def test_a_plan_tells_what_is_done_and_what_is_to_run(make_record):
    planned = [(cell, None, True) for cell in _cells("knn", 5)] + [
        (cell, make_record(), True) for cell in _cells("logistic", 4)
    ]
    planned[0] = (planned[0][0], make_record(), True)
    lines = _lines(plan_table(planned + [(cell, None, False) for cell in _cells("dummy", 4)]))
    assert lines[0] == "Plan: 9 fits, 5 done, 4 to run"
    assert lines[3].split() == ["digits", "cv5", "knn", "5", "1", "4"]
    assert lines[4].split() == ["digits", "cv5", "logistic", "4", "4", "0"]
    assert lines[5].split() == ["digits", "cv5", "dummy,", "the", "floor", "4", "0", "4"]


MODELS = [
    {
        "name": "knn",
        "family": "neighbours",
        "summary": "k nearest neighbours, distances weighted " * 2,
        "params": {"k": 5},
    },
    {"name": "[bold]evil", "family": "linear", "summary": "short", "params": {}},
]


@pytest.mark.parametrize("width", [80, 120])
def test_lists_fit_their_terminal_and_fold_long_words(width: int):
    lines = _lines(listing_table("models", MODELS), width)
    assert lines[0] == "Models"
    assert max(map(len, lines)) <= width
    assert any(line.startswith("[bold]evil") for line in lines)
    assert " ".join(" ".join(lines).split()).count("distances weighted") == 2


def test_options_are_written_in_the_grammar_of_names():
    rows = [{"name": "synthetic", "summary": "made up", "options": {"rows": 1000, "classes": 3}}]
    assert any("rows=1000, classes=3" in line for line in _lines(listing_table("datasets", rows)))


def test_an_empty_list_is_its_title():
    assert _lines(listing_table("models", [])) == ["Models"]


def test_the_doctor_marks_a_problem_by_a_sign():
    there, absent = ("python", "3.11.7", "", ""), ("pyarrow", "absent", "", "no Parquet")
    lines = _lines(doctor_table([there, ("numpy", "absent", "pip install numpy", ""), absent]))
    assert lines[0] == "1 problem; 1 optional thing absent"
    assert lines[-3].split() == ["✓", "python", "3.11.7"]
    assert lines[-2].split() == ["!", "numpy", "absent", "pip", "install", "numpy"]
    assert lines[-1].split() == ["–", "pyarrow", "absent", "no", "Parquet"]
    assert _lines(doctor_table([there]))[0] == "All is well"


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


def data_lines(dataset: Dataset, width: int = 80) -> list[str]:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    for part in data_parts(dataset, width=width):
        console.print(part)
    return console.file.getvalue().splitlines()


def test_a_table_is_told_by_rows_classes_columns_and_what_was_left_out() -> None:
    dropped = {"b": "every value is missing", "id": "counts the rows", "a": "every value is missing"}
    table = data(kinds=("numeric", "categorical"), dropped=dropped, notes=("read as dates: x",), file="c.csv")
    assert data_lines(table) == [
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
    shown = data_lines(data(findings=found))
    assert shown[-8:] == [
        "",
        "Check this before you believe the scores",
        *(f"- finding {i}" for i in range(5)),
        "",
    ]


def test_of_many_classes_the_largest_are_shown_and_of_many_columns_the_first() -> None:
    names = tuple(f"c{i}" for i in range(30))
    shown = " ".join(" ".join(data_lines(data(12, names))).split())
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
    shown = data_lines(table, width)
    assert max(map(len, shown)) <= width
    assert all(character.isprintable() and character != "\u202e" for line in shown for character in line)
    assert any("[red]" in line for line in shown)


def test_an_inspection_shows_a_line_a_column_and_whole_numbers_with_commas() -> None:
    row = {"column": "[b]age", "read_as": "number", "examples": "1, 2", "missing": 12_345, "different": 2}
    row |= {"changed": "", "becomes": "feature", "overrule": ""}
    lines = _lines(inspection_table("customers", [row], ["A note."]))
    assert lines[0] == "customers"
    assert lines[3].split() == ["[b]age", "number", "1,", "2", "12,345", "2", "feature"]
    assert lines[4] == "A note."


def test_lists_need_no_numbers() -> None:
    code = "import sys\nimport suite.report.listing\nprint(sorted({'numpy', 'pandas'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


def test_what_a_plan_can_decide_rests_on_its_test_rows_and_on_how_good_models_were(make_record) -> None:
    table = data()
    for protocol, n_test in (("holdout", "401"), ("cv5", "2,001"), ("cv5x3", "2,001")):
        sentence = decidable(table, Protocol.parse(protocol).splits(table), [])
        assert sentence.startswith(f"customers: {n_test} test rows tell two models apart")
        assert "disagree on 10 % of the rows" in sentence
    fields = {"dataset": "customers", "metrics": {"accuracy": 0.98}}
    record = replace(make_record(**fields), target="churned")
    splits = Protocol.parse("holdout").splits(table)
    assert "disagree on 2 % of the rows" in decidable(table, splits, [record])
    for other in (replace(record, family="baseline"), replace(record, target="other"), make_record()):
        assert "disagree on 10 % of the rows" in decidable(table, splits, [other])
