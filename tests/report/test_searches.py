from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from suite.analysis.comparison import Pair
from suite.analysis.gains import Gain
from suite.analysis.ranking import boards
from suite.report.document import document
from suite.report.faces import REST, TERMINAL
from suite.report.markdown import board_markdown
from suite.report.searches import about_choice
from suite.report.terminal import rendered


def gain(**changes: object) -> Gain:
    usual = {
        "model": "hist_gb (tuned)",
        "default": "hist_gb",
        "budget": "60s",
        "metric": "log_loss",
        "trials": 12,
        "failed": 1,
        "seconds": 12.3,
        "inner_default": 0.5,
        "inner": 0.4321,
        "pair": pair(0.02),
        "chosen": "hist_gb:max_depth=3",
        "varies": False,
        "is_default": False,
    }
    return Gain(**{**usual, **changes})  # type: ignore[arg-type]


def pair(difference: float, p: float = 0.01) -> Pair:
    return Pair(
        metric="accuracy",
        first="hist_gb (tuned)",
        second="hist_gb",
        difference=difference,
        low=difference - 0.01,
        high=difference + 0.01,
        p=p,
    )


@pytest.fixture
def board(small_records, made_up):
    (found,) = boards(small_records, store=made_up)
    return found


def printed(board, width: int = 160) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    for part in rendered(document(board, TERMINAL), width):
        console.print(part)
    return console.file.getvalue()


def test_a_board_without_a_search_says_nothing_of_any(board) -> None:
    for shown in (printed(board), board_markdown(board)):
        assert "Search" not in shown
        assert "Inner" not in shown


def test_what_a_search_cost_and_gave_and_chose_is_shown_on_every_face(board) -> None:
    shown = replace(board, gains=(gain(),))
    for text in (printed(shown), board_markdown(shown)):
        for said in (
            "Searches",
            "12.3 s",
            "0.5000",
            "0.4321",
            "+2.0 (1.0, 3.0)",
            "hist_gb:max_depth=3",
            "log loss",
        ):
            assert said in text.replace("\xa0", " "), said


def test_the_table_of_searches_fits_a_narrow_terminal(board) -> None:
    assert max(map(len, printed(replace(board, gains=(gain(),)), 80).splitlines())) <= 80


def test_a_choice_is_told_in_words() -> None:
    assert about_choice(gain()) == "hist_gb:max_depth=3"
    assert about_choice(gain(varies=True)).endswith("(of the first split; others chose otherwise)")
    assert about_choice(gain(is_default=True)) == "the default was the best that it tried"
    assert about_choice(gain(is_default=True, inner=None)) == "no trial came to a score, so it is the default"


def test_a_hostile_choice_is_inert(board) -> None:
    hostile = gain(model="a\x1b[2J|<b>", chosen="x:y=\x1b]0;t\x07<script>")
    shown = replace(board, gains=(hostile,))
    assert "\x1b[2J" not in printed(shown)
    text = board_markdown(shown)
    assert "\x1b" not in text
    assert "<script>" not in text


def test_searches_stand_in_the_part_of_a_page_that_depends_on_the_machine(board) -> None:
    shown = replace(board, gains=(gain(),))
    titles = [section.heading for section in document(shown, REST)]
    assert "Searches" in titles
