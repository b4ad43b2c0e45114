from __future__ import annotations

import random
from pathlib import Path

import pytest

from suite.analysis.ranking import boards
from suite.config import View
from suite.errors import UnknownName
from suite.report.wording import about_scores
from suite.store import Store


def _scored(make_record, model: str, accuracy: float, log_loss: float = 1.0, **changes):
    metrics = {
        "accuracy": accuracy,
        "log_loss": log_loss,
        "macro_f1": accuracy,
        "roc_auc": changes.pop("auc", None),
    }
    return make_record(model, metrics=metrics, **changes)


def _names(board) -> list[str]:
    return [row.model for row in board.rows]


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_records_does_not_change_a_board(make_record, genre_records, seed: int):
    records = genre_records + [
        make_record(
            model, 0.7, split=f"cv5-f{f}", seed=s, protocol="cv5", dataset="digits", notes=[f"note {f}"]
        )
        for model in ("logistic", "knn", "xgboost")
        for f in range(5)
        for s in range(2)
    ]
    shuffled = random.Random(seed).sample(records, len(records))
    assert boards(shuffled) == boards(records)


def test_each_data_set_and_protocol_has_a_board_of_its_own(make_record):
    records = [
        make_record(dataset=dataset, protocol=protocol, split=protocol)
        for dataset in ("wine", "digits")
        for protocol in ("holdout", "cv5")
    ]
    assert [(b.dataset, b.protocol) for b in boards(records)] == [
        ("digits", "cv5"),
        ("digits", "holdout"),
        ("wine", "cv5"),
        ("wine", "holdout"),
    ]


def test_scores_are_means_over_the_cells_that_all_ranked_models_have(make_record):
    splits = ["cv3-f0", "cv3-f1", "cv3-f2"]
    records = [
        _scored(make_record, "knn", a, split=s, protocol="cv3")
        for s, a in zip(splits, (0.5, 0.7, 0.0), strict=True)
    ]
    records += [_scored(make_record, "logistic", 0.55, split=s, protocol="cv3") for s in splits[:2]]
    records.append(make_record("logistic", status="crash", split=splits[2], protocol="cv3"))
    (board,) = boards(records)
    assert _names(board) == ["knn", "logistic"]
    assert [row.scores["accuracy"] for row in board.rows] == pytest.approx([0.6, 0.55])
    assert (board.n_common, board.n_cells) == (2, 3)
    assert [(row.n_ok, row.n_cells, row.status) for row in board.rows] == [
        (3, 3, "ok"),
        (2, 3, "2 ok, 1 crash"),
    ]


def test_a_cell_that_was_never_run_is_said_to_be_missing(make_record):
    records = [make_record("knn", seed=s) for s in range(3)] + [make_record("logistic")]
    (board,) = boards(records)
    assert {row.model: row.status for row in board.rows} == {"knn": "ok", "logistic": "1 ok, 2 missing"}
    assert board.n_seeds == 3


def test_models_without_a_common_cell_stand_aside(make_record):
    records = [make_record("knn", seed=0), make_record("knn", seed=1), make_record("logistic", seed=2)]
    (board,) = boards(records)
    assert {row.model: row.rank for row in board.rows} == {"knn": 1, "logistic": None}
    assert board.n_common == 2
    assert all(row.scores["accuracy"] is not None for row in board.rows)


def test_equal_scores_are_ordered_by_log_loss_and_then_by_name(make_record):
    records = [
        _scored(make_record, "b", 0.6, 1.2),
        _scored(make_record, "a", 0.6, 1.2),
        _scored(make_record, "c", 0.6, 1.1),
        _scored(make_record, "d", 0.7, 9.0),
    ]
    (board,) = boards(records)
    assert _names(board) == ["d", "c", "a", "b"]
    assert [row.rank for row in board.rows] == [1, 2, 3, 4]


def test_of_a_metric_that_is_better_lower_the_lowest_is_first(make_record):
    records = [_scored(make_record, "a", 0.9, 1.2), _scored(make_record, "b", 0.1, 0.2)]
    (board,) = boards(records, View(metric="log_loss"))
    assert _names(board) == ["b", "a"]


