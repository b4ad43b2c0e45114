from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from suite.analysis.ranking import boards
from suite.config import View
from suite.report.blocks import SCREEN
from suite.report.document import document
from suite.report.faces import TERMINAL, Face
from suite.report.terminal import rendered

GOLDEN = Path(__file__).parent / "golden"
HOSTILE = (
    "[/b]",
    "[red]x[/red]",
    "\x1b[2J\x1b]0;title\x07",
    "a\nb\r\nc",
    "\u202eevil",
    "x" * 300,
    "名前" * 30,
)


def _printed(shown, width: int) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    for part in shown:
        console.print(part)
    return "".join(f"{line.rstrip()}\n" for line in console.file.getvalue().splitlines())


def _text(board, width: int, **options) -> str:
    return _printed(rendered(document(board, TERMINAL._replace(**options)), width), width)


def _part(board, what: str, width: int) -> str:
    return _printed(rendered(document(board, Face(SCREEN, ("title", what), whole=True)), width), width)


@pytest.mark.parametrize("width", [80, 120])
def test_a_board_in_the_terminal_looks_as_it_should(small_records, made_up, width: int):
    assert _text(boards(small_records, store=made_up)[0], width) == (GOLDEN / f"board_{width}.txt").read_text(
        "utf-8"
    )


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200])
def test_no_line_of_a_board_is_wider_than_the_terminal(genre_records, width: int):
    assert max(map(len, _text(boards(genre_records)[0], width, confusion="all").splitlines())) <= width


def test_scores_are_never_cut_at_80_columns(genre_records):
    board = boards(genre_records)[0]
    text = _text(board, 80)
    for row in board.ranked:
        assert f"{row.scores['accuracy']:.4f}" in text
        assert f"{row.interval.low:.3f}–{row.interval.high:.3f}" in text


@pytest.mark.parametrize("width", [80, 120])
def test_what_to_check_stands_between_the_leaderboard_and_the_answer(make_record, width: int):
    text = "customer_id counts the rows: left out; --keep customer_id uses it, and this goes on for a while"
    found = [{"code": "identifier", "text": text, "columns": ["customer_id"]}]
    shown = _text(boards([make_record(features={"used": ["x"], "findings": found})])[0], width).splitlines()
    start = shown.index("Check this before you believe the scores")
    assert shown[start - 2].split()[1] == "logistic"
    first = "- customer_id counts the rows: left out; --keep customer_id uses it, and this"
    told = [first, "  goes on for a while"] if width == 80 else [f"- {text}"]
    assert shown[start + 1 :] == [*told, "", "logistic is the only model with a score: accuracy 0.6420.", ""]


def test_where_nothing_was_found_the_leaderboard_stands_first(make_record):
    for features in ({"used": ["x"]}, {"used": ["x"], "findings": []}):
        assert _text(boards([make_record(features=features)])[0], 80).startswith("music_genre, original")


def test_at_80_columns_the_difference_to_the_best_and_its_tie_stand_beside_the_score(genre_records, made_up):
    (board,) = boards(genre_records, store=made_up)
    lines = _part(board, "scores", 80).splitlines()
    (second,) = (line for line in lines if line.split()[:1] == ["2"])
    pair = board.ranked[1].to_best
    assert f"{100 * pair.difference:+.1f} ({100 * pair.low:.1f}, {100 * pair.high:.1f})" in second
    assert [line.split()[1] == "=" for line in lines[4 : 4 + len(board.rows)]] == [
        row.tied for row in board.rows
    ]


def test_at_120_columns_nothing_of_the_leaderboard_is_left_out(genre_records):
    shown = _part(boards(genre_records)[0], "scores", 120)
    assert "A wider terminal" not in shown
    for title in ("Family", "Accuracy", "interval", "Fit", "Predict", "memory"):
        assert title in shown


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_neither_steer_the_terminal_nor_break_the_tables(make_record, name: str):
    classes = (name, "plain", "other")
    found = [{"code": "identifier", "text": f"{name} counts the rows", "columns": [name]}] * 4
    features = {"used": [name], "dropped": {name: name}, "notes": [name], "findings": found}
    records = [
        make_record(name, dataset=name, classes=classes, features=features, notes=[name]),
        make_record("knn", 0.5, dataset=name, classes=classes, features=features),
        make_record(
            "bad", dataset=name, classes=classes, status="error", failure={"kind": name, "message": name}
        ),
    ]
    text = _text(boards(records)[0], 80, confusion="all")
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert all(ord(c) >= 32 or c == "\n" for c in text)


