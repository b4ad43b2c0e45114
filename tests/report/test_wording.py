from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from rich.console import Console

from suite.analysis.board import Board
from suite.analysis.ranking import boards
from suite.report.document import TERMINAL, document
from suite.report.markdown import board_markdown
from suite.report.terminal import rendered
from suite.report.wording import (
    CHECK_FIRST,
    about_left_out,
    about_load,
    about_notes,
    about_scores,
    first_to_check,
)
from suite.schema import Record


def with_workers(make: Callable[..., Record], model: str, busy: int) -> Record:
    record = make(model)
    return replace(record, timing=replace(record.timing, busy_workers=busy))


def test_times_taken_beside_other_cells_are_said_to_be(make_record: Callable[..., Record]) -> None:
    (board,) = boards([with_workers(make_record, "logistic", 2), with_workers(make_record, "knn", 1)])
    sentence = "Times of logistic were taken while other fits ran; --timing exclusive runs one at a time."
    assert about_load(board) == [sentence]
    assert "Times of logistic were taken while other fits ran" in board_markdown(board)
    assert rendered(document(board, TERMINAL), 120)


def test_times_of_a_whole_board_are_named_together(make_record: Callable[..., Record]) -> None:
    (board,) = boards([with_workers(make_record, "logistic", 2), with_workers(make_record, "knn", 2)])
    assert about_load(board)[0].startswith("All times were taken while other fits ran")


def test_times_taken_alone_need_no_remark(make_record: Callable[..., Record]) -> None:
    (board,) = boards([make_record("logistic"), make_record("knn")])
    assert about_load(board) == []


def test_without_a_ranked_model_nothing_is_said_of_common_cells(make_record: Callable[..., Record]) -> None:
    failed = [make_record("knn", status="crash", seed=seed) for seed in range(3)]
    for records in (failed[:1], failed):
        assert about_scores(boards(records)[0]) == []
    (note,) = (
        text for text in about_scores(boards([make_record("knn"), *failed[1:]])[0]) if "one seed" in text
    )
    assert note == "Scores are of the one seed, of 3, that all ranked models have."


@pytest.mark.parametrize(
    ("folds", "seeds", "words"),
    [
        (5, 1, ["Scores are means over 5 folds."]),
        (1, 3, ["Scores are means over 3 seeds."]),
        (5, 2, ["Scores are means over 5 folds, 2 seeds each."]),
        (1, 1, []),
    ],
)
def test_scores_are_means_over_folds_and_seeds(
    make_record: Callable[..., Record], folds: int, seeds: int, words: list[str]
) -> None:
    records = [
        make_record("knn", split=f"cv5-f{fold}", protocol="cv5", seed=seed)
        for fold in range(folds)
        for seed in range(seeds)
    ]
    assert [text for text in about_scores(boards(records)[0]) if "means" in text] == words
    if folds * seeds > 2:
        part = [*records, *(replace(r, id=replace(r.id, model="ada")) for r in records[:2])]
        failed = [replace(r, id=replace(r.id, model="ada"), status="crash") for r in records[2:]]
        unit = "folds" if seeds == 1 else "seeds" if folds == 1 else "fits"
        (note,) = (text for text in about_scores(boards([*part, *failed])[0]) if "means" in text)
        assert (
            note == f"Scores are means over 2 of {folds * seeds} {unit}: those that all ranked models have."
        )


def test_what_reading_left_out_or_changed_is_noted_before_what_models_say(
    make_record: Callable[..., Record],
) -> None:
    read = ["column 'price' was read with a decimal comma", "read as dates: since", "5 rows were left out"]
    dropped = {"id": "counts the rows", "city": "text with 5,000 different values"}
    features = {"used": ["price", "since"], "dropped": dropped, "notes": read}
    (board,) = boards(
        [make_record("knn", features=features, notes=["slow"]), make_record("logistic", features=features)]
    )
    left_out = (
        "left out: city (text with 5,000 different values), id (counts the rows); --keep COLUMN uses one"
    )
    noted = [*read, left_out, "knn: slow"]
    assert about_notes(board, most=2) == noted
    assert about_notes(board, most=1) == [read[0], "and 2 more like these", left_out, "knn: slow"]
    for shown in (board_markdown(board), _printed(board)):
        assert all(sentence in shown.replace("\n  ", " ") for sentence in noted)


def test_every_column_left_out_is_named_by_reason_however_many_there_are() -> None:
    dropped = {f"c{i:02d}": "every value is missing" for i in range(80)} | {"id": "counts the rows"}
    (sentence,) = about_left_out(dropped)
    assert all(name in sentence for name in dropped)
    assert sentence.count("every value is missing") == 1
    assert sentence.endswith("c79 (every value is missing), id (counts the rows); --keep COLUMN uses one")


def test_only_what_nobody_asked_to_leave_out_can_be_kept() -> None:
    assert about_left_out({"b": "left out with --drop", "a": "left out with --drop"}) == [
        "left out: a, b (with --drop)"
    ]
    assert about_left_out({}) == []


def test_three_findings_stand_first_and_the_others_among_the_notes(
    make_record: Callable[..., Record],
) -> None:
    found = [{"code": "identifier", "text": f"finding {i}", "columns": ["id"]} for i in range(5)]
    features = {"used": ["x"], "dropped": {}, "notes": [], "findings": found}
    (board,) = boards([make_record("knn", features=features)])
    first = ["finding 0", "finding 1", "finding 2", "and 2 more: see Notes"]
    assert first_to_check(board.findings) == first
    assert about_notes(board, most=1) == ["finding 3", "finding 4"]
    assert first_to_check(board.findings[:3]) == first[:3]
    for shown in (board_markdown(board), _printed(board)):
        places = [shown.index(text) for text in (CHECK_FIRST, *first, "Notes\n", "finding 3", "finding 4")]
        kept = [CHECK_FIRST, *first]
        assert places[: len(kept)] == sorted(places[: len(kept)])
        assert places[-1] > places[-2] > places[-3]


def _printed(board: Board) -> str:
    console = Console(file=io.StringIO(), width=120)
    for part in rendered(document(board, TERMINAL), 120):
        console.print(part)
    return console.file.getvalue()
