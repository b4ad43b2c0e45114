from __future__ import annotations

import datetime
import decimal
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import suite
from suite.datasets.assemble import assemble
from suite.datasets.columns.recipe import Choices
from suite.datasets.table import Table, unique_names
from suite.errors import DataError, UnknownName, UsageError
from suite.schema import CODES, DatasetSpec

SPEC = DatasetSpec(name="made", version=2, summary="Made up", load=dict, protocol="cv5")


def made(frame, labels=None, name=None, **choices):
    frame = pd.DataFrame(frame)
    labels = ["a", "b"] * (len(frame) // 2) if labels is None else labels
    table = Table(frame=frame, labels=labels, target="t", fingerprint="f", notes=("read",))
    return assemble(table, SPEC, name=name, choices=Choices(**choices))


def test_the_spec_and_the_table_give_name_version_title_protocol_and_fingerprint():
    data = made({"x": [1, 2]})
    assert (data.name, data.version, data.title) == ("made", 2, "Made up")
    assert (data.protocol, data.fingerprint, data.target) == ("cv5", "f", "t")
    assert data.notes == ("read",)
    assert made({"x": [1, 2]}, name="other").name == "other"


@pytest.mark.parametrize(
    ("values", "kind", "dtype"),
    [
        ([1, 2], "numeric", "float32"),
        ([0.5, None], "numeric", "float32"),
        ([0.1, 0.2], "numeric", "float64"),
        ([1e300, 1.0], "numeric", "float64"),
        ([2**24 + 1, 1], "numeric", "float64"),
        (np.array([0.1, 0.2], dtype=np.float32), "numeric", "float32"),
        (pd.array([1, None], dtype="Int64"), "numeric", "float32"),
        ([decimal.Decimal("0.5"), None], "numeric", "float32"),
        ([True, False], "boolean", "float32"),
        ([True, None], "boolean", "float32"),
        (pd.array([True, None], dtype="boolean"), "boolean", "float32"),
        (["a", None], "categorical", "category"),
        (pd.Categorical([1, 2]), "categorical", "category"),
        (["a", 1], "categorical", "category"),
        (pd.to_datetime(["2020-01-01", None]), "datetime", "float64"),
        (pd.to_datetime(["2020-01-01", "2021-01-01"]).tz_localize("Europe/Rome"), "datetime", "float64"),
        ([datetime.date(2020, 1, 1), None], "datetime", "float64"),
        ([datetime.date(9999, 12, 31), datetime.date(1, 1, 1)], "datetime", "float64"),
        (pd.to_timedelta(["1 s", "2 s"]), "numeric", "float64"),
    ],
)
def test_every_column_gets_its_kind_and_a_lossless_dtype(values, kind, dtype):
    data = made({"x": values})
    assert data.kinds == (kind,)
    assert str(data.X["x"].dtype) == dtype


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=2, max_size=20))
def test_numbers_are_stored_without_loss(numbers):
    data = made({"x": [1.5, 2.5, *numbers]}, ["a", "b", *["a"] * len(numbers)])
    np.testing.assert_array_equal(data.X["x"].to_numpy(dtype=np.float64), [1.5, 2.5, *numbers])


def test_a_time_is_seconds_since_1970_in_utc():
    data = made({"x": pd.to_datetime(["1970-01-02 01:00", None]).tz_localize("Etc/GMT-1")})
    np.testing.assert_array_equal(data.X["x"], [86400.0, np.nan])


def test_levels_are_strings_and_unused_ones_are_gone():
    data = made({"x": pd.Categorical(["b", "b"], categories=["a", "b"]), "y": pd.Categorical([2, 1])})
    assert list(data.X["x"].cat.categories) == ["b"]
    assert list(data.X["y"].cat.categories) == ["1", "2"]


@pytest.mark.parametrize(("rows", "limit"), [(40, 30), (600, 300), (20_000, 1000)])
def test_text_with_many_levels_is_dropped_with_the_count(rows, limit):
    levels = [f"name {number}" for number in range(rows)]
    few = [levels[number % limit] for number in range(rows)]
    many = [levels[number % (limit + 1)] for number in range(rows)]
    data = made({"few": few, "many": many})
    assert list(data.X.columns) == ["few"]
    assert dict(data.dropped) == {"many": f"{limit + 1:,} different texts"}
    found = next(found for found in data.findings if found.code == "left-out")
    assert found.text == f"many: {limit + 1:,} different texts, left out; --read many=category uses it"


