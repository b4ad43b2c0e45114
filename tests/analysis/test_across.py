from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import optimize, special, stats

from suite.analysis.across import (
    EXACT,
    FEWEST,
    MEAN,
    across,
    critical_difference,
    elo_draws,
    elo_half_width,
    elo_of,
    friedman,
    holm_p,
    nemenyi_p,
    one_each,
    signed_rank_p,
)
from suite.analysis.ranking import boards

MODELS = ("logistic", "knn", "hist_gb", "dummy")
tables = st.tuples(st.integers(3, 12), st.integers(3, 6)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.sampled_from([0.1, 0.4, 0.5, 0.7, 0.9]))
)


def boards_of(make_record, accuracies: dict[str, dict[str, float]], protocol: str = "original"):
    """Boards of data sets by model and accuracy, as exact as told."""
    made = [
        make_record(
            model=model,
            dataset=dataset,
            target="label",
            protocol=protocol,
            split=f"{protocol}-42",
            metrics={"accuracy": accuracy, "log_loss": 1 - accuracy},
        )
        for dataset, row in accuracies.items()
        for model, accuracy in row.items()
    ]
    return boards(made)


def scores_of(n_datasets: int, seed: int = 0) -> dict[str, dict[str, float]]:
    rng = np.random.default_rng(seed)
    return {
        f"table_{i:02}": {
            "hist_gb": 0.9 + 0.01 * rng.random(),
            "logistic": 0.7 + 0.01 * rng.random(),
            "knn": 0.5 + 0.01 * rng.random(),
            "dummy": 0.3,
        }
        for i in range(n_datasets)
    }


@settings(max_examples=40, deadline=None)
@given(tables)
def test_friedman_and_nemenyi_equal_scikit_posthocs(scores: np.ndarray):
    posthocs = pytest.importorskip("scikit_posthocs")
    np.testing.assert_allclose(nemenyi_p(scores), posthocs.posthoc_nemenyi_friedman(scores), atol=1e-6)
    np.testing.assert_allclose(nemenyi_p(scores), nemenyi_p(-scores), atol=1e-9)


def by_all_changes_of_signs(differences: np.ndarray) -> float:
    """The p of signed ranks, without any law."""
    differences = np.round(differences, 12)
    ranks = stats.rankdata(np.abs(differences))
    signs = np.array(list(product([-1, 1], repeat=len(ranks))))
    sums = signs @ (ranks * np.sign(differences))
    return float(np.mean(np.abs(sums) >= abs(ranks @ np.sign(differences)) - 1e-9))


@settings(max_examples=12, deadline=None)
@given(tables)
def test_holm_equals_statsmodels_over_all_changes_of_signs(scores: np.ndarray):
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    pairs = list(combinations(range(scores.shape[1]), 2))
    single = [by_all_changes_of_signs(scores[:, i] - scores[:, j]) for i, j in pairs]
    oracle = multitest.multipletests(single, method="holm")[1]
    np.testing.assert_allclose([holm_p(scores)[pair] for pair in pairs], oracle, atol=1e-9)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([7, 12, 20, 60]))
def test_signed_ranks_equal_scikit_posthocs(seed: int, n: int):
    posthocs = pytest.importorskip("scikit_posthocs")
    scores = np.random.default_rng(seed).random((n, 4))
    oracle = posthocs.posthoc_wilcoxon(scores.T, zero_method="zsplit", p_adjust="holm")
    np.testing.assert_allclose(holm_p(scores), oracle, atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, EXACT))
def test_without_equal_differences_signed_ranks_have_scipys_exact_law(seed: int, n: int):
    differences = np.random.default_rng(seed).normal(0.3, 1, n)
    oracle = stats.wilcoxon(differences, method="exact").pvalue
    assert signed_rank_p(differences) == pytest.approx(oracle, abs=1e-12)


@settings(max_examples=100, deadline=None)
@example(np.array([-0.1, -0.1, 0.1, -0.2, -0.2, -0.2, -0.2]))
@given(arrays(np.float64, st.integers(1, 10), elements=st.sampled_from([-0.2, -0.1, 0.0, 0.1, 0.3])))
def test_equal_differences_have_the_p_of_all_changes_of_signs(differences: np.ndarray):
    scores = np.column_stack([differences, np.zeros_like(differences)])
    assert holm_p(scores)[0, 1] == pytest.approx(by_all_changes_of_signs(differences), abs=1e-12)


