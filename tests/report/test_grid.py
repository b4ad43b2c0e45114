from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.text import Text

from suite.report.grid import Column, Grid


def _lines(grid: Grid, width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    console.print(grid)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def _column(title: str, *cells: str, **options) -> Column:
    return Column(title=title, cells=[Text(cell) for cell in cells], **options)


GRID = Grid(
    title="A title",
    columns=[
        _column("Model", "a_long_model_name", "b", numeric=False, least=8, importance=9),
        _column("Two\nlines", "0.5", "12.25", importance=8),
        _column("Extra", "1", "2", importance=1),
    ],
    notes=["A note."],
)


def test_a_wide_table_shows_every_column():
    assert _lines(GRID, 60) == [
        "A title",
        "                     Two",
        "Model              lines  Extra",
        "───────────────────────────────",
        "a_long_model_name    0.5      1",
        "b                  12.25      2",
        "A note.",
    ]


def test_text_is_cut_before_a_column_is_left_out():
    assert _lines(GRID, 24)[4] == "a_long…ame    0.5      1"


def test_the_least_important_column_goes_first_and_is_named():
    lines = _lines(GRID, 16)
    assert lines[4] == "a_long…me    0.5"
    assert " ".join(lines).endswith("also shows: Extra.")


@pytest.mark.parametrize("width", range(15, 60))
def test_no_figure_is_ever_broken_or_cut(width: int):
    lines = _lines(GRID, width)
    assert max(map(len, lines)) <= width
    assert "12.25" in "\n".join(lines)


def test_a_column_with_nothing_in_it_is_not_shown():
    lines = _lines(Grid(title="", columns=[_column("A", "1"), _column("Empty", "")]), 40)
    assert lines == ["A", "─", "1"]


def test_text_that_may_fold_goes_on_in_the_next_line():
    folding = _column("Reason", "one two three four five six", numeric=False, least=10, fold=True)
    assert _lines(Grid(title="", columns=[_column("A", "1"), folding]), 20)[2:] == [
        "1  one two three",
        "   four five six",
    ]


def test_a_grid_without_rows_is_its_title():
    assert _lines(Grid(title="Nothing", columns=[_column("A"), _column("B")]), 20) == ["Nothing"]
