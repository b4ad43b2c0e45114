"""What a run found, as frames and as text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import suite
from suite.errors import UnknownName, UsageError
from suite.results import Results


class Fails:
    """A model that cannot be fitted."""

    def fit(self, X: object, y: object) -> None:
        raise ValueError("no luck")

    def predict_proba(self, X: object) -> None:
        raise NotImplementedError


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    models = ["logistic", "dummy", {"bad": Fails()}]
    return suite.run(models, "iris", protocol="cv2", out=tmp_path_factory.mktemp("out"), executor="inline")


def test_the_leaderboard_has_the_columns_one_asks_for_first(results: Results) -> None:
    board = results.leaderboard()
    assert list(board.columns) == [
        "rank",
        "tied",
        "model",
        "accuracy",
        "low",
        "high",
        "to_best",
        "fit_s",
        "status",
    ]
    first, last = board.iloc[0], board.iloc[-1]
    assert first["low"] < first["accuracy"] < first["high"]
    assert (first["rank"], first["status"]) == (1, "ok")
    assert (last["model"], last["status"]) == ("bad", "error")
    assert last[["rank", "accuracy", "low", "high"]].isna().all()
    assert max(map(len, board[board["status"] == "ok"].to_string().splitlines())) <= 80


def test_the_leaderboard_has_everything_if_asked(results: Results) -> None:
    board = results.leaderboard(all=True)
    assert {"dataset", "protocol", "family", "log_loss", "macro_f1", "predict_s", "model_mb"} <= set(board)
    assert set(results.leaderboard()) < set(board)


def test_the_leaderboard_ranks_by_any_metric(results: Results) -> None:
    board = results.leaderboard(metric="log_loss")
    assert board["log_loss"].dropna().is_monotonic_increasing
    assert "accuracy" not in board
    with pytest.raises(UnknownName, match="did you mean log_loss"):
        results.leaderboard(metric="logloss")


def test_predictions_carry_class_names(results: Results) -> None:
    table = results.predictions("logistic", names=True)
    classes = ["setosa", "versicolor", "virginica"]
    assert list(table) == ["split", "seed", "row", "true", "predicted", *(f"p_{name}" for name in classes)]
    assert sorted(table["row"]) == list(range(150))
    right = (table["true"] == table["predicted"]).groupby(table["split"]).mean()
    wanted = [r.metrics["accuracy"] for r in results.records if r.model == "logistic"]
    assert right.tolist() == wanted
    np.testing.assert_allclose(table.filter(like="p_").sum(axis=1), 1, atol=1e-6)
    assert len(results.predictions("logistic")) == 2


def test_a_model_without_predictions_has_none_and_an_unknown_one_is_refused(results: Results) -> None:
    assert results.predictions("bad") == []
    assert results.predictions("bad", names=True).empty
    with pytest.raises(UnknownName, match="did you mean logistic"):
        results.predictions("logstic")


def test_several_boards_are_told_apart(tmp_path: Path) -> None:
    found = suite.run("dummy", ["iris", "wine"], protocol="holdout", out=tmp_path, executor="inline")
    assert found.leaderboard()["dataset"].tolist() == ["iris", "wine"]
    assert set(found.predictions("dummy", names=True)["dataset"]) == {"iris", "wine"}
    assert repr(found).count("to train on") == 2


def test_results_show_what_failed_and_why(results: Results) -> None:
    lines = repr(results).splitlines()
    assert lines[0].startswith("<Results: 6 records, 2 failed")
    assert any(line.startswith("Without a score: 2 fits") for line in lines)
    assert "no luck" in lines[-1]
    assert results.failures().startswith("2 fits without a score: bad (error: ")
    assert "Without a score: 2 fits" in results._repr_html_()


def test_failures_are_those_of_this_run_though_its_board_holds_all_models(results: Results) -> None:
    out = results.store.root
    again = suite.run("dummy", "iris", protocol="cv2", out=out, executor="inline")
    assert "bad" in again.leaderboard()["model"].tolist()
    assert again.failures() == ""


def test_suite_lists_what_it_offers() -> None:
    assert dir(suite) == sorted(suite.__all__)
    assert all(getattr(suite, name) is not None for name in suite.__all__)
    assert suite.ModelFailedWarning is suite.errors.ModelFailedWarning
    with pytest.raises(AttributeError, match="has no attribute 'walk'"):
        suite.walk


def test_what_stands_on_the_board_from_an_earlier_run_has_its_matrix_and_predictions(tmp_path: Path) -> None:
    options = {"protocol": "cv2", "out": tmp_path, "executor": "inline"}
    suite.run("naive_bayes", "iris", **options)
    later = suite.run("dummy", "iris", **options)
    assert set(later.leaderboard()["model"]) == {"naive_bayes", "dummy"}
    assert later.confusion("naive_bayes").to_numpy().sum() == 150
    assert sum(len(found.rows) for found in later.predictions("naive_bayes")) == 150


def test_of_several_boards_one_has_to_be_named(tmp_path: Path) -> None:
    found = suite.run("dummy", ["iris", "wine"], protocol="holdout", out=tmp_path, executor="inline")
    with pytest.raises(UsageError, match=r"one of 0 \(iris, holdout\), 1 \(wine, holdout\); not None"):
        found.confusion("dummy")
    assert found.confusion("dummy", board=1).to_numpy().sum() == 36
    with pytest.raises(UsageError, match="not 'dummy'"):
        found.per_class("dummy")


def test_a_model_that_failed_has_no_matrix_and_that_is_said(results: Results) -> None:
    failed = next(record.model for record in results.failed)
    with pytest.raises(UsageError, match="has no confusion matrix on this board: error"):
        results.confusion(failed)
    assert list(results.predictions(failed, names=True)) == ["split", "seed", "row", "true", "predicted"]


def test_of_rows_that_were_tested_several_times_calibration_is_refused_with_the_reason(
    tmp_path: Path,
) -> None:
    found = suite.run("logistic", "iris", protocol="cv2x2", executor="inline", out=tmp_path)
    with pytest.raises(
        UsageError, match="logistic has no calibration on this board: its rows were tested several"
    ):
        found.calibration("logistic")