def test_what_the_law_without_equal_differences_would_tell_apart_is_not():
    differences = np.array([-0.1, -0.1, 0.1, -0.2, -0.2, -0.2, -0.2])
    assert stats.wilcoxon(differences, method="exact").pvalue < 0.05
    assert signed_rank_p(differences) == 0.0625


def test_differences_are_equal_whatever_their_last_bits():
    scores = np.column_stack([[0.9, 0.8, 0.3, 0.6, 0.5, 0.4, 0.8], [0.8, 0.7, 0.4, 0.4, 0.3, 0.2, 0.6]])
    assert len(set(np.abs(scores[:, 0] - scores[:, 1]).tolist())) > 2
    assert signed_rank_p(scores[:, 0] - scores[:, 1]) == 0.0625


def test_the_critical_difference_is_that_of_demsars_table():
    # Demšar 2006, section 3.2.2: four classifiers on 14 data sets, CD = 1.25; table 5 has q = 2.569.
    assert critical_difference(4, 14) == pytest.approx(1.25, abs=0.005)
    assert critical_difference(4, 1) == pytest.approx(2.569 * np.sqrt(20 / 6), abs=0.002)


@settings(max_examples=30, deadline=None)
@given(tables)
def test_models_are_apart_by_the_critical_difference_where_nemenyis_p_is_below_5_percent(scores: np.ndarray):
    n, k = scores.shape
    average = stats.rankdata(-scores, axis=1).mean(axis=0)
    apart = np.abs(average[:, None] - average) > critical_difference(k, n)
    np.testing.assert_array_equal(apart, nemenyi_p(scores) < 0.05)


def test_equal_models_are_no_surprise_to_friedman():
    assert friedman(np.full((8, 3), 0.5)) == 1.0
    assert friedman(np.random.default_rng(0).random((8, 2))) is None


def most_likely(scores: np.ndarray) -> np.ndarray:
    """Elo by a general optimiser on the pairs themselves, with one table of ties."""
    everything = np.vstack([scores, np.zeros(scores.shape[1])])
    pairs = list(combinations(range(scores.shape[1]), 2))
    won = [
        np.mean((everything[:, i] > everything[:, j]) + 0.5 * (everything[:, i] == everything[:, j]))
        for i, j in pairs
    ]

    def loss(strength: np.ndarray) -> float:
        return -sum(
            share * special.log_expit(strength[i] - strength[j])
            + (1 - share) * special.log_expit(strength[j] - strength[i])
            for (i, j), share in zip(pairs, won, strict=True)
        )

    found = optimize.minimize(loss, np.zeros(scores.shape[1]), method="BFGS", options={"gtol": 1e-9}).x
    return 1000 + 400 * (found - found.mean()) / np.log(10)


@settings(max_examples=25, deadline=None)
@given(tables)
def test_elo_is_the_most_likely_one(scores: np.ndarray):
    np.testing.assert_allclose(elo_of(scores), most_likely(scores), atol=0.01)


@settings(max_examples=40, deadline=None)
@given(tables)
def test_elo_equals_bencheval(scores: np.ndarray):
    bencheval = pytest.importorskip("bencheval.elo_utils")
    n, k = scores.shape
    wins = (stats.rankdata(scores, axis=1) - 1).sum(axis=0) + (k - 1) / 2
    helper = next(c for c in vars(bencheval).values() if hasattr(c, "_bradley_terry_from_win_totals"))
    oracle = helper._bradley_terry_from_win_totals(wins, n + 1)
    np.testing.assert_allclose(elo_of(scores), oracle, atol=1e-3)


@settings(max_examples=30, deadline=None)
@given(tables)
def test_elo_has_a_fixed_mean_and_orders_models_as_their_average_ranks_do(scores: np.ndarray):
    elo, average = elo_of(scores), stats.rankdata(-scores, axis=1).mean(axis=0)
    assert elo.mean() == pytest.approx(MEAN)
    for i, j in combinations(range(len(elo)), 2):
        if abs(average[i] - average[j]) > 1e-9:
            assert (elo[i] > elo[j]) == (average[i] < average[j])


def test_a_model_that_always_wins_has_a_finite_elo_even_of_many():
    scores = np.tile(np.arange(40.0), (30, 1))
    assert np.isfinite(elo_of(scores)).all()
    assert (np.diff(elo_of(scores)) > 0).all()


