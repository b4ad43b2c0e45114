from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from suite.analysis.intervals import corrected_t, interval, wilson


@given(
    st.integers(1, 20_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.sampled_from([0.9, 0.95]),
)
def test_wilson_equals_scipy(counts: tuple[int, int], level: float):
    correct, n = counts
    oracle = stats.binomtest(correct, n).proportion_ci(level, method="wilson")
    ours = wilson(correct, n, level)
    assert (ours.low, ours.high) == pytest.approx((oracle.low, oracle.high), abs=1e-12)


@pytest.mark.parametrize(("correct", "n"), [(0, 0), (3, 2), (-1, 5)])
def test_wilson_refuses_what_is_no_proportion(correct: int, n: int):
    with pytest.raises(ValueError, match="is not a proportion"):
        wilson(correct, n)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=30))
def test_corrected_t_without_test_rows_is_the_ordinary_t_interval(scores: list[float]):
    ours = corrected_t(scores, n_train=1, n_test=0)
    mean, sem = sum(scores) / len(scores), stats.sem(scores)
    half = stats.t.ppf(0.975, len(scores) - 1) * sem
    assert (ours.low, ours.high) == pytest.approx((mean - half, mean + half), abs=1e-9)


def test_corrected_t_widens_the_ordinary_interval_as_nadeau_and_bengio_say():
    scores = [0.70, 0.74, 0.71, 0.69, 0.75, 0.72, 0.70, 0.73, 0.71, 0.74]
    plain, corrected = corrected_t(scores, 1, 0), corrected_t(scores, n_train=80, n_test=20)
    widening = (corrected.high - corrected.low) / (plain.high - plain.low)
    assert widening == pytest.approx(math.sqrt((1 / 10 + 20 / 80) / (1 / 10)))


@pytest.mark.parametrize(("scores", "n_train"), [([0.5], 10), ([0.5, 0.6], 0)])
def test_corrected_t_refuses_too_little_to_go_on(scores: list[float], n_train: int):
    with pytest.raises(ValueError, match="no interval"):
        corrected_t(scores, n_train, 5)


def _folds(make_record, protocol: str, splits: list[str], seeds: int = 1, **changes):
    return [
        make_record(
            "logistic", 0.7, protocol=protocol, split=split, seed=seed, n_test=200, n_train=800, **changes
        )
        for split in splits
        for seed in range(seeds)
    ]


def test_k_folds_are_pooled_into_one_wilson_interval(make_record):
    records = _folds(make_record, "cv5", [f"cv5-f{i}" for i in range(5)])
    correct = sum(sum(row[i] for i, row in enumerate(record.confusion)) for record in records)
    assert interval(records, "accuracy") == pytest.approx(wilson(correct, 1000), abs=1e-9)


def test_more_seeds_do_not_make_test_rows_out_of_nothing(make_record):
    one = interval(_folds(make_record, "holdout", ["holdout-42"]), "accuracy")
    five = interval(_folds(make_record, "holdout", ["holdout-42"], seeds=5), "accuracy")
    assert five.high - five.low == pytest.approx(one.high - one.low, rel=0.05)


@pytest.mark.parametrize("metric", ["accuracy", "log_loss", "macro_f1"])
def test_repeated_folds_get_the_corrected_t_for_every_metric(make_record, metric: str):
    records = _folds(make_record, "cv5x2", [f"cv5x2-r{r}f{f}" for r in range(2) for f in range(5)])
    found = interval(records, metric)
    scores = [record.metrics[metric] for record in records]
    assert found == pytest.approx(corrected_t(scores, 800, 200))
    assert found.method == "corrected_t"


def test_splits_that_test_more_rows_than_there_are_count_as_repeated(make_record):
    records = _folds(make_record, "shuffled", [f"s{i}" for i in range(8)])
    assert interval(records, "accuracy").method == "corrected_t"


def test_repeats_are_known_by_the_protocol_even_of_a_few_splits(make_record):
    ids = ["grouped-r0f0", "grouped-r1f0"]
    assert interval(_folds(make_record, "grouped:shop:cv5x2", ids), "accuracy").method == "corrected_t"
    assert interval(_folds(make_record, "of a later suite", ids), "accuracy").method == "wilson"


def test_rows_of_one_group_are_not_taken_for_as_many_others(make_record):
    records = _folds(make_record, "grouped:shop", ["grouped-42"])
    assert interval(records, "accuracy") is None
    assert interval(_folds(make_record, "holdout", ["holdout-42"]), "accuracy").method == "wilson"


def test_blocks_in_time_test_each_row_once_though_the_first_trains_on_few(make_record):
    records = [
        make_record(split=f"time-f{fold}", protocol="time:day:cv3", n_train=75 * (fold + 1), n_test=75)
        for fold in range(3)
    ]
    assert interval(records, "accuracy").method == "wilson"


def test_an_interval_of_a_perfect_score_does_not_pass_one(make_record):
    records = _folds(make_record, "cv5x2", ["cv5x2-r0f0", "cv5x2-r0f1", "cv5x2-r1f0"])
    near = [0.99, 1.0, 1.0]
    records = [
        make_record(split=r.split, protocol=r.protocol, n_test=200, n_train=800, metrics={"accuracy": a})
        for r, a in zip(records, near, strict=True)
    ]
    assert interval(records, "accuracy").high == 1.0


def test_no_method_means_no_interval(make_record):
    assert interval(_folds(make_record, "holdout", ["holdout-42"]), "macro_f1") is None
    assert interval([], "accuracy") is None
    assert interval([make_record(metrics={"accuracy": None})], "accuracy") is None
