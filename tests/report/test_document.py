"""A board as a document: one list of columns for every face, plain values, one order for each face."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from suite.analysis.intervals import Interval
from suite.analysis.ranking import boards
from suite.config import View
from suite.report import document as documents
from suite.report.blocks import BRIEF, FILE, SCREEN, Field, Grid, Section, Sentences, kept
from suite.report.brief import brief_text
from suite.report.columns import leaderboard, times
from suite.report.document import SECTIONS, document
from suite.report.faces import NOTEBOOK, QUALITY, REST, SUMMARY, TERMINAL
from suite.report.markdown import board_markdown
from suite.report.terminal import rendered
from suite.schema import Failure


def _printed(board, width: int) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    for part in rendered(document(board, TERMINAL), width):
        console.print(part)
    return console.file.getvalue()


def test_a_column_is_added_to_the_terminal_and_the_file_in_one_place(
    small_records, monkeypatch: pytest.MonkeyPatch
) -> None:
    (board,) = boards(small_records)
    assert "Cores" not in _printed(board, 160) + board_markdown(board)
    column = Field("Cores", lambda row: len(row.model), "{} cores".format, 99)
    monkeypatch.setattr(documents, "times", lambda board: [*times(board), column])
    for shown in (_printed(board, 160), board_markdown(board)):
        assert "Cores" in shown
        assert "7 cores" in shown


def test_values_are_plain(small_records) -> None:
    (board,) = boards(small_records)
    values = {field.title: field.value(board.rows[0]) for field in leaderboard(board) if FILE in field.on}
    assert isinstance(values["Accuracy"], float)
    assert isinstance(values["95 %\ninterval"], Interval)
    assert values["Model"] == "hist_gb"


def test_the_first_and_the_published_are_marked(small_records) -> None:
    (board,) = boards(small_records)
    (model,) = (field for field in leaderboard(board) if field.title == "Model")
    assert [model.mark(row) for row in board.rows] == ["first", "", "published", "", ""]


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1", "mcc"])
def test_each_score_stands_once_and_what_ranks_stands_first(small_records, metric: str) -> None:
    (board,) = boards(small_records, View(metric=metric))
    for kind in (SCREEN, FILE):
        titles = [field.title for field in leaderboard(board) if kind in field.on]
        assert len(titles) == len(set(titles))
        assert titles[:2] == ["#", "Model"]
    brief = [field.title for field in leaderboard(board) if BRIEF in field.on]
    assert len(brief) == 6


def test_every_face_shows_sections_that_there_are() -> None:
    for face in (TERMINAL, NOTEBOOK, SUMMARY, QUALITY, REST):
        assert set(face.order) <= set(SECTIONS)
        assert len(set(face.order)) == len(face.order)


def test_the_order_of_a_face_is_the_order_of_its_document(small_records) -> None:
    (board,) = boards(small_records)
    face = TERMINAL._replace(order=("notes", "memory", "title"))
    assert [section.heading.split(",")[0] for section in document(board, face)] == [
        "Notes",
        "Memory",
        "music_genre",
    ]


def test_no_board_is_no_text() -> None:
    assert brief_text([]) == ""


def test_sections_without_content_are_left_out_but_for_titles() -> None:
    empty = [Section("a", [Sentences([""]), Grid([], [])]), Section("b", level=1)]
    assert [section.heading for section in kept(empty)] == ["b"]


def test_failures_of_one_reason_are_one_line_that_names_every_cell_in_a_file(make_record) -> None:
    failure = {"kind": "ValueError", "message": "no such thing"}
    records = [make_record("knn", status="error", failure=failure, seed=seed) for seed in range(3)]
    page = board_markdown(boards(records)[0])
    cells = "; ".join(f"original, seed {seed}" for seed in range(3))
    assert f"| knn | error | {cells} | ValueError: no such thing |" in page
    other = replace(records[2], failure=Failure(kind="ValueError", message="another thing"))
    page = board_markdown(boards([*records[:2], other])[0])
    assert page.partition("## Failures")[2].count("| knn | error |") == 2
