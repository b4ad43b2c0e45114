from __future__ import annotations

import io

import pytest
from rich.console import Console

from suite.report.listing import doctor_table, listing_table, plan_table
from suite.schema import Cell


def _lines(table, width: int = 80) -> list[str]:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    console.print(table)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def _cells(model: str, n: int) -> list[Cell]:
    return [
        Cell(
            dataset="digits",
            protocol="cv5",
            split=f"cv5-f{i}",
            model=model,
            params={},
            family="linear",
            model_version="1",
            seed=0,
            key=f"{model}{i}",
        )
        for i in range(n)
    ]


def test_a_plan_tells_what_is_done_and_what_is_to_run(make_record):
    planned = [(cell, None) for cell in _cells("knn", 5)] + [
        (cell, make_record()) for cell in _cells("logistic", 4)
    ]
    planned[0] = (planned[0][0], make_record())
    lines = _lines(plan_table(planned))
    assert lines[0] == "Plan: 9 cells, 5 done, 4 to run"
    assert lines[3].split() == ["digits", "cv5", "knn", "5", "1", "4"]
    assert lines[4].split() == ["digits", "cv5", "logistic", "4", "4", "0"]


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
    lines = _lines(doctor_table([("python", "3.11.7", ""), ("numpy", "absent", "pip install numpy")]))
    assert lines[0] == "1 problem"
    assert lines[-2].split() == ["✓", "python", "3.11.7"]
    assert lines[-1].split() == ["!", "numpy", "absent", "pip", "install", "numpy"]
    assert _lines(doctor_table([("python", "3.11.7", "")]))[0] == "All is well"
