"""What a board knows of differences: from predictions, from what was kept of them, and from neither."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from suite.analysis.evidence import STATISTICS
from suite.analysis.ranking import boards
from suite.config import View
from suite.predictions_file import predictions_digest
from suite.report.markdown import board_markdown
from suite.store import Store
from suite.writing import edited_statistics, write_boards

ACCURACY = {"knn": 0.82, "logistic": 0.81, "naive_bayes": 0.5, "dummy": 0.3}


@pytest.fixture
def store(tmp_path: Path, make_record, made_up) -> Store:
    store = Store(tmp_path)
    for model, accuracy in ACCURACY.items():
        record = make_record(model, accuracy, n_test=300, classes=("a", "b", "c"))
        predictions = made_up.predictions(record)
        record = replace(
            record, predictions_sha256=predictions_digest(predictions), n_test=len(predictions.rows)
        )
        store.save(record, predictions)
    return store


def _npz(store: Store, model: str) -> Path:
    (record,) = (record for record in store.records() if record.model == model)
    return store.path_for(record).with_suffix(".npz")


def test_a_clone_without_predictions_shows_what_the_folder_showed(store: Store) -> None:
    (before,) = write_boards(store)
    assert before.comparisons is not None
    assert [path.stem for path in (store.root / STATISTICS).iterdir()] == [before.statistics]
    for path in store.root.rglob("*.npz"):
        path.unlink()
    (after,) = write_boards(Store(store.root))
    assert after == before
    assert board_markdown(after) == board_markdown(before)
    assert [path.stem for path in (store.root / STATISTICS).iterdir()] == [before.statistics]


def test_without_predictions_and_without_what_was_kept_nothing_is_said(store: Store) -> None:
    for path in store.root.rglob("*.npz"):
        path.unlink()
    (board,) = boards(store.records(), store=store)
    assert board.comparisons is None
    assert board.uncompared == tuple(sorted(ACCURACY))
    assert not any(row.tied or row.to_best for row in board.rows)


@pytest.mark.parametrize("before_it_was_kept", [True, False])
def test_edited_predictions_speak_for_nobody(store: Store, before_it_was_kept: bool) -> None:
    if before_it_was_kept:
        write_boards(store)
    path = _npz(store, "logistic")
    with np.load(path) as arrays:
        kept = dict(arrays)
    kept["proba"] = np.roll(kept["proba"], 1, axis=1)
    np.savez_compressed(path, **kept)
    (board,) = write_boards(store)
    assert board.uncompared == ("logistic",)
    assert board.comparisons.models == ("dummy", "knn", "naive_bayes")
    assert any("logistic" in said.text and "predictions" in said.text for said in board.verdict)
    rows = {row.model: row for row in board.rows}
    assert rows["logistic"].to_best is None
    assert not rows["logistic"].tied


def test_a_record_with_another_digest_is_not_what_was_kept(store: Store) -> None:
    (before,) = write_boards(store)
    for path in store.root.rglob("*.npz"):
        path.unlink()
    records = [
        replace(record, predictions_sha256="0" * 64) if record.model == "knn" else record
        for record in store.records()
    ]
    (board,) = boards(records, store=store)
    assert before.comparisons is not None
    assert board.comparisons is None


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "{",
        '{"comparisons": {"models": ["dummy", "knn", "logistic", "naive_bayes"], "n_rows": 3, '
        '"standings": {"accuracy": {"method": "tango", "pairs": [[1, 2]]}}}}',
        '{"models": 5}',
        "[]",
        '{"comparisons": {"models": ["a"], "n_rows": 1e400}}',
        '{"comparisons": null}',
    ],
)
def test_what_was_kept_and_damaged_is_computed_again(store: Store, damage: str) -> None:
    (before,) = write_boards(store)
    (path,) = (store.root / STATISTICS).iterdir()
    whole = path.read_bytes()
    path.write_text(damage)
    (after,) = boards(store.records(), store=store)
    assert after == before
    write_boards(store)
    assert path.read_bytes() == whole


def _accuracy(data):
    return data["comparisons"]["standings"]["accuracy"]


ABSURD = {
    "an interval upside down": lambda d: _accuracy(d)["low"].__setitem__(0, 0.99),
    "half an interval": lambda d: _accuracy(d)["low"].__setitem__(0, None),
    "a pair of three": lambda d: _accuracy(d)["pairs"][0].pop(),
    "a pair upside down": lambda d: _accuracy(d)["pairs"][0].__setitem__(1, 5.0),
    "a pair too few": lambda d: _accuracy(d)["pairs"].pop(),
    "a p of 2": lambda d: _accuracy(d)["pairs"][0].__setitem__(3, 2.0),
    "more often first than always": lambda d: _accuracy(d)["first"].__setitem__(0, 1.5),
    "a score too few": lambda d: _accuracy(d)["scores"].pop(),
    "no scores": lambda d: _accuracy(d).update(scores=[]),
    "an interval of no score": lambda d: _accuracy(d)["scores"].__setitem__(0, None),
    "no rows": lambda d: d["comparisons"].update(n_rows=0),
    "fewer rows than differ": lambda d: d["comparisons"].update(n_rows=1),
    "a score of 1e99": lambda d: _accuracy(d)["scores"].__setitem__(0, 1e99),
    "no accuracy": lambda d: d["comparisons"]["standings"].pop("accuracy"),
    "a class too few": lambda d: d["comparisons"]["classes"].pop("a"),
    "a model of its own": lambda d: d["comparisons"]["zeros"].update(luck=1),
    "a seed's model of its own": lambda d: d["comparisons"]["seed_spread"].update(accuracy={"luck": 1.0}),
    "minus three rows": lambda d: d["comparisons"].update(n_rows=-3),
    "an accuracy of no rows": lambda d: d.update(
        twins=[
            {
                "model": "knn",
                "n_other": 30,
                "n_same": 0,
                "n_alone": 0,
                "other": None,
                "same": None,
                "alone": None,
            }
        ]
    ),
    "a curve of other rows": lambda d: d["calibration"]["knn"]["curve"].pop(),
    "a share of 2": lambda d: d["calibration"]["knn"]["curve"][0].update(share=2.0),
}


@pytest.mark.parametrize("case", ABSURD)
def test_what_was_kept_and_cannot_be_is_computed_again(store: Store, case: str) -> None:
    (before,) = write_boards(store)
    (path,) = (store.root / STATISTICS).iterdir()
    data = json.loads(path.read_text())
    ABSURD[case](data)
    path.write_text(json.dumps(data))
    assert edited_statistics(store) == ([path.stem], [])
    (after,) = boards(store.records(), store=store)
    assert after == before


@pytest.mark.parametrize("part", ["rows", "y_true"])
def test_a_model_that_was_tested_on_other_rows_than_most_is_compared_with_nobody(
    store: Store, part: str
) -> None:
    (record,) = (record for record in store.records() if record.model == "logistic")
    predictions = store.predictions(record)
    predictions = replace(predictions, **{part: np.roll(getattr(predictions, part), 1)})
    store.save(replace(record, predictions_sha256=predictions_digest(predictions)), predictions)
    (board,) = write_boards(store)
    assert board.uncompared == ("logistic",)
    assert board.comparisons.models == ("dummy", "knn", "naive_bayes")


@pytest.mark.parametrize("edit", ["tied", "low", "p", "spread"])
def test_edited_statistics_are_found_by_their_predictions(store: Store, edit: str) -> None:
    (board,) = write_boards(store)
    assert edited_statistics(store) == ([], [])
    path = store.root / STATISTICS / f"{board.statistics}.json"
    data = json.loads(path.read_text())
    accuracy = data["comparisons"]["standings"]["accuracy"]
    if edit == "tied":
        accuracy["tied"][0] = not accuracy["tied"][0]
    elif edit == "low":
        accuracy["low"][1] += 0.01
    elif edit == "p":
        accuracy["pairs"][2][3] += 0.01
    else:
        data["comparisons"]["seed_spread"] = {"accuracy": {"knn": 0.1}}
    path.write_text(json.dumps(data))
    assert edited_statistics(store) == ([board.statistics], [])


def test_what_another_view_was_shown_by_cannot_be_checked_and_does_not_replace_what_was_kept(
    store: Store,
) -> None:
    (usual,) = write_boards(store)
    (other,) = write_boards(store, View(positive="b"))
    assert usual.statistics != other.statistics
    assert edited_statistics(store) == ([], [other.statistics])
    write_boards(store)
    assert edited_statistics(store) == ([], [])


def test_where_the_best_is_not_compared_no_tie_is_shown(store: Store) -> None:
    (before,) = write_boards(store)
    path = _npz(store, before.best.model)
    path.write_bytes(b"damaged")
    (board,) = write_boards(store)
    assert board.uncompared == (before.best.model,)
    assert not any(row.tied or row.to_best for row in board.rows)
    assert "no test says whether that is real" in board.verdict[0].text


def test_what_replaced_records_gave_is_removed_and_what_cannot_be_had_again_stays(store: Store) -> None:
    (before,) = write_boards(store)
    _npz(store, "dummy").unlink()
    (record,) = (record for record in store.records() if record.model == "knn")
    predictions = store.predictions(record)
    predictions = replace(predictions, proba=predictions.proba[:, [1, 0, 2]])
    store.save(replace(record, predictions_sha256=predictions_digest(predictions)), predictions)
    (board,) = write_boards(store)
    # The predictions of one model are not here, so what was known of it may be of use yet.
    assert board.uncompared == ("dummy",)
    names = {path.stem for path in (store.root / STATISTICS).iterdir()}
    assert names == {before.statistics, board.statistics}


def test_models_that_are_slower_than_asked_for_are_not_compared(store: Store) -> None:
    def slower(record):
        took = 5.0 if record.model == "knn" else 0.5
        return replace(record, timing=replace(record.timing, latency_ms_p50=took))

    records = [slower(record) for record in store.records()]
    (board,) = boards(records, View(max_latency_ms="1ms"), store=store)
    assert board.best.model == "logistic"
    assert "knn" not in board.comparisons.models
    assert {row.model: row.rank for row in board.rows}["knn"] is None
    assert any("knn is left out: slower than 1 ms a row" in said.text for said in board.verdict)