def test_draws_are_the_same_each_time_and_spread_about_the_elo():
    scores = np.random.default_rng(1).random((20, 5))
    scores[:, 0] += 0.3
    drawn = elo_draws(scores)
    np.testing.assert_array_equal(drawn, elo_draws(scores))
    np.testing.assert_allclose(drawn.mean(axis=0), elo_of(scores), atol=25)
    assert drawn[:, 0].std() > 10


def test_the_interval_of_an_elo_holds_that_of_very_many_data_sets():
    rng, shift = np.random.default_rng(4), np.array([0.0, 0.3, 0.6, 0.9])
    truth = elo_of(rng.normal(size=(50_000, 4)) + shift)
    held = []
    for _ in range(40):
        scores = rng.normal(size=(12, 4)) + shift
        held.append(np.abs(elo_of(scores) - truth) <= elo_half_width(scores))
    assert 0.88 <= np.mean(held) <= 1


def test_models_that_differ_everywhere_are_told_apart(make_record):
    found = across(boards_of(make_record, scores_of(12)))
    assert found is not None
    assert [(place.model, place.rank, place.tied) for place in found.places] == [
        ("hist_gb", 1.0, True),
        ("logistic", 2.0, False),
        ("knn", 3.0, False),
    ]
    assert found.places[0].p is None
    assert found.friedman_p is not None
    assert found.friedman_p < 0.001
    assert all(place.low < place.elo < place.high or place.low == place.high for place in found.places)


def test_few_data_sets_tell_nothing(make_record):
    found = across(boards_of(make_record, scores_of(FEWEST - 1)))
    assert found is not None
    assert not found.can_tell
    assert all(place.tied and place.low is None for place in found.places)
    assert across(boards_of(make_record, scores_of(FEWEST))).can_tell


def test_two_models_are_told_apart_by_signed_ranks_from_six_data_sets_on(make_record):
    def of(n: int):
        return {name: {m: row[m] for m in ("knn", "logistic")} for name, row in scores_of(n).items()}

    six = across(boards_of(make_record, of(6)))
    assert six.friedman_p is None
    assert six.places[1].p == pytest.approx(2 / 2**6)
    assert [place.tied for place in six.places] == [True, False]


def test_models_that_win_at_random_are_not_told_apart(make_record):
    rng = np.random.default_rng(3)
    random = {f"t{i}": {m: 0.5 + 0.1 * rng.random() for m in MODELS} for i in range(12)}
    assert all(place.tied for place in across(boards_of(make_record, random)).places)


def test_there_is_nothing_to_say_of_one_data_set_or_of_one_model(make_record):
    assert across([]) is None
    assert across(boards_of(make_record, scores_of(1))) is None
    one = {name: {"knn": row["knn"], "dummy": 0.3} for name, row in scores_of(8).items()}
    assert across(boards_of(make_record, one)) is None


def test_only_models_that_are_ranked_everywhere_take_part(make_record):
    scores = scores_of(8)
    del scores["table_03"]["knn"]
    found = across(boards_of(make_record, scores))
    assert {place.model for place in found.places} == {"hist_gb", "logistic"}


def test_each_data_set_counts_once_by_the_protocol_that_most_have(make_record):
    one, two, three = (f"table_{i:02}" for i in range(3))
    scores = scores_of(3)
    found = boards_of(make_record, scores) + boards_of(make_record, {one: scores[one]}, "cv5")
    found += boards_of(make_record, {two: scores[two]}, "cv5x3")
    chosen = {board.dataset: board.protocol for board in one_each(found)}
    assert chosen == {one: "original", two: "original", three: "original"}
    only = [board for board in found if (board.dataset, board.protocol) != (three, "original")]
    others = boards_of(make_record, {three: scores[three]}, "cv5")
    chosen = {board.dataset: board.protocol for board in one_each(only + others)}
    assert chosen == {one: "cv5", two: "cv5x3", three: "cv5"}


def test_two_targets_of_one_table_are_two_data_sets(make_record):
    found = boards_of(make_record, scores_of(1))
    other = [replace(board, target="other") for board in found]
    assert len(one_each(found + other)) == 2


def test_a_metric_that_is_better_low_ranks_low_scores_first(make_record):
    found = boards_of(make_record, scores_of(8))
    by_loss = [replace(board, metric="log_loss") for board in found]
    assert [p.model for p in across(by_loss).places] == [p.model for p in across(found).places]
