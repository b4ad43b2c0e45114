from __future__ import annotations

import io

import pytest
from rich.console import Console

from suite.analysis.ranking import boards
from suite.report.blocks import SCREEN
from suite.report.document import chosen, document
from suite.report.faces import Face
from suite.report.terminal import rendered


def _board(make_record, classes, matrix, **changes):
    records = [
        make_record("knn", classes=classes, confusion=matrix, **changes),
        make_record("logistic", 0.1, classes=classes),
        make_record("xgboost", status="crash", classes=classes),
    ]
    return boards(records)[0]


def _shown(board, width: int, choice: str = "best", colour: str | None = None) -> str:
    console = Console(
        file=io.StringIO(), width=width, highlight=False, color_system=colour, force_terminal=bool(colour)
    )
    for part in rendered(document(board, Face(SCREEN, ("confusion",), choice)), width)[:-1]:
        console.print(part)
    return console.file.getvalue()


MATRIX = [[90, 10, 0], [37, 63, 0], [0, 1, 299]]
CLASSES = ("Hip-Hop", "Rap", "Rock")


def test_counts_stand_beside_their_percentages_where_there_is_room(make_record):
    assert [line.rstrip() for line in _shown(_board(make_record, CLASSES, MATRIX), 70).splitlines()] == [
        "Confusion of knn",
        "          Hip-Hop      Rap     Rock",
        "Hip-Hop   90  90%  10  10%        ·",
        "Rap       37  37%  63  63%        ·",
        "Rock            ·   1  <1% 299 >99%",
        "Rows: true class. Columns: predicted class. Percentages of the row.",
    ]


def test_percentages_stand_below_where_there_is_little_room(make_record):
    lines = [line.rstrip() for line in _shown(_board(make_record, CLASSES, MATRIX), 30).splitlines()]
    assert lines[1:6] == [
        "         Hip-H.    Rap   Rock",
        "Hip-Hop      90     10      ·",
        "            90%    10%",
        "Rap          37     63      ·",
        "            37%    63%",
    ]


def test_a_matrix_too_wide_gives_way_to_its_most_frequent_mistakes(make_record):
    classes = [f"class {i:02d}" for i in range(30)]
    matrix = [[10 if i == j else 3 if (i, j) == (4, 7) else 0 for j in range(30)] for i in range(30)]
    shown = _shown(_board(make_record, classes, matrix), 80)
    assert "the most frequent mistakes" in shown
    assert ["class", "04", "class", "07", "3", "23%"] in [line.split() for line in shown.splitlines()]


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("n_classes", [2, 5, 10, 26])
def test_no_line_of_a_matrix_is_wider_than_the_terminal(make_record, width: int, n_classes: int):
    board = boards([make_record("knn", classes=[f"genre {i}" for i in range(n_classes)], n_test=9000)])[0]
    assert all(len(line) <= width for line in _shown(board, width).splitlines())


def test_large_shares_are_shaded_and_the_diagonal_is_bold(make_record):
    board = _board(make_record, CLASSES, MATRIX)
    assert "48;2;31;78;140" in _shown(board, 80, colour="truecolor")
    assert "\x1b" not in _shown(board, 80)


def test_best_all_and_a_name_choose_whose_matrix_is_shown(make_record):
    board = _board(make_record, CLASSES, MATRIX, metrics={"accuracy": 0.9})
    assert chosen(board, "best") == ["knn"]
    assert chosen(board, "all") == ["knn", "logistic"]
    assert chosen(board, "logistic") == ["logistic"]


def test_a_model_that_failed_or_is_on_another_board_has_no_matrix_here(make_record):
    board = _board(make_record, CLASSES, MATRIX)
    assert chosen(board, "xgboost") == []
    assert chosen(board, "elsewhere") == []