def test_a_model_without_the_metric_has_no_rank_and_stands_last(make_record):
    records = [_scored(make_record, "a", 0.9), _scored(make_record, "b", 0.1, auc=0.7)]
    (board,) = boards(records, View(metric="roc_auc"))
    assert [(row.model, row.rank) for row in board.rows] == [("b", 1), ("a", None)]


def test_published_rows_stand_by_score_without_a_rank(make_record):
    published = {
        "source": "reported",
        "fingerprint": "another",
        "provenance": {},
        "timing": {},
        "resources": {},
    }
    records = [
        _scored(make_record, "a", 0.9),
        _scored(make_record, "b", 0.5),
        _scored(make_record, "theirs", 0.7, **published),
        _scored(make_record, "a", 0.1, **published, key="other"),
    ]
    (board,) = boards(records)
    assert [(row.model, row.rank, row.source) for row in board.rows] == [
        ("a", 1, "run"),
        ("theirs", None, "reported"),
        ("b", 2, "run"),
        ("a (published)", None, "reported"),
    ]
    assert board.fingerprint == "f" * 64
    assert "theirs" not in board.command


def test_published_rows_alone_make_a_board_without_ranks(make_record):
    (board,) = boards([make_record("theirs", source="reported", provenance={})])
    assert board.best is None
    assert board.command == ""
    assert board.n_cells == 0


def test_only_the_newest_key_of_a_cell_is_shown(make_record):
    old = _scored(make_record, "a", 0.9, key="old", started_at="2026-01-01T00:00:00+00:00")
    new = _scored(make_record, "a", 0.5, key="new", started_at="2026-01-02T00:00:00+00:00")
    (board,) = boards([new, old])
    assert [row.scores["accuracy"] for row in board.rows] == [0.5]


def test_two_versions_of_a_model_are_not_mixed(make_record):
    old = [
        _scored(make_record, "a", 0.9, split=s, protocol="cv2", key=s, started_at="2026-01-01T00:00:00+00:00")
        for s in ("cv2-f0", "cv2-f1")
    ]
    new = _scored(
        make_record,
        "a",
        0.5,
        split="cv2-f0",
        protocol="cv2",
        key="new",
        model_version="2",
        started_at="2026-01-02T00:00:00+00:00",
    )
    (board,) = boards([*old, new])
    assert [row.scores["accuracy"] for row in board.rows] == [0.5]


def test_a_board_is_of_the_state_of_the_table_that_a_run_used_and_counts_the_records_of_others(make_record):
    def at(day: int, model: str, **changes):
        return make_record(model, started_at=f"2026-01-0{day}T00:00:00+00:00", **changes)

    first = [at(1, "knn"), at(1, "logistic")]
    edited = [at(2, "knn", fingerprint="e" * 64, key="edited")]
    narrow = [at(3, "knn", features={"used": ["tempo"]}, key="narrow")]
    published = make_record("theirs", source="reported", fingerprint="a log", provenance={})
    records = [*first, *edited, *narrow, published]

    def shown(*run):
        (board,) = boards(records, run=[record.key for record in run])
        return board.fingerprint[0], len(board.features), sorted(_names(board)), board.n_other

    assert shown(first[0], published) == ("f", 2, ["knn", "logistic", "theirs"], 2)
    assert shown(*edited) == ("e", 2, ["knn", "theirs"], 3)
    assert shown() == shown(*narrow) == ("f", 1, ["knn", "theirs"], 3)


def test_models_that_were_run_on_another_state_only_are_named_with_what_runs_them_on_this_one(make_record):
    def at(day: int, model: str, **changes):
        return make_record(model, started_at=f"2026-01-0{day}T00:00:00+00:00", **changes)

    before = [at(1, name) for name in ("knn", "logistic", "dummy")]
    now = [at(2, "knn", fingerprint="e" * 64, key="edited")]
    (board,) = boards([*before, *now])
    assert board.outdated is not None
    assert board.outdated.models == ("dummy", "logistic")
    words = board.outdated.command.split()
    assert words[:6] == ["python", "-m", "suite", "run", "logistic", "dummy"] or words[4:6] == [
        "dummy",
        "logistic",
    ]
    assert boards(before)[0].outdated is None
    assert (
        boards([*before, *(at(2, m, fingerprint="e" * 64) for m in ("knn", "logistic", "dummy"))])[0].outdated
        is None
    )


