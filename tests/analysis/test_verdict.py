"""The answer: true of the comparisons it is computed from, short, and without an order among what is tied."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.analysis.amounts import apart, bare, size
from suite.analysis.comparison import Pair
from suite.analysis.ranking import boards
from suite.config import View
from suite.metrics import METRICS, Scored, compute, confusion
from suite.schema import Predictions

CLASSES = ("a", "b", "c")


def matrix(right: int) -> list[list[int]]:
    """The confusion of three classes of 100 rows, so many of which are right; the rest is called the next class."""
    return [[(right if i == j else (100 - right) * ((i + 1) % 3 == j)) for j in range(3)] for i in range(3)]


@pytest.fixture
def record(make_record):
    """Return a record of a model that has so many of 100 rows of each of three classes right."""

    def make(model: str, right: int, fit_s: float = 1.0, **changes):
        share = right / 100
        figures = {
            "accuracy": share,
            "macro_f1": share,
            "log_loss": 2 - share,
            "brier": 1 - share,
            "mcc": share,
        }
        shape = {"classes": CLASSES, "n_test": 300, "n_train": 900, "confusion": matrix(right)}
        return make_record(
            model, fit_s=fit_s, metrics={**figures, "balanced_accuracy": share}, **shape | changes
        )

    return make


@pytest.fixture
def told(record, made_up):
    """Return the verdict on models with so many of 100 rows right, and the board."""

    def tell(right: Mapping[str, int], view: View | None = None):
        (board,) = boards([record(*each) for each in right.items()], view or View(), store=made_up)
        return [said.text for said in board.verdict], board

    return tell


def test_one_that_beats_all_others_is_called_the_best(told) -> None:
    said, board = told({"hist_gb": 95, "knn": 60, "dummy": 33})
    best = f"{board.best.scores['accuracy']:.4f}"
    assert said[0] == f"hist_gb is the best: accuracy {best}. Its lead over every other model is real."
    expected = r"2 models are out of the question; the nearest, knn, scored \d+ points less \(\d+ to \d+\)\."
    assert re.fullmatch(expected, said[1])


def test_what_cannot_be_told_from_the_best_is_named_without_an_order(told) -> None:
    said, board = told({"xgboost": 81, "lightgbm": 81, "hist_gb": 82, "dummy": 33})
    assert {row.model for row in board.ranked if row.tied} == {"xgboost", "lightgbm", "hist_gb"}
    others = sorted({"xgboost", "lightgbm", "hist_gb"} - {board.best.model})
    assert f"but {others[0]} and {others[1]} may be as good." in said[0]
    assert re.search(r"\(first in \d+ % of resamples\)", said[0])


def test_equal_scores_are_shared(told) -> None:
    said, _ = told({"xgboost": 82, "hist_gb": 82, "dummy": 33})
    assert (
        said[0]
        == "hist_gb and xgboost share the highest accuracy, 0.8200: the test rows do not tell them apart."
    )
    said, _ = told({"xgboost": 82, "hist_gb": 82, "knn": 81, "dummy": 33})
    assert said[0] == "hist_gb and xgboost share the highest accuracy, 0.8200, but knn may be as good."


@pytest.mark.parametrize("metric", ["macro_f1", "log_loss"])
def test_scores_that_differ_are_not_called_equal(told, metric: str) -> None:
    said, board = told({"xgboost": 81, "hist_gb": 82, "dummy": 33}, View(metric=metric))
    assert [row.tied for row in board.ranked] == [True, True, False]
    word = "lowest" if metric == "log_loss" else "highest"
    assert said[0].startswith(f"{board.best.model} has the {word} {METRICS[metric].within_sentence}, ")


def test_the_difference_that_a_table_can_tell_is_what_is_found_four_times_in_five(told) -> None:
    said, board = told({"hist_gb": 82, "knn": 81, "dummy": 33}, View(metric="macro_f1"))
    (pair,) = (row.to_best for row in board.tied if row.to_best)
    # 1.96 standard errors are half an interval; 0.84 more, and four in five are beyond it.
    least = size((pair.high - pair.low) / 2 * (1.96 + 0.8416) / 1.96, METRICS["macro_f1"])
    assert any(text.endswith(f"whose macro F1 differs by {least} or more.") for text in said)


def test_all_that_are_tied_are_said_to_be_all(told) -> None:
    said, _ = told({"xgboost": 81, "lightgbm": 81, "hist_gb": 82})
    assert "but both others may be as good." in said[0]
    assert not any("out of the question" in text for text in said)


def test_the_verdict_says_what_the_table_can_tell(told) -> None:
    said, board = told({"hist_gb": 82, "knn": 81, "dummy": 33})
    (sentence,) = (text for text in said if "test rows tell two models apart, 4 times in 5" in text)
    assert sentence.startswith(f"{board.comparisons.n_rows:,} test rows")
    assert "--protocol cv5" in sentence
    said, _ = told({"hist_gb": 82, "knn": 81, "dummy": 33}, View(metric="macro_f1"))
    assert any(re.search(r"whose macro F1 differs by \d+\.\d points or more", text) for text in said)


def test_small_folds_say_that_their_intervals_are_too_narrow(record, made_up) -> None:
    records = [
        record(model, right, n_train=130, split=f"cv2-f{fold}", protocol="cv2")
        for model, right in (("hist_gb", 80), ("dummy", 33))
        for fold in range(2)
    ]
    (board,) = boards(records, store=made_up)
    assert any("too narrow" in said.text and "cv2x3" in said.text for said in board.verdict)


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1", "log_loss", "brier", "mcc", "balanced_accuracy"])
def test_the_best_by_any_metric_is_that_of_the_board(told, metric: str) -> None:
    said, board = told({"hist_gb": 90, "knn": 60, "dummy": 33}, View(metric=metric))
    assert said[0].startswith(board.best.model)
    if board.best.tied and any(row.tied for row in board.ranked[1:]):
        word = "highest" if METRICS[metric].higher_is_better else "lowest"
        assert word in said[0]


def test_of_the_tied_the_cheapest_are_named_and_only_where_the_clock_says_so(record, made_up) -> None:
    def said_of(fits: Mapping[str, float]) -> list[str]:
        (board,) = boards([record(model, 80, fit) for model, fit in fits.items()], store=made_up)
        assert all(row.tied for row in board.ranked)
        return [said.text for said in board.verdict if said.timed]

    (sentence,) = said_of({"knn": 0.5, "xgboost": 20.0, "hist_gb": 4.0})
    assert sentence == "Of those that may be the best, knn is the cheapest to fit (0.5 s; hist_gb 4 s)."
    # Nobody minds a tenth of a second, nor a clock that varies.
    assert said_of({"hist_gb": 0.4, "xgboost": 0.1}) == []
    assert said_of({"hist_gb": 10.0, "xgboost": 9.0}) == []
    # The first of them is the cheapest.
    assert said_of({"hist_gb": 1.0, "xgboost": 20.0}) == []


def test_within_half_a_point_the_simplest_and_the_fastest_are_named(told) -> None:
    accuracy = {"xgboost": 82, "logistic": 82, "dummy": 33}
    said, board = told(accuracy, View(within=5))
    simplest = next(text for text in said if "simplest" in text)
    assert simplest.startswith("Within 5 points of the best, logistic is the simplest (linear)")
    assert any(text.startswith("Within 5 points of the best,") and "fits fastest" in text for text in said)
    if board.best.model != "logistic":
        assert "it may be up to" in simplest


@pytest.mark.parametrize("asked", [0, -1, "two", True])
def test_within_takes_points(asked) -> None:
    with pytest.raises(Exception, match="within takes points above 0"):
        View(within=asked)


@pytest.mark.parametrize(
    ("text", "expected"), [("1ms", 1.0), ("1.5 ms", 1.5), ("2s", 2000.0), (3, 3.0), (".5ms", 0.5)]
)
def test_a_latency_may_have_its_unit(text, expected: float) -> None:
    assert View(max_latency_ms=text).max_latency_ms == expected


@pytest.mark.parametrize("text", ["ms", "1 hour", "", "1ms2", "-1ms", "nan", "1e400s"])
def test_a_latency_that_is_none_is_refused(text) -> None:
    with pytest.raises(Exception, match="max_latency_ms takes milliseconds above 0"):
        View(max_latency_ms=text)


def test_where_accuracy_cannot_tell_a_model_from_the_floor_a_metric_that_can_is_named(make_record) -> None:
    rng = np.random.default_rng(0)
    y = (np.arange(1000) < 50).astype(int)
    score = np.clip(0.05 + 0.2 * y + rng.normal(0, 0.05, 1000), 0.001, 0.45)
    proba = {"logistic": score, "dummy": np.full(1000, 0.05)}

    class Kept:
        root = Path("nowhere")

        def predictions(self, record) -> Predictions:
            p = proba[record.model].astype(np.float32)
            return Predictions(proba=np.column_stack([1 - p, p]), y_true=y, rows=np.arange(1000))

        def curve(self, record) -> None:
            return None

        audit = curve

    flat = {"confusion": [[950, 0], [50, 0]], "classes": ("no", "yes"), "n_test": 1000, "n_train": 4000}
    for log_loss in (
        0.1,
        0.3,
    ):  # Of equal accuracies, the smaller log loss stands first: here one, there the other.
        figures = {"logistic": (log_loss, 0.99), "dummy": (0.2, 0.5)}
        records = [
            make_record(model, metrics={"accuracy": 0.95, "log_loss": loss, "roc_auc": auc}, **flat)
            for model, (loss, auc) in figures.items()
        ]
        (board,) = boards(records, store=Kept())
        assert [row.tied for row in board.ranked] == [True, True]
        assert board.best.model == ("logistic" if log_loss < 0.2 else "dummy")
        expected = "Accuracy does not tell logistic from dummy, which ignores the features; "
        expected += "ROC AUC does: 0.99 against 0.50."
        assert expected in [said.text for said in board.verdict]


@pytest.fixture
def guessing(make_record):
    """Return the verdict by a metric on `dummy` and a model whose probabilities do not hang on the class at all."""

    def tell(metric: str, proba: np.ndarray, y: np.ndarray, rest: float) -> list[str]:
        probas = {"knn": proba, "dummy": np.full(len(y), rest)}
        scored = {name: Scored(y, np.column_stack([1 - p, p])) for name, p in probas.items()}

        class Kept:
            root = Path("nowhere")

            def predictions(self, record) -> Predictions:
                return Predictions(proba=scored[record.model].proba, y_true=y, rows=np.arange(len(y)))

            def curve(self, record) -> None:
                return None

            audit = curve

        shape = {"classes": ("no", "yes"), "n_test": len(y), "n_train": 4 * len(y), "task": "binary"}
        records = [
            make_record(name, metrics=compute(s), confusion=confusion(s), **shape)
            for name, s in scored.items()
        ]
        (board,) = boards(records, View(metric=metric), store=Kept())
        return [said.text for said in board.verdict]

    return tell


def test_a_model_that_wins_by_guessing_alone_is_said_to(guessing) -> None:
    rng = np.random.default_rng(0)
    y = (np.arange(1000) < 300).astype(int)
    said = guessing("macro_f1", np.where(rng.random(1000) < 0.5, 0.4, 0.6), y, 0.3)
    told = [text for text in said if "guessing" in text]
    assert told == [
        "By macro F1 guessing beats dummy too, and by ROC AUC, log loss, balanced accuracy, accuracy nothing shows "
        "that knn learns from the features."
    ]
    learnt = guessing("macro_f1", np.where(y == 1, 0.7, 0.2) + rng.normal(0, 0.05, 1000), y, 0.3)
    assert not any("guessing" in text for text in learnt)


def test_where_no_metric_tells_a_model_from_the_floor_all_that_were_asked_are_named(guessing) -> None:
    rng = np.random.default_rng(0)
    y = (np.arange(1000) < 50).astype(int)
    said = guessing("accuracy", np.clip(0.05 + rng.normal(0, 0.01, 1000), 0.01, 0.4), y, 0.05)
    assert (
        "Accuracy does not tell knn from dummy, which ignores the features, and neither ROC AUC, log loss nor "
        "balanced accuracy does."
    ) in said


@pytest.mark.parametrize(
    ("asked", "said"), [(0.3, "0.3 on."), ("prior", "0.05 on, its share of the train rows.")]
)
def test_a_threshold_is_said_first(make_record, asked, said: str) -> None:
    y = (np.arange(1000) < 50).astype(int)
    proba = np.column_stack([1 - 0.4 * y, 0.4 * y]).astype(np.float32)

    class Kept:
        root = Path("nowhere")

        def predictions(self, record) -> Predictions:
            return Predictions(proba=proba, y_true=y, rows=np.arange(1000))

        def curve(self, record) -> None:
            return None

        audit = curve

    shape = {"classes": ("no", "yes"), "n_test": 1000, "n_train": 2000, "train_classes": (1900, 100)}
    records = [
        make_record(model, task="binary", confusion=[[950, 0], [50, 0]], **shape)
        for model in ("knn", "dummy")
    ]
    (board,) = boards(records, View(threshold=asked), store=Kept())
    told = [text.text for text in board.verdict if "counts as" in text.text]
    assert told == [f"A row counts as 'yes' from a probability of {said}"]
    assert board.best.scores["accuracy"] == 1


def test_a_single_model_and_a_board_without_a_score(told, make_record) -> None:
    assert told({"knn": 50})[0][0].startswith("knn is the only model with a score: accuracy ")
    (board,) = boards([make_record("knn", status="crash")])
    assert board.verdict == ()


@given(st.floats(-1, 1))
def test_a_difference_reads_as_points_with_its_sign_and_never_as_minus_zero(difference: float) -> None:
    text = bare(difference, METRICS["accuracy"], signed=True)
    assert abs(float(text) - 100 * difference) <= (0.0501 if abs(difference) < 0.0995 else 0.501)
    assert text not in ("-0.0", "+0.0")
    said = size(difference, METRICS["accuracy"])
    assert said.endswith((" points", " point"))
    assert ("less than 0.1" in said) == (0 < abs(difference) < 0.0005)


def test_differences_are_said_as_people_say_them() -> None:
    accuracy, log_loss = METRICS["accuracy"], METRICS["log_loss"]
    assert [size(d, accuracy) for d in (0.01, 0.019, 0.2, 0.0001, 0.0)] == [
        "1.0 point",
        "1.9 points",
        "20 points",
        "less than 0.1 points",
        "0.0 points",
    ]
    assert [size(d, log_loss) for d in (0.0121, 0.0001, 0.0)] == ["0.012", "less than 0.001", "0.000"]


@pytest.mark.parametrize(("metric", "sign"), [("accuracy", 1), ("log_loss", -1)])
def test_what_is_worse_is_worse_by_a_positive_amount(metric: str, sign: int) -> None:
    pair = Pair(
        metric=metric,
        first="a",
        second="b",
        difference=-0.02 * sign,
        low=-0.03 * sign,
        high=-0.01 * sign,
        p=0.01,
    )
    pair = replace(pair, low=min(pair.low, pair.high), high=max(pair.low, pair.high))
    expected = "scored 2.0 points less (1.0 to 3.0)" if sign > 0 else "scored 0.020 more (0.010 to 0.030)"
    assert apart(pair, METRICS[metric]) == expected


def test_a_model_that_was_not_fitted_everywhere_is_said_and_not_beaten(record, made_up) -> None:
    folds = [f"cv3-f{fold}" for fold in range(3)]
    records = [
        record(model, right, split=split, protocol="cv3", seeded=True)
        for model, right in (("hist_gb", 95), ("dummy", 33), ("knn", 96))
        for split in folds
        if (model, split) != ("knn", "cv3-f2")
    ]
    (board,) = boards(records, store=made_up)
    said = [text.text for text in board.verdict]
    assert said[0].endswith("Its lead over every other ranked model is real.")
    assert "knn is not ranked: it has a score in 2 of 3 fits." in said


def test_test_rows_of_one_class_are_said_first(record, made_up) -> None:
    one = [[90, 10, 0], [0, 0, 0], [0, 0, 0]]
    (board,) = boards([record("knn", 90, confusion=one, n_test=100)], store=made_up)
    said = [text.text for text in board.verdict]
    assert "All test rows are of class 'a': nothing shows how models do on the others." in said


def test_a_metric_that_a_board_cannot_have_is_said(record, make_record, made_up) -> None:
    binary = make_record("knn", dataset="two", classes=("no", "yes"), confusion=[[5, 5], [5, 5]], n_test=20)
    found = boards([record("knn", 90), record("dummy", 33), binary], View(metric="f1"), store=made_up)
    said = {board.dataset: [text.text for text in board.verdict] for board in found}
    assert said["music_genre"][0] == "Ranked by accuracy: F1 is of one class, to be named with --positive."
    assert not any("Ranked by" in text for text in said["two"])
