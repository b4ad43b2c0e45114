from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from suite.analysis.power import (
    decides,
    disagreement,
    fold_warning,
    least_difference,
    least_difference_repeated,
    plans,
)

shares = st.floats(0.001, 1)


def rows_needed(difference: float, discordant: float) -> float:
    """Connor 1987, solved for the rows; 7.8489 is the square of 1.95996 + 0.84162."""
    return 7.8489 * (discordant - difference**2) / difference**2


@given(st.integers(1, 10**7), shares)
def test_the_rows_needed_for_the_least_difference_are_the_rows_there_are(n: int, discordant: float):
    least = least_difference(n, discordant)
    assert 0 < least < 1
    assume(least < discordant)
    assert rows_needed(least, discordant) == pytest.approx(n, rel=1e-4)


@given(st.integers(2, 10**6), shares)
def test_more_rows_and_fewer_discordant_ones_tell_smaller_differences(n: int, discordant: float):
    least = least_difference(n, discordant)
    assert least_difference(n - 1, discordant) > least
    assert least_difference(n, discordant / 2) <= least


@pytest.mark.parametrize(("n", "discordant"), [(0, 0.1), (10, 1.5), (10, -0.1)])
def test_what_is_no_share_or_no_rows_is_refused(n: int, discordant: float):
    with pytest.raises(ValueError, match="no power"):
        least_difference(n, discordant)


def mcnemar_mid_p(only_first: np.ndarray, only_second: np.ndarray) -> np.ndarray:
    fewer, all_of_them = np.minimum(only_first, only_second), only_first + only_second
    tails = 2 * stats.binom.cdf(fewer, all_of_them, 0.5) - stats.binom.pmf(fewer, all_of_them, 0.5)
    return np.minimum(1, tails)


@pytest.mark.parametrize(
    ("n", "discordant"), [(360, 0.03), (360, 0.1), (1000, 0.05), (1797, 0.1), (5000, 0.4)]
)
def test_a_difference_that_is_said_to_be_told_is_found_in_four_of_five_samples(n: int, discordant: float):
    difference = least_difference(n, discordant)
    first, second = (discordant + difference) / 2, (discordant - difference) / 2
    draws = np.random.default_rng(5).multinomial(n, [first, second, 1 - discordant], size=20_000)
    found = float(np.mean(mcnemar_mid_p(draws[:, 0], draws[:, 1]) < 0.05))
    assert 0.76 <= found <= 0.86


def test_without_a_spread_of_rows_the_repeated_power_is_that_of_the_ordinary_t_test():
    spread, n = 0.02, 40
    difference = least_difference_repeated(spread, n, n_train=1, n_test=0)
    shift, critical = difference / spread * np.sqrt(n), stats.t.ppf(0.975, n - 1)
    power = stats.nct.sf(critical, n - 1, shift) + stats.nct.cdf(-critical, n - 1, shift)
    assert power == pytest.approx(0.8, abs=0.01)


def test_overlapping_splits_tell_less_than_as_many_of_their_own_rows():
    own = least_difference_repeated(0.02, 15, n_train=1, n_test=0)
    assert least_difference_repeated(0.02, 15, n_train=80, n_test=20) == pytest.approx(
        own * np.sqrt(1 + 15 / 4)
    )


def test_models_are_expected_to_disagree_as_often_as_the_best_is_wrong_but_not_on_more_than_a_tenth():
    assert disagreement([0.9, 0.97], largest_class=0.5) == pytest.approx(0.03)
    assert disagreement([0.6], largest_class=0.5) == 0.1
    assert disagreement([], largest_class=0.5) == 0.1
    assert disagreement([], largest_class=0.96) == pytest.approx(0.04)


