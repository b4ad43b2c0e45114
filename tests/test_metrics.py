"""Metrics: equal to scikit-learn's on anything, exact over a JSON round trip, light to import."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from suite.errors import UnknownName, UsageError
from suite.metrics import METRICS, OF_ONE_CLASS, Scored, check_asked, compute, confusion, per_class, rarer
from suite.predictions_file import packed, unpacked
from suite.schema import Predictions


@st.composite
def scored(draw: st.DrawFn, max_classes: int = 6) -> Scored:
    """Truth and probabilities with ties, certain rows and classes that are missing from the truth."""
    n = draw(st.integers(1, 60))
    k = draw(st.integers(2, max_classes))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    raw = rng.random((n, k)) ** draw(st.sampled_from([1, 8]))
    if draw(st.booleans()):
        raw = np.round(raw, 1) + 1e-12
    if draw(st.booleans()):
        raw[rng.random(n) < 0.3] = np.eye(k)[draw(st.integers(0, k - 1))]
    y_true = rng.integers(0, draw(st.integers(1, k)), n)
    return Scored(y_true, raw / raw.sum(axis=1, keepdims=True))


def by_scikit_learn(s: Scored) -> dict[str, float | None]:
    """The same figures, by scikit-learn."""
    wide = np.clip(s.proba.astype(np.float64), 1e-15, 1)
    auc = None
    if len(np.unique(s.y_true)) == len(s.labels):
        score = s.proba[:, 1] if len(s.labels) == 2 else s.proba
        auc = reference.roc_auc_score(s.y_true, score, multi_class="ovr", average="macro")
    return {
        "accuracy": reference.accuracy_score(s.y_true, s.y_pred),
        "balanced_accuracy": reference.balanced_accuracy_score(s.y_true, s.y_pred),
        "macro_f1": reference.f1_score(s.y_true, s.y_pred, average="macro"),
        "weighted_f1": reference.f1_score(s.y_true, s.y_pred, average="weighted"),
        "log_loss": reference.log_loss(s.y_true, wide, labels=s.labels),
        "roc_auc": auc,
        "brier": reference.brier_score_loss(s.y_true, s.proba, labels=s.labels),
        "mcc": reference.matthews_corrcoef(s.y_true, s.y_pred),
    }


@settings(deadline=None, max_examples=150)
@given(scored())
def test_every_metric_that_scikit_learn_has_equals_scikit_learns(s: Scored) -> None:
    ours = compute(s)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = by_scikit_learn(s)
    assert {name: ours[name] for name in theirs} == {
        name: None if value is None else pytest.approx(value, rel=1e-9 if name != "brier" else 1e-5, abs=1e-9)
        for name, value in theirs.items()
    }


@st.composite
def with_positive(draw: st.DrawFn) -> Scored:
    """The same, with a positive class; of two classes, perhaps with a threshold that some row meets."""
    s = draw(scored(max_classes=3))
    positive = draw(st.integers(0, len(s.labels) - 1))
    met = st.sampled_from([float(p) for p in s.proba[:, positive]]) | st.floats(0, 1)
    threshold = draw(st.none() | met) if len(s.labels) == 2 else None
    return Scored(s.y_true, s.proba, positive, threshold)


@settings(deadline=None, max_examples=150)
@given(with_positive())
def test_metrics_of_the_positive_class_equal_scikit_learns_and_are_none_where_it_divides_by_zero(
    s: Scored,
) -> None:
    is_positive, score = s.y_true == s.positive, s.proba[:, s.positive]
    by_threshold = score >= np.float32(0 if s.threshold is None else s.threshold)
    said = s.proba.argmax(axis=1) == s.positive if s.threshold is None else by_threshold
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = {
            "precision": reference.precision_score(is_positive, said, zero_division=np.nan),
            "recall": reference.recall_score(is_positive, said, zero_division=np.nan),
            "f1": reference.f1_score(is_positive, said, zero_division=np.nan),
            "average_precision": (
                reference.average_precision_score(is_positive, score) if is_positive.any() else np.nan
            ),
        }
    ours = compute(s)
    assert {name: ours[name] for name in theirs} == {
        name: None if np.isnan(value) else pytest.approx(value, rel=1e-9, abs=1e-9)
        for name, value in theirs.items()
    }
    of_class = per_class(s, [str(code) for code in s.labels])[str(s.positive)]
    assert {name: of_class[name] for name in theirs} == {name: ours[name] for name in theirs}


@settings(deadline=None)
@given(scored())
def test_without_a_positive_class_average_precision_is_the_mean_over_classes_in_the_truth(s: Scored) -> None:
    found = [reference.average_precision_score(s.y_true == k, s.proba[:, k]) for k in np.unique(s.y_true)]
    ours = compute(s)
    assert ours["average_precision"] == pytest.approx(np.mean(found), rel=1e-9)
    assert [ours[name] for name in OF_ONE_CLASS] == [None] * 3


@settings(deadline=None)
@given(with_positive())
def test_a_threshold_moves_no_metric_of_probabilities(s: Scored) -> None:
    names = ("log_loss", "roc_auc", "average_precision", "brier", "ece")
    moved, usual = compute(s), compute(Scored(s.y_true, s.proba, s.positive))
    assert [moved[name] for name in names] == [usual[name] for name in names]


def test_a_threshold_of_one_half_differs_from_the_more_probable_class_in_equal_rows_alone() -> None:
    s = Scored(np.array([0, 1, 1]), np.array([[0.5, 0.5], [0.4, 0.6], [0.6, 0.4]]), 1, 0.5)
    assert s.y_pred.tolist() == [1, 1, 0]
    assert Scored(s.y_true, s.proba).y_pred.tolist() == [0, 1, 0]


def test_the_rarer_of_two_classes_is_positive_and_of_equals_the_second() -> None:
    assert [rarer(counts) for counts in ([5, 3], [3, 5], [4, 4], [1, 2, 3], [4])] == [1, 0, 1, None, None]


@settings(deadline=None)
@given(scored())
def test_the_confusion_matrix_equals_scikit_learns(s: Scored) -> None:
    expected = reference.confusion_matrix(s.y_true, s.y_pred, labels=s.labels)
    assert confusion(s) == tuple(map(tuple, expected.tolist()))


@settings(deadline=None)
@given(scored())
def test_per_class_figures_equal_scikit_learns_where_they_exist_and_are_none_where_not(s: Scored) -> None:
    names = [f"class {code}" for code in s.labels]
    precision, recall, f1, support = reference.precision_recall_fscore_support(
        s.y_true, s.y_pred, labels=s.labels, zero_division=np.nan
    )
    for code, (name, row) in enumerate(per_class(s, names).items()):
        assert name == names[code]
        for key, value in (("precision", precision), ("recall", recall), ("f1", f1)):
            expected = None if math.isnan(value[code]) else pytest.approx(value[code])
            assert row[key] == expected, key
        assert row["support"] == support[code]


@settings(deadline=None, max_examples=50)
@given(with_positive())
def test_figures_are_the_same_after_their_json_and_the_file_of_predictions_were_written_and_read(
    s: Scored,
) -> None:
    names = [f"class {code}" for code in s.labels]
    figures = {"all": compute(s), "by class": per_class(s, names), "confusion": confusion(s)}
    text = json.dumps(figures, allow_nan=False)
    written = Predictions(proba=s.proba, y_true=s.y_true, rows=np.arange(len(s.y_true)))
    record = SimpleNamespace(n_test=len(s.y_true), classes=names, key="a key", basis=None)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "predictions.npz")
        file.write_bytes(packed(written, record.key))
        read = unpacked(file, record)
    again = Scored(read.y_true, read.proba, s.positive, s.threshold)
    computed = {"all": compute(again), "by class": per_class(again, names), "confusion": confusion(again)}
    assert json.dumps(computed) == text
    assert json.loads(text)["all"] == figures["all"]
    assert json.loads(text)["by class"] == figures["by class"]


def test_figures_are_of_float32_as_the_file_of_predictions_holds_them() -> None:
    """Two probabilities that float64 tells apart and float32 does not are a tie, and the first class is named."""
    proba = np.array([[0.5 - 1e-12, 0.5 + 1e-12], [0.5 - 1e-6, 0.5 + 1e-6]])
    s = Scored(np.array([1, 1]), proba)
    assert s.proba.dtype == np.float32
    assert s.y_pred.tolist() == [0, 1]
    assert compute(s) == compute(Scored(s.y_true, proba.astype(np.float32)))
    assert compute(s)["accuracy"] == 0.5


@settings(deadline=None)
@given(scored(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_has_no_say(s: Scored, random) -> None:
    order = list(range(len(s.y_true)))
    random.shuffle(order)
    again = compute(Scored(s.y_true[order], s.proba[order]))
    assert again == {name: pytest.approx(value, abs=1e-9) for name, value in compute(s).items()}


@settings(deadline=None)
@given(scored())
def test_calibration_error_lies_between_the_overall_gap_and_one(s: Scored) -> None:
    overall = abs(float(np.mean(s.proba.max(axis=1))) - float(np.mean(s.y_pred == s.y_true)))
    assert overall - 1e-6 <= compute(s)["ece"] <= 1


def test_calibration_error_uses_fifteen_bins_of_equal_mass() -> None:
    n = 1500
    confidence = np.linspace(0.5, 1, n, dtype=np.float32)
    correct = np.random.default_rng(0).random(n) < confidence
    s = Scored(np.where(correct, 0, 1), np.column_stack([confidence, 1 - confidence]))
    correct = s.y_true == s.y_pred
    expected = sum(
        abs(float(confidence[rows].mean()) - correct[rows].mean()) * len(rows) / n
        for rows in np.array_split(np.arange(n), 15)
    )
    assert compute(s)["ece"] == pytest.approx(expected, abs=1e-6)


def test_calibration_error_of_a_constant_forecast_is_its_overall_gap() -> None:
    s = Scored(np.arange(1000) % 4 // 3, np.tile([0.7, 0.3], (1000, 1)))
    assert compute(s)["ece"] == pytest.approx(0.05, abs=1e-6)


def test_a_certain_and_right_forecast_has_every_best_figure() -> None:
    s = Scored(np.arange(9) % 3, np.eye(3)[np.arange(9) % 3], positive=1)
    best = {name: 1.0 if metric.higher_is_better else 0.0 for name, metric in METRICS.items()}
    assert compute(s) == best
    assert math.copysign(1, compute(s)["log_loss"]) == 1


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from([0.0, 1e-30, 1e-14, 3e-8, 0.4]), min_size=1, max_size=8))
def test_the_log_loss_is_scikit_learns_of_float64_that_is_clipped_at_1e_15(truth: list[float]) -> None:
    proba = np.column_stack([truth, 1 - np.array(truth)]).astype(np.float32)
    ours, y = compute(Scored(np.zeros(len(truth), int), proba))["log_loss"], [0] * len(truth)
    wide = np.clip(proba.astype(np.float64), 1e-15, 1)
    wide[:, 1] = 1 - wide[:, 0]  # scikit-learn warns of float32's last bits
    assert ours == pytest.approx(reference.log_loss(y, wide, labels=[0, 1]), rel=1e-6)


def test_a_probability_of_0_costs_what_the_page_says() -> None:
    proba = np.array([[0, 1]], dtype=np.float32)
    ours = compute(Scored(np.array([0]), proba))["log_loss"]
    theirs = [reference.log_loss([0], proba.astype(kind), labels=[0, 1]) for kind in (np.float32, np.float64)]
    assert [round(float(loss), 1) for loss in (ours, *theirs)] == [34.5, 15.9, 36.0]


def test_a_certain_and_wrong_forecast_has_a_finite_log_loss() -> None:
    s = Scored(np.array([0, 1]), np.array([[0.0, 1.0], [0.0, 1.0]]))
    assert compute(s)["log_loss"] == pytest.approx(-math.log(1e-15) / 2)


def test_roc_auc_is_none_when_a_class_is_missing_from_the_truth() -> None:
    s = Scored(np.array([0, 1, 1]), np.full((3, 3), 1 / 3))
    assert compute(s)["roc_auc"] is None


@pytest.mark.parametrize(
    ("y_true", "proba"),
    [([0, 1], [[1.0, 0.0]]), ([2], [[1.0, 0.0]]), ([-1], [[1.0, 0.0]]), ([0], [1.0]), ([], np.empty((0, 2)))],
)
def test_shapes_and_codes_that_do_not_fit_are_refused(y_true, proba) -> None:
    with pytest.raises(ValueError, match="proba of shape"):
        Scored(np.asarray(y_true, dtype=int), np.asarray(proba))


@pytest.mark.parametrize(
    ("n_classes", "positive", "threshold"), [(2, 2, None), (2, -1, None), (3, 1, 0.3), (2, None, 0.3)]
)
def test_a_positive_class_or_a_threshold_that_does_not_fit_is_refused(n_classes, positive, threshold) -> None:
    with pytest.raises(ValueError, match="positive class"):
        Scored(np.array([0, 1]), np.full((2, n_classes), 1 / n_classes), positive, threshold)


TABLES = {"churn": ("no", "yes"), "genres": ("jazz", "rap", "rock")}


@pytest.mark.parametrize(
    ("metric", "positive", "threshold", "said"),
    [
        ("recall", None, None, "recall is of one class, and genres has 3: name it with --positive"),
        ("recall", "yes", None, "recall is of one class, and genres has 3: name it with --positive"),
        (
            "accuracy",
            None,
            0.3,
            "a threshold is between two classes, and genres has 3: leave --threshold out",
        ),
        ("accuracy", "yess", None, "no class named 'yess'; did you mean yes?"),
        ("acuracy", None, None, "no metric named 'acuracy'; did you mean accuracy?"),
    ],
)
def test_what_a_table_cannot_have_is_refused_in_one_line(metric, positive, threshold, said) -> None:
    with pytest.raises(UsageError) as refused:
        check_asked(TABLES, metric, positive, threshold)
    assert str(refused.value) == said


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_may_be_asked_for_of_two_classes_and_of_one_that_is_named(metric: str) -> None:
    check_asked({"churn": TABLES["churn"]}, metric, None, "prior")
    check_asked(TABLES, metric, "jazz", None)


def test_an_unknown_metric_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(UnknownName, match="macro_f1"):
        METRICS["macrof1"]


def test_metrics_are_computed_without_scikit_learn_pandas_or_scipy() -> None:
    code = (
        "import sys, numpy; from suite.metrics import Scored, compute;"
        "compute(Scored(numpy.array([0, 1]), numpy.eye(2)));"
        "print({'sklearn', 'scipy', 'pandas'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "set()"
