from __future__ import annotations

import io
from dataclasses import replace
from operator import itemgetter

import pytest
from rich.console import Console

from suite.analysis.ranking import boards
from suite.report.blocks import FILE, SCREEN, Field, Grid, Section
from suite.report.columns import leaderboard, more_scores, scores_shown
from suite.report.document import CLASSES, document
from suite.report.faces import Face
from suite.report.terminal import Shown, rendered
from suite.report.wording import about_scores


def _printed(shown, width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    for part in shown:
        console.print(part)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def _lines(grid: Grid, width: int, title: str = "") -> list[str]:
    return _printed([Shown(Section(title, [grid], level=1))], width)


GRID = Grid(
    [
        Field("Model", itemgetter(0), importance=9, text=True, least=8),
        Field("Two\nlines", itemgetter(1), importance=8),
        Field("Extra", itemgetter(2), importance=1),
    ],
    [("a_long_model_name", 0.5, 1), ("b", 12.25, 2)],
    ["A note."],
)


def test_a_wide_table_shows_every_column():
    assert _lines(GRID, 60, "A title") == [
        "A title",
        "                     Two",
        "Model              lines  Extra",
        "───────────────────────────────",
        "a_long_model_name    0.5      1",
        "b                  12.25      2",
        "A note.",
    ]


def test_text_is_cut_before_a_column_is_left_out():
    assert _lines(GRID, 24)[3] == "a_long…ame    0.5      1"


def test_the_least_important_column_goes_first_and_is_named():
    lines = _lines(GRID, 16)
    assert lines[3] == "a_long…me    0.5"
    assert " ".join(lines).endswith("also shows: Extra.")


@pytest.mark.parametrize("width", range(15, 60))
def test_no_figure_is_ever_broken_or_cut(width: int):
    lines = _lines(GRID, width)
    assert max(map(len, lines)) <= width
    assert "12.25" in "\n".join(lines)


def test_a_column_with_nothing_in_it_is_not_shown():
    fields = [Field("A", itemgetter(0)), Field("Empty", itemgetter(1)), Field("Unknown", itemgetter(2))]
    assert _lines(Grid(fields, [(1, "", None)]), 40) == ["A", "─", "1"]
    assert _lines(Grid(fields, [(1, "", None), (2, "", 3)]), 40)[2:] == ["1        –", "2        3"]


def test_text_that_may_fold_goes_on_in_the_next_line():
    folding = Field("Reason", itemgetter(1), text=True, least=10, fold=True)
    assert _lines(Grid([Field("A", itemgetter(0)), folding], [(1, "one two three four five six")]), 20)[
        2:
    ] == [
        "1  one two three",
        "   four five six",
    ]


def test_a_grid_without_rows_is_its_title():
    assert _lines(Grid([Field("A", str), Field("B", str)], []), 20, "Nothing") == ["Nothing"]


def _f1_lines(records, width: int, store=None) -> list[str]:
    (board,) = boards(records, store=store)
    return _printed(rendered(document(board, Face(SCREEN, ("classes",))), width)[:-1], width)


def _record(make_record, model: str, *f1: float | None, **changes):
    names = [f"class {i}" for i in range(len(f1))]
    figures = {name: {"f1": value} for name, value in zip(names, f1, strict=True)}
    return make_record(model, classes=names, per_class=figures, metrics={"accuracy": f1[0]}, **changes)


def _counts(make_record, model: str, *right: int, **changes):
    """A record of classes of 100 rows, so many of which a model has right; the others it calls the next class."""
    matrix = [[0] * len(right) for _ in right]
    for true, n in enumerate(right):
        matrix[true][true] = n
        matrix[true][(true + 1) % len(right)] += 100 - n
    f1 = [2 * n / (n + sum(row[k] for row in matrix) + 100 - n) for k, n in enumerate(right)]
    figures = {"confusion": matrix, "n_test": 100 * len(right)} | changes
    return replace(
        _record(make_record, model, *f1, **figures), metrics={"accuracy": sum(right) / 100 / len(right)}
    )


def test_what_is_surely_the_best_of_a_class_is_told_from_what_may_be(make_record, made_up):
    records = [
        _counts(make_record, "knn", 95, 90, 90),
        _counts(make_record, "logistic", 94, 60, 60),
        _counts(make_record, "dummy", 30, 30, 30),
    ]
    lines = _f1_lines(records, 80, made_up)
    signs = [[cell[-1] if not cell[-1].isdigit() else "" for cell in line.split()[2:]] for line in lines[3:6]]
    assert signs == [["*", "", ""]] * 3
    assert lines[-1] == "* the best of its class"
    close = [records[0], _counts(make_record, "logistic", 94, 89, 91), records[2]]
    lines = _f1_lines(close, 80, made_up)
    assert lines[3].split()[2:4] == [
        f"{cell}=" for cell in (lines[3].split()[2][:-1], lines[3].split()[3][:-1])
    ]
    assert lines[-1] == "= may be the best of its class"


def test_where_predictions_are_not_there_nothing_is_called_the_best(make_record):
    records = [
        _record(make_record, "knn", 0.9, 0.5, None),
        _record(make_record, "logistic", 0.8, 0.504, None),
    ]
    assert _f1_lines(records, 80) == [
        "F1 by class",
        "Class     knn  logistic",
        "───────────────────────",
        "class 0  0.90      0.80",
        "class 1  0.50      0.50",
        "class 2     –         –",
    ]


def test_a_published_row_is_shown_but_never_marked(make_record, made_up):
    theirs = _record(make_record, "theirs", 0.99, 0.99, 0.99, source="reported", provenance={}, key="t")
    ours = [_counts(make_record, "knn", 95, 90, 90), _counts(make_record, "dummy", 30, 30, 30)]
    lines = _f1_lines([*ours, theirs], 80, made_up)
    assert lines[3].split()[2] == "0.99"
    assert lines[3].split()[3].endswith("*")


def test_models_that_do_not_fit_by_name_are_numbered_with_a_legend(genre_records):
    lines = _f1_lines(genre_records, 120)
    assert lines[1].split() == ["Class", "1", "a", *map(str, range(2, 13))] or lines[1].split()[:2] == [
        "Class",
        "1",
    ]
    assert any("12 dummy" in line for line in lines)


def test_too_many_models_are_split_into_tables_of_about_the_same_size(genre_records):
    lines = _f1_lines(genre_records, 80)
    headers = [line.split() for line in lines if line.startswith("Class ")]
    assert [len(header) for header in headers] == [8, 7]
    assert max(map(len, lines)) <= 80


def test_of_very_many_classes_the_hardest_are_shown(make_record):
    lines = _f1_lines([_record(make_record, "knn", *(i / 500 for i in range(1, 401)))], 80)
    assert sum(line.startswith("class ") for line in lines) == CLASSES
    assert lines[3].startswith("class 0 ")
    assert f"The {CLASSES} hardest of 400 classes." in lines


def test_a_board_without_scores_has_no_table(make_record):
    assert _f1_lines([make_record("knn", status="crash")], 80) == []


def _two_classes(make_record, positive: str | None = "churns"):
    models = ["keras_embeddings", "logistic", "dummy"]
    figures = {"average_precision": 0.5, "precision": 0.6, "recall": 0.4, "f1": 0.48}
    records = []
    for model, accuracy in zip(models, (0.9, 0.8, 0.7), strict=True):
        record = make_record(model, accuracy, classes=("stays", "churns"), task="binary")
        records.append(replace(record, per_class={**record.per_class, "churns": figures}, positive="churns"))
    (board,) = boards(records)
    return replace(board, positive=positive)


def test_a_board_of_two_classes_keeps_roc_auc_and_f1_at_80_columns_beside_a_wide_difference(make_record):
    board = _two_classes(make_record)
    fields = [
        replace(field, show=lambda _: "x" * 22) if field.title.endswith("interval") else field
        for field in leaderboard(board)
        if SCREEN in field.on
    ]
    lines = _lines(Grid(fields, board.rows), 80)
    assert max(map(len, lines)) <= 80
    heads = " ".join(lines[:2]).split()
    assert {"Accuracy", "ROC", "AUC", "F1", "Fit"} <= set(heads)
    missing = " ".join(lines).partition("A wider terminal also shows: ")[2]
    assert {"Average precision", "Recall", "Precision", "Log loss"} <= set(missing.rstrip(".").split(", "))


def test_a_board_of_two_classes_says_whose_f1_it_shows_and_a_file_has_all_metrics(make_record):
    board = _two_classes(make_record)
    assert "F1, precision, recall and average precision: of class 'churns'." in about_scores(board)
    fields = leaderboard(board), more_scores(board)
    first, second = ([f.title.replace("\n", " ") for f in part if FILE in f.on] for part in fields)
    names = ("Accuracy", "ROC AUC", "F1", "Average precision", "Log loss")
    assert [title for title in first if title in names] == list(names)
    others = {"Recall", "Precision", "Balanced accuracy", "Macro F1", "Brier score", "Calibration error"}
    assert others <= set(second)


def test_more_classes_show_figures_of_one_class_only_if_it_was_asked_for(make_record):
    record = make_record("knn")
    record = replace(record, metrics={**record.metrics, "f1": 0.5})
    (board,) = boards([record])
    assert "f1" not in scores_shown(board)
    shown = scores_shown(replace(board, positive="Jazz"))
    assert {"f1", "macro_f1"} <= set(shown)
    assert "recall" not in shown  # No model has it.
