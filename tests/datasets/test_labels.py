from __future__ import annotations

import string

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.datasets.labels import encode_labels
from suite.errors import DataError

# The letter keeps a name from being a number: a column of numbers may be refused as continuous.
NAMES = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=8).map("c{}".format)


@given(st.lists(st.one_of(NAMES, st.just(""), st.none()), min_size=2, max_size=40))
def test_every_label_that_is_there_decodes_to_itself(labels):
    written = [label for label in labels if label]
    if len(set(written)) < 2:
        with pytest.raises(DataError):
            encode_labels(labels, "t")
        return
    encoded = encode_labels(labels, "t")
    assert [encoded.classes[code] for code in encoded.y] == written
    assert encoded.present.tolist() == [bool(label) for label in labels]
    assert set(encoded.classes) == set(written)


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (["10", "2", "1"], ("1", "2", "10")),
        (["10", "2", "b"], ("10", "2", "b")),
        ([10, 2, -1], ("-1", "2", "10")),
        ([7, 3, 3], ("3", "7")),
        ([True, False, True], ("False", "True")),
        ([1.0, 2.0, 10.0], ("1", "2", "10")),
        (["1.0", "10.0", "2.0"], ("1.0", "2.0", "10.0")),
        (["01", "1", "2"], ("01", "1", "2")),
        (["None", "NA", "null", "nan", "1"], ("1", "NA", "None", "nan", "null")),
        (["True", "true", "False"], ("False", "True", "true")),
        (pd.Categorical([3, 11, 3]), ("3", "11")),
        (pd.Categorical(["b", "a"], categories=["c", "b", "a"]), ("a", "b")),
        (pd.array([1, None, 12], dtype="Int64"), ("1", "12")),
        (["9" * 5000, "1" * 4999], ("1" * 4999, "9" * 5000)),
        (list(string.ascii_uppercase), tuple(string.ascii_uppercase)),
        (["a,b", 'a"b', "a\nb", '{"a": 1}'], ("a\nb", 'a"b', "a,b", '{"a": 1}')),
    ],
)
def test_class_names_are_kept_as_written_and_sorted(labels, classes):
    assert encode_labels(labels, "t").classes == classes


def test_only_empty_cells_are_missing():
    encoded = encode_labels(["a", "", None, np.nan, " ", "?"], "t")
    assert encoded.classes == (" ", "?", "a")
    assert encoded.present.tolist() == [True, False, False, False, True, True]


def test_floats_with_missing_values_are_integers_if_whole():
    encoded = encode_labels([1.0, np.nan, 3.0], "t")
    assert encoded.classes == ("1", "3")
    assert encoded.y.tolist() == [0, 1]


@pytest.mark.parametrize(
    "labels",
    [
        [0.5, 1.0, 2.0],
        ["0.5", "1", "2"],
        [1.0, np.inf, 2.0],
        [1e300, 2e300],
        list(range(100)),
        [str(number) for number in range(51)] * 4,
    ],
)
def test_a_continuous_target_is_refused_with_the_word(labels):
    with pytest.raises(DataError, match=r"this is classification and column 't' looks continuous"):
        encode_labels(labels, "t")


def test_many_integer_classes_with_enough_rows_each_are_classes():
    assert len(encode_labels(list(range(51)) * 5, "t").classes) == 51


def test_a_column_of_one_class_is_refused_by_name():
    with pytest.raises(DataError, match=r"column 'kind' has one class \('a'\)"):
        encode_labels(["a", "a", None], "kind")


def test_a_column_without_any_label_is_refused():
    with pytest.raises(DataError, match="holds no label in any of its 2 rows"):
        encode_labels([None, ""], "t")


def test_a_column_of_names_is_refused_with_the_limit():
    with pytest.raises(DataError, match="has 1,001 classes; the limit is 1,000"):
        encode_labels([f"n{number}" for number in range(1001)], "t")