NAMES_AND_SIZE = {
    "who": [f"name {number}" for number in range(40)],
    "size": [number % 7 for number in range(40)],
}


def test_keep_makes_text_categorical_and_encode_leaves_it_text():
    assert made(NAMES_AND_SIZE).kinds == ("numeric",)
    kept = made(NAMES_AND_SIZE, keep=["who"])
    encoded = made(NAMES_AND_SIZE, encode=["who"])
    assert kept.kinds == ("categorical", "numeric")
    assert encoded.kinds == ("text", "numeric")
    assert not kept.dropped
    assert kept.fingerprint != encoded.fingerprint


def test_drop_leaves_a_column_out_with_its_reason():
    data = made({"x": [1, 2], "y": [3, 4]}, drop=["y"])
    assert list(data.X.columns) == ["x"]
    assert dict(data.dropped) == {"y": "left out with --drop"}


def test_columns_asked_for_are_told_in_one_order_each_once():
    columns = {name: [1, 2] for name in "abcd"} | {"e": ["x", "y"]}
    first, second = (made(columns, drop=drop, encode=["e"]) for drop in (["c", "b"], ["b", "c", "b"]))
    assert first.chosen == second.chosen == {"drop": ["b", "c"], "encode": ["e"]}
    assert made(columns).chosen == {}


@pytest.mark.parametrize("choice", ["drop", "keep", "encode"])
def test_an_unknown_column_is_refused_with_the_nearest(choice):
    with pytest.raises(UnknownName, match=r"no column named 'sise'; did you mean size"):
        made(NAMES_AND_SIZE, **{choice: ["sise"]})


def test_the_target_is_no_column_to_choose():
    with pytest.raises(UsageError, match="--drop 't' names the target"):
        made(NAMES_AND_SIZE, drop=["t"])


def test_a_column_chosen_twice_is_refused():
    with pytest.raises(UsageError, match="'who' is in both --drop and --keep"):
        made(NAMES_AND_SIZE, drop=["who"], keep=["who"])


def test_numbers_are_encoded_as_text_where_that_is_said():
    assert made(NAMES_AND_SIZE, encode=["size"]).kinds == ("text",)
    assert made(NAMES_AND_SIZE, read={"size": "category"}).kinds == ("categorical",)


def test_a_default_drop_holds_until_the_column_is_kept():
    table = Table(
        frame=pd.DataFrame({"id": [1, 2], "x": [3, 4]}),
        labels=["a", "b"],
        target="t",
        drop={"id": "identifies the row"},
    )
    assert dict(assemble(table, SPEC).dropped) == {"id": "identifies the row"}
    assert list(assemble(table, SPEC, choices=Choices(keep=["id"])).X.columns) == ["id", "x"]


def test_a_constant_column_stays_and_an_empty_one_goes():
    data = made({"one": [5, 5], "none": [None, None], "x": [1, 2]}, keep=["none"])
    assert list(data.X.columns) == ["one", "x"]
    assert dict(data.dropped) == {"none": "every value is missing"}
    assert data.notes == ("read", "1 column holds a single value: one")
    wide = made({f"x{i}": [1, i] for i in range(2)} | {f"c{i}": [1, 1] for i in range(32)})
    names = ", ".join(f"c{i}" for i in range(29))
    assert wide.notes[1] == f"33 columns hold a single value: x1, {names} and 3 more"


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([2**60 + i % 30 for i in range(90)], "x: 30 different whole numbers above 2^53 become 1,"),
        ([str(10**20 + i % 30) for i in range(90)], "30 different whole numbers"),
        (
            pd.Series([2**60 + i % 30 for i in range(89)] + [None], dtype="Int64"),
            "30 different whole numbers",
        ),
        ([2**60 + 4096 * (i % 30) for i in range(90)], ""),
        ([1e20 + i % 30 for i in range(90)], ""),
        ([i % 30 for i in range(90)], ""),
    ],
)
def test_whole_numbers_that_become_one_float_are_said(cells, said):
    dataset = made(pd.DataFrame({"x": cells, "z": [0.5, 1.5, 2.5] * 30}), ["a", "b", "b"] * 30, keep=["x"])
    found = [finding for finding in dataset.findings if finding.code == "check-numbers"]
    assert len(found) == bool(said)
    assert not found or (
        said in found[0].text and found[0].text.endswith("--read x=category keeps them apart")
    )


