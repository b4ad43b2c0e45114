from __future__ import annotations

import string

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.datasets.columns.labels import encode_labels
from suite.datasets.columns.words import clean
from suite.errors import DataError

# The letter keeps a name from being a number: a column of numbers may be refused as continuous.
NAMES = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=8).map("c{}".format)


@given(st.lists(st.one_of(NAMES, st.just(""), st.none()), min_size=2, max_size=40))
def test_every_label_that_is_there_decodes_to_itself(labels):
    written = [label for label in labels if label]
    if len({clean(label) for label in written}) < 2:
        with pytest.raises(DataError):
            encode_labels(labels, "t")
        return
    encoded = encode_labels(labels, "t")
    assert [encoded.classes[code] for code in encoded.y] == [clean(label) for label in written]
    assert encoded.present.tolist() == [bool(label) for label in labels]
    assert set(encoded.classes) == {clean(label) for label in written}


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
        (["None", "NA", "1"] * 2, ("1", "NA", "None")),
        (["yes", "yes ", " yes", "no", "n\u00f4n", "no\u0302n"], ("no", "n\u00f4n", "yes")),
        (["1", "1.0", "2", "2.00", "-3"], ("-3", "1", "2")),
        (["1.0", "2.0", "1"], ("1", "2.0")),
        (["one  two", "one two", "'three'"], ("one two", "three")),
        (["True", "true", "False"], ("False", "True", "true")),
        (pd.Categorical([3, 11, 3]), ("3", "11")),
        (pd.Categorical(["b", "a"], categories=["c", "b", "a"]), ("a", "b")),
        (pd.array([1, None, 12], dtype="Int64"), ("1", "12")),
        (["9" * 5000, "1" * 4999], ("1" * 4999, "9" * 5000)),
        (list(string.ascii_uppercase), tuple(string.ascii_uppercase)),
        (["a,b", 'a"b', "a\nb", '{"a": 1}'], ("a b", 'a"b', "a,b", '{"a": 1}')),
    ],
)
def test_class_names_are_kept_as_written_and_sorted(labels, classes):
    assert encode_labels(labels, "t").classes == classes


def test_empty_cells_and_a_few_words_for_missing_are_no_label():
    encoded = encode_labels(["a", "", None, np.nan, " ", "?", "a", "b"] + ["b"] * 30, "t")
    assert encoded.classes == ("a", "b")
    assert encoded.present.tolist() == [True, *[False] * 5, *[True] * 32]
    assert [(found.code, found.text) for found in encoded.findings] == [
        ("missing-labels", "t holds '?' in 1 row, taken for a missing label: these rows are left out"),
        ("missing-labels", "t is empty in 4 rows: these are left out"),
    ]


def test_a_word_for_missing_in_many_rows_is_a_class_and_said():
    encoded = encode_labels(["NA"] * 300 + ["EU"] * 300, "region")
    assert encoded.classes == ("EU", "NA")
    assert encoded.present.all()
    (found,) = encoded.findings
    assert found.text == (
        "region holds 'NA' in 300 rows, kept as a class; --missing region=NA leaves these rows out"
    )
    told = encode_labels(["NA"] * 300 + ["EU"] * 150 + ["US"] * 150, "region", missing={"NA"})
    assert told.classes == ("EU", "US")


def test_classes_that_differ_only_in_case_are_pointed_out_and_not_merged():
    encoded = encode_labels(["yes"] * 3 + ["Yes"] * 2 + ["no"] * 5, "t")
    assert encoded.classes == ("Yes", "no", "yes")
    assert [found.code for found in encoded.findings] == ["label-case"]
    assert "'Yes' (2 rows) and 'yes' (3 rows)" in encoded.findings[0].text


def test_a_mark_at_the_end_of_a_class_is_pointed_out():
    encoded = encode_labels([">50K", ">50K.", "<=50K", "<=50K."] * 5, "t")
    assert len(encoded.classes) == 4
    assert [found.code for found in encoded.findings] == ["label-case"]


@pytest.mark.parametrize(
    "labels",
    [
        [f"${number},345" for number in range(1, 200)],
        [f"{number / 7:.2f} %" for number in range(200)],
        [f"{number} kg" for number in range(200)],
    ],
)
def test_amounts_are_continuous_however_they_are_written(labels):
    with pytest.raises(DataError, match="looks continuous"):
        encode_labels(labels, "t")


def test_a_label_in_nearly_every_row_is_no_class():
    with pytest.raises(
        DataError, match="200 different labels in 200 rows, such as 'CUST-0000': a class needs several rows"
    ):
        encode_labels([f"CUST-{number:04}" for number in range(200)], "t")


def test_empty_labels_in_many_rows_and_codes_for_missing_are_said_first():
    encoded = encode_labels([None] * 20 + ["0", "1"] * 40, "t")
    assert [found.text for found in encoded.findings] == ["t is empty in 20 rows: these are left out"]
    encoded = encode_labels(["-999"] * 3 + ["0", "1"] * 40, "t")
    assert [found.code for found in encoded.findings] == ["label-word"]
    assert not encode_labels(["-1", "1"] * 20, "t").findings


def test_minus_beside_plus_is_a_class_however_rare():
    assert encode_labels(["+"] * 60 + ["-"] * 2, "t").classes == ("+", "-")


def test_forms_that_were_made_one_class_are_said():
    encoded = encode_labels(["yes", "yes ", "no", "no"], "t")
    assert encoded.notes == (
        "labels of t that differ only in how they are written are one class: 'yes' and 'yes '",
    )
    assert not encode_labels([1.0, 2.0], "t").notes


@pytest.mark.parametrize("labels", [[1, 1.5, 2, 2.5], ["0", "0.5"], ["1", "1.5", "2"], list(range(100))])
def test_numbers_are_classes_where_that_is_said(labels):
    with pytest.raises(DataError, match="--read t=category takes each number for a class"):
        encode_labels(labels, "t")
    assert len(encode_labels(labels, "t", as_category=True).classes) == len(labels)


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
    with pytest.raises(DataError, match=r"column 'kind' has one class \('a'\), and no label in 1 row;"):
        encode_labels(["a", "a", None], "kind")


def test_a_column_without_any_label_is_refused():
    with pytest.raises(DataError, match="holds no label in any of its 2 rows"):
        encode_labels([None, ""], "t")


def test_a_column_of_names_is_refused_with_the_limit():
    with pytest.raises(DataError, match="has 1,001 classes; the limit is 1,000"):
        encode_labels([f"n{number}" for number in range(1001)] * 3, "t")


def test_numbers_with_exponents_are_one_class_only_where_they_are_equal():
    labels = ["1.5e-10", "1.5e-1", "0.15", "2.5"] * 5
    assert encode_labels(labels, "t", as_category=True).classes == ("1.5e-10", "0.15", "2.5")


def test_numbers_of_very_many_digits_are_classes_of_their_own():
    labels = ["1" * 40 + "1", "1" * 40 + "2", "1e1000000", "1" * 5000]
    assert set(encode_labels(labels * 5, "t", as_category=True).classes) == set(labels)


def test_a_long_label_is_named_by_its_beginning():
    with pytest.raises(DataError, match=r"has one class \('x{40}'\)"):
        encode_labels(["x" * 70_000] * 9, "t")
