from __future__ import annotations

import io

from rich.console import Console

from suite.analysis.ranking import boards
from suite.report.classes import LISTED, per_class_tables


def _lines(records, width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    for table in per_class_tables(boards(records)[0], width=width):
        console.print(table)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def _record(make_record, model: str, *f1: float | None, **changes):
    names = [f"class {i}" for i in range(len(f1))]
    figures = {name: {"f1": value} for name, value in zip(names, f1, strict=True)}
    return make_record(model, classes=names, per_class=figures, metrics={"accuracy": f1[0]}, **changes)


def test_the_best_of_each_class_is_marked_by_a_sign(make_record):
    records = [
        _record(make_record, "knn", 0.9, 0.5, None),
        _record(make_record, "logistic", 0.8, 0.504, None),
    ]
    assert _lines(records, 80) == [
        "F1 by class",
        "Class     knn  logistic",
        "───────────────────────",
        "class 0 0.90*      0.80",
        "class 1 0.50*     0.50*",
        "class 2     –         –",
        "* the best of its class",
    ]


def test_a_published_row_is_shown_but_never_marked(make_record):
    theirs = _record(make_record, "theirs", 0.99, 0.99, source="reported", provenance={}, key="t")
    lines = _lines([_record(make_record, "knn", 0.9, 0.5), theirs], 80)
    assert ["class", "0", "0.99", "0.90*"] in [line.split() for line in lines]


def test_models_that_do_not_fit_by_name_are_numbered_with_a_legend(genre_records):
    lines = _lines(genre_records, 120)
    assert lines[1].split() == ["Class", "1", "a", *map(str, range(2, 13))] or lines[1].split()[:2] == [
        "Class",
        "1",
    ]
    assert any("12 dummy" in line for line in lines)


def test_too_many_models_are_split_into_tables_of_about_the_same_size(genre_records):
    lines = _lines(genre_records, 80)
    headers = [line.split() for line in lines if line.startswith("Class ")]
    assert [len(header) for header in headers] == [8, 7]
    assert max(map(len, lines)) <= 80


def test_of_very_many_classes_the_hardest_are_shown(make_record):
    lines = _lines([_record(make_record, "knn", *(i / 500 for i in range(1, 401)))], 80)
    assert sum(line.startswith("class ") for line in lines) == LISTED
    assert lines[3].startswith("class 0 ")
    assert f"The {LISTED} hardest of 400 classes." in lines


def test_a_board_without_scores_has_no_table(make_record):
    assert _lines([make_record("knn", status="crash")], 80) == []
