"""The sentences that boards share: each says what is so, once, in the same words everywhere."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from string import ascii_lowercase

import pytest
from rich.console import Console

from suite.analysis.board import Board, Machine, Outdated
from suite.analysis.ranking import boards
from suite.config import View
from suite.report.document import document
from suite.report.faces import TERMINAL
from suite.report.markdown import board_markdown
from suite.report.terminal import rendered
from suite.report.text import NONE
from suite.report.wording import (
    CHECK_FIRST,
    about_all_intervals,
    about_comparisons,
    about_data,
    about_features,
    about_intervals,
    about_left_out,
    about_load,
    about_machine,
    about_notes,
    about_outdated,
    about_scores,
    first_to_check,
    labels,
)
from suite.schema import Finding, Record


def with_workers(make: Callable[..., Record], model: str, busy: int) -> Record:
    record = make(model)
    return replace(record, timing=replace(record.timing, busy_workers=busy))


def test_times_taken_beside_other_cells_are_said_to_be(make_record: Callable[..., Record]) -> None:
    (board,) = boards([with_workers(make_record, "logistic", 2), with_workers(make_record, "knn", 1)])
    sentence = "Times of logistic were taken while other fits ran; --timing exclusive runs one at a time."
    assert about_load(board) == [sentence]
    for shown in (board_markdown(board), _printed(board)):
        assert sentence in " ".join(shown.split())


def test_times_of_a_whole_board_are_named_together(make_record: Callable[..., Record]) -> None:
    (board,) = boards([with_workers(make_record, "logistic", 2), with_workers(make_record, "knn", 2)])
    sentence = "All times were taken while other fits ran; --timing exclusive runs one at a time."
    assert about_load(board) == [sentence]


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


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "2 classes, 1,200 rows to train on, 300 to test on"),
        ({"n_splits": 5}, "2 classes, 1,200 rows to train on, 300 to test on, 5 times"),
        ({"n_seeds": 3}, "2 classes, 1,200 rows to train on, 300 to test on, 3 seeds each"),
        (
            {"n_splits": 2, "n_seeds": 2},
            "2 classes, 1,200 rows to train on, 300 to test on, 2 times, 2 seeds each",
        ),
        ({"classes": ("a",)}, "1 class, 1,200 rows to train on, 300 to test on"),
    ],
)
def test_how_much_there_is_to_learn_from_and_how_it_was_split(
    make_record: Callable[..., Record], changes: dict[str, object], sentence: str
) -> None:
    (board,) = boards([make_record("knn", n_test=300, n_train=1200, classes=("no", "yes"))])
    assert about_data(replace(board, **changes)) == sentence


TANGO = "Differences: Tango's score interval and McNemar's mid-p on the test rows."
BOOTSTRAP = "Differences: paired percentile bootstrap of the test rows, 2,000 draws."
TIED = "= may be the best: the models so marked hold the truly best one with 95 % probability."


@pytest.mark.parametrize(("metric", "method"), [("accuracy", TANGO), ("macro_f1", BOOTSTRAP)])
def test_how_models_were_compared_and_what_is_tied_is_said_once(
    make_record: Callable[..., Record], made_up: object, metric: str, method: str
) -> None:
    records = [make_record(model, right, n_test=1000) for model, right in (("knn", 0.8), ("dummy", 0.3))]
    (board,) = boards(records, View(metric=metric), store=made_up)
    assert about_comparisons(board) == [method]
    again = [make_record("logistic", confusion=records[0].confusion, metrics=records[0].metrics)]
    (board,) = boards([*records, *again], View(metric=metric), store=made_up)
    assert len(board.tied) == 2
    assert about_comparisons(board) == [method, TIED]
    # Nothing is said where nothing was compared.
    (board,) = boards(records, View(metric=metric))
    assert about_comparisons(board) == []


HALF = [[250, 250], [250, 250]]


def test_a_tie_whose_interval_leaves_zero_out_is_explained(
    make_record: Callable[..., Record], made_up: object
) -> None:
    shape = {"confusion": HALF, "classes": ("no", "yes"), "n_test": 1000, "metrics": {"accuracy": 0.5}}
    records = [make_record(model, **shape) for model in ("knn", "logistic")]
    (board,) = boards(records, store=made_up)
    assert [row.tied for row in board.ranked] == [True, True]
    second = board.ranked[1]
    said = about_comparisons(board)
    away = replace(second, to_best=replace(second.to_best, low=-0.03, high=-0.01))
    rows = tuple(away if row is second else row for row in board.rows)
    assert about_comparisons(replace(board, rows=rows)) == [
        *said,
        "A model may be the best although the interval of its difference leaves zero out: the first of 2 was picked "
        "by the same rows.",
    ]


def test_methods_of_intervals_are_named_with_what_is_drawn(
    make_record: Callable[..., Record], made_up: object
) -> None:
    (board,) = boards([make_record("knn"), make_record("dummy", 0.3)], store=made_up)
    assert about_intervals(board) == ["95 % interval: Wilson's score interval on the test rows."]
    assert about_all_intervals(board) == [
        "Accuracy: Wilson's score interval on the test rows; the others: percentile bootstrap of the test rows, "
        "2,000 draws."
    ]
    assert board.comparisons is not None
    drawn = {name: found for name, found in board.comparisons.standings.items() if name != "accuracy"}
    one = replace(board, comparisons=replace(board.comparisons, standings=drawn))
    assert about_all_intervals(one) == ["Intervals: percentile bootstrap of the test rows, 2,000 draws."]
    grouped = replace(board, comparisons=replace(board.comparisons, n_groups=1234))
    assert about_all_intervals(grouped)[0].endswith("percentile bootstrap of the 1,234 groups, 2,000 draws.")
    (bare,) = boards([make_record("knn", metrics={})])
    assert about_intervals(bare) == []


@pytest.mark.parametrize(
    ("models", "command", "sentence"),
    [
        (
            ("knn",),
            "suite run knn",
            "1 model is not on this board: knn. The table or its features have changed since it was run; this runs "
            "it again:",
        ),
        (
            ("knn", "dummy"),
            "",
            "2 models are not on this board: knn, dummy. The table or its features have changed since they were run.",
        ),
    ],
)
def test_models_of_another_state_of_the_table_are_named(
    models: tuple[str, ...], command: str, sentence: str
) -> None:
    assert about_outdated(Outdated(models=models, command=command)) == sentence


def test_features_are_named_where_they_are_few(make_record: Callable[..., Record]) -> None:
    (board,) = boards([make_record("knn")])
    twenty = tuple(f"x{i}" for i in range(20))
    assert about_features(replace(board, features=("tempo",))) == "1 feature: tempo."
    assert about_features(replace(board, features=twenty)) == f"20 features: {', '.join(twenty)}."
    assert about_features(replace(board, features=(*twenty, "y"))) == "21 features."
    assert about_features(replace(board, features=())) == "0 features."


def test_a_machine_is_told_in_one_line() -> None:
    machine = Machine(cpu="A cpu", cores=2, os="Linux", python="3.11", suite="0.1", packages={"numpy": "2.4"})
    assert about_machine(machine) == "A cpu, 2 cores, Linux, Python 3.11, suite 0.1, numpy 2.4"
    assert (
        about_machine(replace(machine, cores=1, packages={}))
        == "A cpu, 1 core, Linux, Python 3.11, suite 0.1"
    )
    assert about_machine(replace(machine, cores=None)).startswith("A cpu, Linux, ")


def test_models_without_a_rank_have_a_letter_and_those_without_a_score_none(
    make_record: Callable[..., Record],
) -> None:
    published = [make_record(f"paper_{i}", 0.5, source="reported") for i in range(28)]
    (board,) = boards([make_record("knn"), make_record("logistic", status="crash"), *published])
    found = labels(board)
    assert (found["knn"], found["logistic"]) == ("1", NONE)
    letters = [found[row.model] for row in board.rows if row.source != "run"]
    assert letters == [*ascii_lowercase, "aa", "ab"]


def test_models_that_are_not_ranked_or_were_not_run_here_are_named_with_the_reason(
    make_record: Callable[..., Record],
) -> None:
    folds = [f"cv3-f{fold}" for fold in range(3)]

    def run(model: str, n: int = 3) -> list[Record]:
        return [make_record(model, split=split, protocol="cv3") for split in folds[:n]]

    whole = [*run("knn"), *run("dummy")]
    paper = make_record("paper", protocol="cv3", split=folds[0], source="reported")
    (board,) = boards([*whole, *run("ada", 2), paper])
    said = about_scores(board)
    assert f"{labels(board)['ada']}: not ranked; scored in 2 of 3 fits." in said
    (row,) = (row for row in board.aside if row.model == "ada")
    undefined = replace(row, n_ok=3)
    rows = tuple(undefined if each is row else each for each in board.rows)
    assert any(
        text.endswith("not ranked; the metric is not defined for it.")
        for text in about_scores(replace(board, rows=rows))
    )
    assert f"{labels(board)['paper']}: published figures, not run here and not ranked." in said
    (ranked,) = boards(whole)
    assert not any("ranked" in text or "published" in text for text in about_scores(ranked))


def test_models_that_no_seed_moves_are_said_to_be_fitted_once(make_record: Callable[..., Record]) -> None:
    moved = [make_record("knn", seed=seed, seeded=True) for seed in (0, 1)]
    (board,) = boards([*moved, make_record("logistic", seeded=False)])
    still = "the seed changes nothing, so each was fitted once a split."
    assert [text for text in about_scores(board) if text.endswith(still)] == [
        f"{labels(board)['logistic']}: {still}"
    ]
    for records in (moved, [make_record("logistic", seeded=False)]):
        (board,) = boards(records)
        assert not any("the seed changes nothing" in text for text in about_scores(board))


def test_the_class_that_figures_are_of_is_named(make_record: Callable[..., Record]) -> None:
    (board,) = boards([make_record("knn", classes=("no", "yes"))])
    said = "F1, precision, recall and average precision: of class 'yes'."
    assert about_scores(replace(board, positive="yes")).count(said) == 1
    assert not any("of class" in text for text in about_scores(replace(board, positive=None)))


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


def test_the_effect_of_a_finding_is_said_where_there_is_room_for_it() -> None:
    found = [Finding(code="identifier", text="id counts the rows.", effect="models may know the answer.")]
    assert first_to_check(found) == ["id counts the rows."]
    assert first_to_check(found, effects=True) == ["id counts the rows. Models may know the answer."]
    assert first_to_check([replace(found[0], effect="")], effects=True) == ["id counts the rows."]


def _printed(board: Board) -> str:
    console = Console(file=io.StringIO(), width=120)
    for part in rendered(document(board, TERMINAL), 120):
        console.print(part)
    return console.file.getvalue()