def test_a_plan_says_what_it_tells_and_what_folds_would():
    assert plans(360, 1797, 64, 0.1, "holdout") == (
        "360 test rows tell two models apart, 4 times in 5, whose accuracies differ by 4.6 points or more, "
        "if they disagree on 10 % of "
        "the rows; cv5 tests all 1,797: 2.1 points."
    )
    assert plans(1797, 1797, 64, 0.1, "cv5").endswith(
        "differ by 2.1 points or more, if they disagree on 10 % of the rows."
    )
    assert "get every row right" in plans(30, 150, 4, 0.0, "holdout")


def test_a_board_says_what_it_decides_and_which_protocol_decides_more():
    assert decides(360, 1797, 64, 0.02, "holdout") == (
        "360 test rows tell two models apart, 4 times in 5, that differ by 2.1 points or more; "
        "--protocol cv5 would tell 0.9."
    )
    assert "right on the same rows" in decides(360, 1797, 64, 0.0, "holdout")
    known = decides(1797, 1797, 64, 0.02, "cv5x3", least=0.0123)
    assert known == "1,797 test rows tell two models apart, 4 times in 5, that differ by 1.2 points or more."


@pytest.mark.parametrize(
    ("protocol", "n_rows", "named"),
    [
        ("original", 2000, "cv5"),
        ("holdout", 300, "cv5x3"),
        ("grouped:artist name", 2000, "'grouped:artist name:cv5'"),
        ("grouped:artist", 300, "grouped:artist:cv5x3"),
        ("time:year", 2000, "time:year:cv4"),
        ("time:year", 300, "time:year:cv4"),
    ],
)
def test_the_protocol_that_is_named_follows_the_same_rule(protocol: str, n_rows: int, named: str):
    assert f"--protocol {named} would tell" in decides(n_rows // 5, n_rows, 4, 0.1, protocol)


@pytest.mark.parametrize(
    "protocol", ["cv5", "cv10", "cv5x3", "grouped:g:cv5", "time:t:cv4", "predefined:fold"]
)
def test_no_protocol_is_named_where_all_rows_are_tested_or_the_table_decides(protocol: str):
    assert "--protocol" not in decides(400, 400, 4, 0.1, protocol)


@given(st.integers(20, 10**5), st.floats(0.01, 0.5), st.floats(0.05, 0.95))
def test_only_a_protocol_that_tells_more_is_named(n_rows: int, discordant: float, tested: float):
    n_test = max(1, int(tested * n_rows))
    sentence = decides(n_test, n_rows, 10, discordant, f"holdout:{tested}")
    told = re.findall(r"by ([\d.]+) points", sentence), re.findall(r"would tell ([\d.]+)\.", sentence)
    assert len(told[0]) == 1
    assert all(float(more) < float(told[0][0]) for more in told[1])


@pytest.mark.parametrize(
    ("n_rows", "n_columns", "protocol", "instead"),
    [
        (499, 4, "cv5", "499 rows give 95 %"),
        (1000, 51, "cv5", "20 rows a column give 95 %"),
        (178, 13, "grouped:g:cv5", "--protocol grouped:g:cv5x3 gives"),
        (178, 13, "cv10", "--protocol cv10x3 gives"),
    ],
)
def test_folds_of_small_tables_are_warned_of(n_rows: int, n_columns: int, protocol: str, instead: str):
    assert instead in (fold_warning(n_rows, n_columns, protocol) or "")


def test_what_cannot_be_repeated_is_warned_of_without_a_remedy():
    for protocol, n_splits in (("time:t:cv4", 4), ("predefined:fold", 5)):
        warning = fold_warning(200, 4, protocol, n_splits)
        assert warning
        assert "--protocol" not in warning


@pytest.mark.parametrize(
    ("n_rows", "n_columns", "protocol"),
    [
        (500, 25, "cv5"),
        (100, 4, "holdout"),
        (100, 4, "cv5x3"),
        (100, 4, "predefined:fold"),
        (100, 4, "original"),
    ],
)
def test_large_tables_single_splits_and_repeats_are_not_warned_of(n_rows: int, n_columns: int, protocol: str):
    assert fold_warning(n_rows, n_columns, protocol) is None
