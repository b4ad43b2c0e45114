from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from suite.datasets.live import arrays
from suite.errors import SuiteError


@pytest.mark.parametrize(
    "given",
    [
        np.array([[1, 2], [3, 4], [5, 6]]),
        [[1, 2], [3, 4], [5, 6]],
        [(1, 2), np.array([3, 4]), [5, 6]],
        sp.csr_matrix([[1, 2], [3, 4], [5, 6]]),
        sp.coo_array([[1, 2], [3, 4], [5, 6]]),
        np.matrix([[1, 2], [3, 4], [5, 6]]),
    ],
)
def test_columns_are_those_of_x(given: Any) -> None:
    assert arrays.columns(given).tolist() == [[1, 3, 5], [2, 4, 6]]


def test_each_column_of_a_list_of_rows_has_its_own_type() -> None:
    words, numbers = arrays.columns([["a", 1], ["b", 2]])
    assert (list(words), list(numbers)) == (["a", "b"], [1, 2])


def test_what_is_masked_is_missing_and_the_array_stays_as_it_is() -> None:
    given = np.ma.masked_array([[1, 2], [3, 4]], mask=[[0, 1], [0, 0]])
    assert arrays.columns(given).tolist() == [[1, 3], [None, 4]]
    assert given.data.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (np.zeros(6), r"X has 1 dimension and needs 2, rows and columns; X.reshape\(-1, 1\)"),
        (np.zeros((2, 2, 2)), "X has 3 dimensions"),
        (np.array(1), "X has 0 dimensions"),
        (np.zeros((0, 2)), "X has 0 rows and 2 columns"),
        (np.zeros((2, 0)), "X has 2 rows and 0 columns"),
        (np.zeros(2, dtype=[("a", "i4")]), "X is a structured array; pandas.DataFrame"),
        ([[1, 2], [3]], "rows of X are of different lengths"),
        ([{"a": 1}, {"a": 2}], r"X is a list of dict; .* or pandas.DataFrame\(X\)"),
        ([1, 2], "X is a list of int"),
        ([0, 0], "X is a list of int"),
        ([], "X has 0 rows"),
        (None, "X is of type NoneType"),
        ({"a": [1]}, "X is of type dict"),
        ("ab", "X is of type str"),
        (
            sp.csr_matrix((10**5, 10**5)),
            "X is sparse with 100,000 x 100,000 values, .* the limit is 50,000,000",
        ),
    ],
)
def test_what_is_no_x_is_refused_in_one_line(given: Any, named: str) -> None:
    with pytest.raises(SuiteError, match=named) as refused:
        arrays.columns(given)
    assert "\n" not in str(refused.value)


def test_a_sparse_matrix_at_the_limit_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "SPARSE_VALUES", 6)
    assert arrays.columns(sp.csr_matrix((3, 2))).shape == (2, 3)
    with pytest.raises(SuiteError, match="the limit is 6"):
        arrays.columns(sp.csr_matrix((7, 1)))


@pytest.mark.parametrize("given", [[1, 0], (1, 0), np.array([1, 0]), np.array([[1], [0]])])
def test_labels_are_one_a_row(given: Any) -> None:
    assert arrays.labels(given).tolist() == [1, 0]


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (np.eye(3), r"y has shape \(3, 3\) and needs one label a row; y.argmax"),
        (np.array(1), r"y has shape \(\)"),
        ({0: 1}, "y is of type dict"),
        ((i for i in range(2)), "y is of type generator"),
    ],
)
def test_what_is_no_y_is_refused(given: Any, named: str) -> None:
    with pytest.raises(SuiteError, match=named):
        arrays.labels(given)