def test_each_target_of_a_table_has_a_board_of_its_own(make_record):
    first = make_record("knn", target="b", fingerprint="b" * 64, started_at="2026-01-01T00:00:00+00:00")
    second = make_record("knn", target="a", fingerprint="a" * 64, started_at="2026-01-02T00:00:00+00:00")
    found = {board.target: board for board in boards([second, first])}
    assert {target: board.n_other for target, board in found.items()} == {"a": 0, "b": 0}
    assert found["b"].folder == "music_genre/original"
    assert found["a"].folder != found["b"].folder
    assert found["a"].folder.startswith("music_genre-a-")
    # Run again, the first keeps its place: beside its record, and in its record's stead.
    later = {"target": "b", "fingerprint": "b" * 64, "started_at": "2026-01-03T00:00:00+00:00"}
    again = make_record("dummy", **later)
    fresh = make_record("knn", **later, attempt=2, first_at=first.provenance.started_at)
    for records in ([again, second, first], [second, fresh]):
        assert {b.target: b.folder for b in boards(records)} == {
            t: board.folder for t, board in found.items()
        }


def test_a_model_that_no_seed_moves_stands_beside_every_seed_of_the_others(make_record):
    still = make_record("knn", seeded=False)
    moved = [make_record("dummy", seed=seed, accuracy=0.4) for seed in range(3)]
    (board,) = boards([still, *moved])
    rows = {row.model: row for row in board.rows}
    assert (rows["knn"].n_ok, rows["knn"].n_cells, rows["knn"].status) == (1, 1, "ok")
    assert (rows["dummy"].n_ok, rows["dummy"].n_cells) == (3, 3)
    assert (board.n_common, board.n_seeds) == (3, 3)
    assert rows["knn"].scores["accuracy"] == pytest.approx(still.metrics["accuracy"])
    assert board.confusion["knn"] == still.confusion
    failed = make_record("knn", seeded=False, status="error", failure={"kind": "Error", "message": "no"})
    assert len(boards([failed, *moved])[0].failures) == 1


def test_inner_cells_are_on_no_board(make_record):
    assert [
        row.model for row in boards([make_record("knn"), make_record("dummy", role="inner")])[0].rows
    ] == ["knn"]


def test_a_model_of_ones_own_that_was_edited_and_put_back_is_shown_as_it_ran(make_record):
    def at(day: int, accuracy: float, seed: int):
        time = f"2026-01-0{day}T00:00:00+00:00"
        return _scored(
            make_record,
            "mine.py:make",
            accuracy,
            seed=seed,
            key=f"{day}-{seed}",
            model_version=f"{day}",
            started_at=time,
        )

    before, edited = at(1, 0.9, 0), [at(2, 0.5, seed) for seed in range(2)]
    (board,) = boards([before, *edited], run=[before.key])
    assert [(row.scores["accuracy"], row.n_cells) for row in board.rows] == [(0.9, 1)]


def test_records_of_a_split_that_has_changed_are_left_out(make_record):
    old = make_record("a", split_fingerprint="old", started_at="2026-01-01T00:00:00+00:00")
    new = make_record("b", split_fingerprint="new", started_at="2026-01-02T00:00:00+00:00")
    (board,) = boards([new, old])
    assert _names(board) == ["b"]


def test_changed_parameters_make_a_row_of_their_own(make_record):
    records = [
        make_record("xgboost", params={"n_estimators": 100}),
        make_record("xgboost:n_estimators=500", params={"n_estimators": 500}),
    ]
    (board,) = boards(records)
    assert sorted(_names(board)) == ["xgboost", "xgboost:n_estimators=500"]
    assert "xgboost:n_estimators=500" in board.command.split()


