from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from suite.analysis.tallies import figures, ranked, tally
from suite.metrics import METRICS, Scored, per_class


@st.composite
def scored(draw: st.DrawFn) -> Scored:
    n, k = draw(st.integers(2, 40)), draw(st.integers(2, 5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    raw = rng.random((n, k)).round(draw(st.sampled_from([1, 8]))) + 0.05
    y = rng.integers(draw(st.integers(1, k)), size=n)
    positive = draw(st.sampled_from([None, *range(k)]))
    threshold = draw(st.sampled_from([None, 0.3])) if k == 2 and positive is not None else None
    return Scored(y, (raw / raw.sum(axis=1, keepdims=True)).astype(np.float32), positive, threshold)


def _figures(scored: Scored, weights: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray]:
    n = len(scored.y_true)
    return figures(weights @ tally(scored, np.arange(n), n), scored.positive)


@given(scored())
@settings(deadline=None)
def test_figures_of_the_sample_are_the_metrics(scored: Scored):
    found, f1 = _figures(scored, np.ones((1, len(scored.y_true))))
    for name, metric in METRICS.items():
        if name == "ece":
            continue
        expected = metric.score(scored)
        ours = float(found[name][0]) if name in found else np.nan
        assert ours == pytest.approx(np.nan if expected is None else expected, abs=1e-9, nan_ok=True), name
    names = [f"c{k}" for k in scored.labels]
    for value, figure in zip(f1[0], per_class(scored, names).values(), strict=True):
        assert value == pytest.approx(np.nan if figure["f1"] is None else figure["f1"], nan_ok=True)


@pytest.mark.filterwarnings("ignore:A single label was found")
@given(scored(), st.integers(0, 1000))
@settings(deadline=None)
def test_figures_of_a_resample_are_scikit_learns_on_its_rows(scored: Scored, seed: int):
    n = len(scored.y_true)
    drawn = np.random.default_rng(seed).integers(n, size=n)
    found, _ = _figures(scored, np.bincount(drawn, minlength=n)[None].astype(float))
    y, predicted, proba = scored.y_true[drawn], scored.y_pred[drawn], scored.proba[drawn].astype(float)
    labels, present = scored.labels, np.unique(y)
    truth = np.eye(len(labels))[y]
    expected = {
        "accuracy": sk.accuracy_score(y, predicted),
        "balanced_accuracy": sk.recall_score(y, predicted, labels=present, average="macro"),
        "macro_f1": sk.f1_score(y, predicted, average="macro"),
        "weighted_f1": sk.f1_score(y, predicted, average="weighted"),
        "mcc": sk.matthews_corrcoef(y, predicted),
        "log_loss": -np.log(proba[np.arange(n), y]).mean(),
        "brier": ((proba - truth) ** 2).sum(axis=1).mean() / (2 if len(labels) == 2 else 1),
    }
    if scored.positive is not None:
        options = {"labels": [scored.positive], "average": None, "zero_division": np.nan}
        for name, score in (
            ("precision", sk.precision_score),
            ("recall", sk.recall_score),
            ("f1", sk.f1_score),
        ):
            expected[name] = score(y, predicted, **options)[0]
    for name, value in expected.items():
        assert found[name][0] == pytest.approx(value, abs=1e-6, nan_ok=True), name


@given(scored())
@settings(deadline=None)
def test_rows_and_blocks_of_rows_sum_to_the_same(scored: Scored):
    n = len(scored.y_true)
    unit = np.random.default_rng(n).integers(3, size=n)
    by_row, by_block = tally(scored, np.arange(n), n), tally(scored, unit, 3)
    for block in range(3):
        assert by_block[block] == pytest.approx(by_row[unit == block].sum(axis=0), nan_ok=True)


@st.composite
def ranking(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    rows = st.tuples(st.booleans(), st.integers(0, 6))
    drawn = [
        (True, draw(st.integers(0, 6))),
        (False, draw(st.integers(0, 6))),
        *draw(st.lists(rows, max_size=30)),
    ]
    truth, score = zip(*drawn, strict=True)
    return np.array(truth), np.array(score, dtype=np.float32) / 8


@given(ranking())
def test_auc_is_linear_in_delongs_placement_values(case: tuple[np.ndarray, np.ndarray]):
    truth, score = case
    auc, values, _, _ = ranked(truth, score)
    pos, neg = score[truth], score[~truth]
    psi = (pos[:, None] > neg) + 0.5 * (pos[:, None] == neg)
    assert auc == pytest.approx(psi.mean())
    n = len(truth)
    assert values[truth] == pytest.approx(auc + n / len(pos) * (psi.mean(axis=1) - psi.mean()))
    assert values[~truth] == pytest.approx(auc + n / len(neg) * (psi.mean(axis=0) - psi.mean()))
    assert values.mean() == pytest.approx(auc)


@given(ranking())
@settings(max_examples=20, deadline=None)
def test_values_of_ranked_rows_are_derivatives_by_their_weights(case: tuple[np.ndarray, np.ndarray]):
    truth, score = case
    auc, auc_values, ap, ap_values = ranked(truth, score)
    n, step = len(truth), 1e-5
    for function, figure, values in (
        (sk.roc_auc_score, auc, auc_values),
        (sk.average_precision_score, ap, ap_values),
    ):
        assert function(truth, score) == pytest.approx(figure)
        for row in range(n):
            change = np.eye(n)[row] * step
            up, down = (function(truth, score, sample_weight=1 + sign * change) for sign in (1, -1))
            assert values[row] == pytest.approx(figure + n * (up - down) / (2 * step), abs=1e-6)


def test_the_linear_values_vary_as_the_figure_of_resamples_does():
    rng = np.random.default_rng(0)
    truth = rng.random(400) < 0.3
    score = (truth + rng.normal(size=400)).astype(np.float32)
    _, auc_values, _, ap_values = ranked(truth, score)
    drawn = [rng.integers(400, size=400) for _ in range(400)]
    for function, values in ((sk.roc_auc_score, auc_values), (sk.average_precision_score, ap_values)):
        exact = np.std([function(truth[rows], score[rows]) for rows in drawn])
        assert values.std() / np.sqrt(400) == pytest.approx(exact, rel=0.12)


@given(ranking())
@settings(deadline=None)
def test_auc_varies_as_delong_says(case: tuple[np.ndarray, np.ndarray]):
    truth, score = case
    n, p = len(truth), int(truth.sum())
    tallied = tally(Scored(truth.astype(int), np.column_stack([1 - score, score])), np.arange(n), n)
    auc_values = tallied[:, -2]
    psi = (score[truth][:, None] > score[~truth]) + 0.5 * (score[truth][:, None] == score[~truth])
    delong = sum(
        np.var(psi.mean(axis=axis), ddof=1) / m if m > 1 else 0.0 for axis, m in ((1, p), (0, n - p))
    )
    assert np.square(auc_values - psi.mean()).sum() / n**2 == pytest.approx(delong, abs=1e-9)


def test_draws_of_ranks_stay_between_0_and_1_and_vary_as_the_linear_values_do():
    rng = np.random.default_rng(0)
    truth = rng.integers(2, size=60)
    score = (truth + rng.normal(size=60) / 2).clip(-2, 3).astype(np.float32) / 5 + 0.4
    scored = Scored(truth, np.column_stack([1 - score, score]), positive=1)
    tallied = tally(scored, np.arange(60), 60)
    weights = np.vstack([np.ones(60), rng.multinomial(60, np.full(60, 1 / 60), size=4000)])
    found, _ = figures(weights @ tallied, positive=1)
    for name, column in (("roc_auc", -2), ("average_precision", -1)):
        draws, linear = found[name][1:], weights[1:] @ tallied[:, column] / 60
        assert found[name][0] == pytest.approx(METRICS[name].score(scored))
        assert linear.max() > 1 > draws.max()
        assert np.quantile(draws, 0.5) == pytest.approx(np.quantile(linear, 0.5), abs=1e-3)
        assert draws.std() == pytest.approx(linear.std(), rel=0.3)


def test_a_perfect_ranking_is_drawn_as_perfect():
    y = np.array([0, 0, 1, 1])
    proba = np.column_stack([1 - y, y]).astype(np.float32)
    found, _ = figures(
        np.array([[1.0, 1, 1, 1], [2, 0, 1, 1]]) @ tally(Scored(y, proba, 1), np.arange(4), 4), 1
    )
    assert found["roc_auc"].tolist() == found["average_precision"].tolist() == [1, 1]
