from __future__ import annotations

from suite.analysis.confusion import Confused, Mistake, confused, mistakes, shares

MATRIX = [[8, 2, 0], [1, 5, 4], [0, 0, 0]]


def test_shares_are_of_the_true_class():
    assert shares(MATRIX) == [[0.8, 0.2, 0.0], [0.1, 0.5, 0.4], [None, None, None]]


def test_mistakes_are_listed_most_frequent_first():
    assert mistakes(MATRIX) == [Mistake(1, 2, 4, 0.4), Mistake(0, 1, 2, 0.2), Mistake(1, 0, 1, 0.1)]


def test_a_pair_starts_with_the_direction_that_loses_the_larger_share():
    assert confused(MATRIX) == [
        Confused(Mistake(1, 2, 4, 0.4), Mistake(2, 1, 0, 0.0)),
        Confused(Mistake(0, 1, 2, 0.2), Mistake(1, 0, 1, 0.1)),
    ]


def test_a_perfect_matrix_has_no_mistakes():
    assert mistakes([[3, 0], [0, 4]]) == []
    assert confused([[3, 0], [0, 4]]) == []
    assert confused([]) == []