def test_records_made_under_other_defaults_are_not_mixed_in(make_record):
    records = [
        make_record(
            "knn", params={"k": 5}, split=f"cv2-f{f}", protocol="cv2", started_at="2026-01-01T00:00:00+00:00"
        )
        for f in range(2)
    ]
    new = make_record(
        "knn", params={"k": 7}, split="cv2-f0", protocol="cv2", started_at="2026-01-02T00:00:00+00:00"
    )
    (board,) = boards([*records, new])
    assert [(row.model, row.n_ok) for row in board.rows] == [("knn", 1)]


def test_tuned_rows_are_one_row_whatever_parameters_each_split_chose(make_record):
    records = [
        make_record("knn", variant="tuned", params={"k": k}, split=f"cv2-f{k}", protocol="cv2")
        for k in range(2)
    ]
    (board,) = boards(
        [
            *records,
            *(make_record("knn", params={"k": 5}, split=f"cv2-f{k}", protocol="cv2") for k in range(2)),
        ]
    )
    assert sorted(_names(board)) == ["knn", "knn (tuned)"]


def test_failures_have_a_reason_and_keep_their_row(make_record):
    failure = {"kind": "timeout", "message": "stopped after 600 s"}
    records = [
        make_record("a"),
        make_record("b", status="timeout", failure=failure),
        make_record("c", status="error", failure={"kind": "ValueError", "message": "no"}),
        make_record("d", status="skipped"),
        make_record("e", status="error", failure={"kind": "ValueError", "message": "ValueError: no"}),
        make_record("f", status="out_of_memory", failure={"kind": "OutOfMemory", "message": "12 GB"}),
    ]
    (board,) = boards(records)
    assert [(f.model, f.status, f.reason) for f in board.failures] == [
        ("b", "timeout", "stopped after 600 s"),
        ("c", "error", "ValueError: no"),
        ("d", "skipped", "no reason was recorded"),
        ("e", "error", "ValueError: no"),
        ("f", "out_of_memory", "12 GB"),
    ]
    assert [(row.model, row.rank) for row in board.rows] == [("a", 1), *((name, None) for name in "bcdef")]
    assert set(board.per_class_f1) == set(board.confusion) == {"a"}


def test_a_board_on_which_everything_failed_says_so(make_record):
    (board,) = boards([make_record("a", status="crash")])
    assert board.best is None
    assert board.n_common == 0
    assert board.observations == ()


def test_confusion_counts_every_tested_row_once_whatever_the_seeds(make_record):
    records = [make_record("a", seed=s, classes=("x", "y"), n_test=10) for s in range(3)]
    (board,) = boards(records)
    assert board.confusion["a"] == records[0].confusion
    assert sum(map(sum, board.confusion["a"])) == 10


def test_confusion_is_summed_and_f1_averaged_over_the_splits(make_record):
    records = [make_record("a", split=f"cv2-f{s}", classes=("x", "y"), n_test=10) for s in range(2)]
    (board,) = boards(records)
    first, second = (record.confusion for record in records)
    assert board.confusion["a"] == tuple(
        tuple(m + n for m, n in zip(r1, r2, strict=True)) for r1, r2 in zip(first, second, strict=True)
    )
    f1 = [record.per_class["x"]["f1"] for record in records]
    assert board.per_class_f1["a"]["x"] == pytest.approx(sum(f1) / 2)


def test_the_best_f1_of_a_class_is_among_ranked_models(make_record):
    f1 = {name: {"f1": value} for name, value in {"x": 0.5, "y": None}.items()}
    theirs = {name: {"f1": 0.9} for name in ("x", "y")}
    records = [
        make_record("a", classes=("x", "y"), per_class=f1),
        make_record("b", classes=("x", "y"), per_class=theirs, source="reported", provenance={}),
    ]
    (board,) = boards(records)
    assert board.best_f1 == {"x": (0.5, "a"), "y": None}


def test_a_metric_that_does_not_exist_is_refused():
    with pytest.raises(UnknownName, match="accuracy"):
        boards([], View(metric="acuracy"))