def test_infinite_numbers_stay_and_are_noted():
    data = made({"x": [np.inf, 1.0]})
    assert data.X["x"].tolist() == [np.inf, 1.0]
    assert "column 'x' holds infinite numbers in 1 row" in data.notes


def test_rows_without_a_label_are_dropped_and_counted():
    data = made({"x": [1, 2, 3, 4]}, ["a", None, "b", ""])
    assert data.X["x"].tolist() == [1, 3]
    assert data.X.index.tolist() == [0, 1]
    assert "dropped 2 rows without a label in 't'" in data.notes


def test_a_column_named_as_the_target_or_equal_to_it_is_no_feature():
    again = ["a", "b"] * 20
    data = made({"t": again, "again": again, "x": [1, 2, 3, 4] * 10})
    assert dict(data.dropped) == {"t": "the target", "again": "repeats the target in every row"}
    assert data.findings[0].text.startswith("again repeats the target in every row")


@pytest.mark.parametrize(
    ("values", "labels"), [([1, 2], ["1", "2"]), ([True, False], ["true", "false"]), ([0.0, 7.0], [0, 7])]
)
def test_a_copy_of_the_target_is_seen_through_types(values, labels):
    data = made({"again": values * 20, "x": [1.5, 2.5, 3.5, 4.5] * 10}, labels * 20)
    assert list(data.dropped) == ["again"]


def test_a_column_equal_to_the_target_but_for_one_row_stays():
    assert not made({"x": ["a", "b", "a"], "y": [1, 2, None]}, ["a", "b", "b"]).dropped


def test_a_table_without_any_feature_is_refused():
    with pytest.raises(
        DataError, match=r"no feature column is left beside 't' \('x': left out with --drop\)"
    ):
        made({"x": [1, 2]}, drop=["x"])


def test_rows_and_labels_of_different_number_are_refused():
    with pytest.raises(DataError, match="made has 2 rows and 3 labels"):
        made({"x": [1, 2]}, ["a", "b", "a"])


def test_equal_column_names_are_made_unique_with_a_note():
    frame = pd.DataFrame([[1, 2, 3], [4, 5, 6]], columns=["a", "a", "b"])
    data = made(frame)
    assert list(data.X.columns) == ["a", "a.1", "b"]
    assert "2 columns are named 'a'; they are called a, a.1 here" in data.notes
    assert data.X["a.1"].tolist() == [2, 5]


@given(st.lists(st.sampled_from(["a", "a.1", "a.2", "b", "", "a.1.1"]), max_size=12))
def test_unique_names_are_unique_and_the_first_of_each_keeps_its_own(written):
    names, notes = unique_names(written)
    assert len(set(names)) == len(written)
    for name in set(written):
        assert names[written.index(name)] == name
    assert len(notes) == len({name for name in written if written.count(name) > 1})


@pytest.mark.parametrize("name", ['{"a": 1}', "[b]", "x<y", "a,b", 'quo"te', "new\nline", "ünï", "", "a:b"])
def test_any_column_name_survives(name):
    assert list(made({name: [1, 2]}).X.columns) == [name]


def test_every_code_of_a_finding_has_its_gravity():
    source = Path(suite.__file__).parent
    used = {
        code for path in source.rglob("*.py") for code in re.findall(r'code="([a-z-]+)"', path.read_text())
    }
    assert len(used) > 10
    assert used <= CODES.keys()


def test_what_other_columns_decide_is_another_table():
    price = ["1,101", "2,107", "3,111", "4,119", "5,123"] * 8
    alone = made({"price": price, "x": [1, 2, 3, 4] * 10})
    beside = made(
        {"price": price, "x": [1, 2, 3, 4] * 10, "rate": ["0,5", "1,25", "1,5", "2,5"] * 10}, drop=["rate"]
    )
    decided = made({"price": price, "x": [1, 2, 3, 4] * 10, "rate": ["0,5", "1,25", "1,5", "2,5"] * 10})
    assert alone.X["price"].tolist() == beside.X["price"].tolist() != decided.X["price"].tolist()
    assert alone.fingerprint == beside.fingerprint != decided.fingerprint