def test_colour_is_never_the_only_sign(genre_records, made_up):
    board = boards(genre_records, store=made_up)[0]
    coloured = Console(file=io.StringIO(), width=100, force_terminal=True, color_system="truecolor")
    bare = Console(
        file=io.StringIO(), width=100, force_terminal=True, color_system="truecolor", no_color=True
    )
    for part in rendered(document(board, TERMINAL), 100):
        coloured.print(part)
        bare.print(part)
    assert "38;2;" in coloured.file.getvalue()
    assert "38;2;" not in bare.file.getvalue()
    assert "*" in bare.file.getvalue()


def test_cells_are_counted_where_some_are_missing(make_record):
    records = [make_record("knn", seed=s) for s in range(3)] + [make_record("logistic", seed=0)]
    shown = _part(boards(records)[0], "scores", 100)
    assert "3/3" in shown
    assert "1/3" in shown
    notes = _part(boards(records)[0], "notes", 100)
    assert "of the one seed, of 3, that all ranked models have" in " ".join(notes.split())


def test_another_metric_stands_first_and_the_accuracy_stays(make_record):
    shown = _part(boards([make_record("knn")], View(metric="brier"))[0], "scores", 120)
    header = " ".join(shown.splitlines()[1:3]).split()
    assert "Brier" in header
    assert "Accuracy" in header


def test_what_was_not_measured_has_no_table(make_record):
    (board,) = boards([make_record(timing={}, resources={})])
    title = ["music_genre, original: 10 classes, 4,000 rows to train on, 1,000 to test on"]
    assert _part(board, "time", 120).splitlines() == title
    assert _part(board, "memory", 120).splitlines() == title
    assert "Fit" not in _part(board, "scores", 120)


def test_failures_of_one_reason_share_a_line(make_record):
    failure = {"kind": "ValueError", "message": "no such thing"}
    records = [make_record("knn", status="error", failure=failure, seed=s) for s in range(5)]
    lines = _part(boards(records)[0], "failures", 100).splitlines()[1:-1]
    assert lines[0] == "Without a score: 5 fits"
    assert len(lines) == 4
    assert "original, seed 0 and 4 more" in lines[3]


def test_a_number_stays_with_its_percent_sign(genre_records):
    board = boards(genre_records)[0]
    for width in range(40, 100):
        lines = _part(board, "remarks", width).splitlines()
        assert not any(line.lstrip().startswith("%") for line in lines)
        assert max(map(len, lines)) <= width


@pytest.mark.parametrize("what", ["classes", "confusion", "time", "memory", "notes"])
def test_a_part_is_what_the_whole_board_shows_of_it_below_the_title(small_records, what: str):
    board = boards(small_records)[0]
    title, _, rest = _part(board, what, 80).partition("\n")
    assert title.startswith("music_genre, original: 3 classes")
    assert len(rest.splitlines()) > 3
    assert rest in _text(board, 80)


@pytest.fixture
def edited(make_record):
    """One model on the table as it is, and two that were run before a cell of it was edited."""
    old = {"fingerprint": "a" * 64, "started_at": "2020-01-01T00:00:00"}
    return boards([make_record("knn"), *(make_record(name, **old) for name in ("dummy", "logistic"))])[0]


def test_models_of_an_earlier_state_of_the_table_stand_above_the_board_with_what_runs_them_again(edited):
    lines = _text(edited, 80).splitlines()
    start = lines.index("music_genre, original") + 1
    sentence = "2 models are not on this board: dummy, logistic. The table or its features have changed since"
    assert " ".join(lines[start : start + 2]).startswith(sentence)
    assert lines[start + 3] == "python -m suite run dummy logistic --data music_genre --protocol original"
    assert "Model" in lines[start + 6]


def test_a_command_is_printed_whole_and_within_the_width(edited):
    command = f"python -m suite run {'x' * 200} [red]"
    board = replace(edited, outdated=replace(edited.outdated, command=command))
    shown = _part(board, "state", 80)
    assert command.replace(" ", "") in "".join(shown.split())
    assert max(map(len, shown.splitlines())) <= 80