def test_added_memory_is_the_mean_of_what_each_cell_added_to_its_process(make_record):
    def added(*pairs):
        records = [
            make_record(
                seed=seed, key=f"{seed:064}", resources={"peak_rss_mb": peak, "rss_before_mb": before}
            )
            for seed, (peak, before) in enumerate(pairs)
        ]
        return boards(records)[0].rows[0].resources["added_mb"]

    assert added((300.0, 200.0), (1000.0, 950.0), (400.0, 401.0)) == pytest.approx(50.0)
    assert added((300.0, None)) is None


def test_a_model_that_was_not_run_on_every_split_is_not_ranked_and_drags_nobody(make_record):
    whole = [make_record("knn", split=f"cv4-f{i}", accuracy=0.6 + i / 10) for i in range(4)]
    partial = make_record("slow", split="cv4-f0", accuracy=0.9)
    (board,) = boards([*whole, partial])
    rows = {row.model: row for row in board.rows}
    mean = sum(record.metrics["accuracy"] for record in whole) / 4
    assert (rows["knn"].rank, rows["knn"].scores["accuracy"]) == (1, pytest.approx(mean))
    assert (rows["slow"].rank, rows["slow"].status) == (None, "1 ok, 3 missing")
    assert rows["slow"].scores["accuracy"] == partial.metrics["accuracy"]
    assert any("not ranked; scored in 1 of 4 fits" in note for note in about_scores(board))
    # One that failed on a split was run there: the others are compared where it has a score.
    failed = [
        make_record(
            "frail", split=f"cv4-f{i}", **({} if i else {"status": "error", "failure": {"kind": "E"}})
        )
        for i in range(4)
    ]
    assert [row.rank for row in boards([*whole, *failed])[0].rows] == [1, 2]
    # Where nobody is through, as after an interruption, models are compared where they can be.
    early = [whole[0], whole[1], partial, make_record("slow", split="cv4-f2")]
    assert {row.rank for row in boards(early)[0].rows} == {1, 2}


def test_what_runs_missing_models_again_goes_to_the_folder_of_the_records(make_record):
    before = make_record("dummy", started_at="2026-01-01T00:00:00+00:00")
    now = make_record("knn", fingerprint="e" * 64, started_at="2026-01-02T00:00:00+00:00")
    (elsewhere,) = boards([before, now], store=Store(Path("my results")))
    assert elsewhere.outdated.command.endswith("--out 'my results'")
    assert "--out" not in elsewhere.command
    (usual,) = boards([before, now], store=Store(Path("results")))
    assert "--out" not in usual.outdated.command


def test_boards_of_two_targets_are_both_named_by_them(make_record):
    one, two = (make_record("knn", target=t, fingerprint=t * 64) for t in "ab")
    assert [board.name for board in boards([one, two])] == ["music_genre, target a", "music_genre, target b"]
    assert boards([one])[0].name == "music_genre"


def test_a_model_that_the_seed_moves_on_some_splits_only_is_whole(make_record):
    still = make_record("hist_gb", split="cv2-f0", seeded=False)
    moved = [make_record("hist_gb", split="cv2-f1", seed=seed) for seed in range(3)]
    others = [make_record("dummy", split=f"cv2-f{f}", seed=seed) for f in range(2) for seed in range(3)]
    (board,) = boards([still, *moved, *others])
    rows = {row.model: row for row in board.rows}
    assert (rows["hist_gb"].n_ok, rows["hist_gb"].n_cells, rows["hist_gb"].status) == (4, 4, "ok")
    assert (rows["dummy"].n_ok, rows["dummy"].n_cells) == (6, 6)


def test_records_of_other_classes_are_of_another_table_and_do_not_stand_on_its_board(make_record):
    told = {"started_at": "2026-01-02T00:00:00+00:00"}
    records = [
        make_record("knn", classes=("a", "b"), n_test=100),
        *(make_record(name, classes=("a", "b", "c"), n_test=99, **told) for name in ("dummy", "logistic")),
    ]
    (board,) = boards(records)
    assert {row.model for row in board.rows} == {"dummy", "logistic"}
    assert board.classes == ("a", "b", "c")
