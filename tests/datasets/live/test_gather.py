"""Tables given in Python: what is recognised, what it is called, and what is refused in one line."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from suite.config import DataConfig
from suite.datasets.catalogue import load
from suite.datasets.live.gather import gather
from suite.errors import SuiteError, UnknownName
from suite.schema import LiveTable

X = np.array([[1.0, 2.5], [3.0, 4.5], [5.0, np.nan]])
Y = np.array([0, 1, 0])
FRAME = pd.DataFrame({"x0": X[:, 0], "x1": X[:, 1], "target": Y})
TWICE = pd.DataFrame([[1, 2, 3]], columns=["a", "a", "y"])
LEVELS = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "b"), ("c", "d")]))


def _one(data: Any, target: Any = None) -> LiveTable:
    ((table, target),) = gather(data, target)
    assert target is None
    assert isinstance(table, LiveTable)
    return table


@pytest.mark.parametrize(
    ("data", "target"),
    [
        (FRAME, "target"),
        ((FRAME, "target"), None),
        (FRAME[["target", "x0", "x1"]], "target"),
        ((X, Y), None),
        ((X.tolist(), Y.tolist()), None),
        ((sp.csr_matrix(X), Y), None),
        ((FRAME[["x0", "x1"]], FRAME["target"]), None),
        ((FRAME[["x0", "x1"]], FRAME[["target"]]), None),
        ((pd.DataFrame(X, columns=["x0", "x1"]), Y.reshape(-1, 1)), None),
        ([(X, Y)], None),
        ({"table": (X, Y)}, None),
        ((X, pd.Series(Y, name="y")), "target"),
    ],
)
def test_equal_values_are_one_table_however_they_are_given(data: Any, target: Any) -> None:
    table, plain = _one(data, target), _one((X, Y))
    assert (table.name, table.target, table.fingerprint) == ("table", "target", plain.fingerprint)
    pd.testing.assert_frame_equal(table.frame, plain.frame)
    assert list(table.labels) == [0, 1, 0]


def test_polars_and_arrow_are_read_as_pandas_is() -> None:
    polars = pytest.importorskip("polars", reason="frames of Polars are read where it is installed")
    pytest.importorskip("pyarrow", reason="tables of Arrow are read where it is installed")
    frame = polars.DataFrame({"x0": [1, 3, 5], "x1": [2.5, 4.5, None], "target": [0, 1, 0]})
    wanted = _one(FRAME, "target").fingerprint
    assert _one(frame, "target").fingerprint == _one(frame.to_arrow(), "target").fingerprint == wanted
    assert _one((frame[["x0", "x1"]], frame["target"])).fingerprint == wanted
    with pytest.raises(SuiteError, match="collect"):
        gather(frame.lazy(), "target")


def test_names_files_and_tables_may_stand_in_one_list(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    found = gather(["iris", file, FRAME, {"other": (X, Y), "third": FRAME}], "target")
    assert [(str(table), target) for table, target in found] == [
        ("iris", None),
        (str(file), "target"),
        ("table", None),
        ("other", None),
        ("third", None),
    ]
    assert gather(("iris", "wine"), "y") == (("iris", "y"), ("wine", "y"))
    assert gather(Path("iris")) == (("iris", None),)


@pytest.mark.parametrize(
    ("data", "target", "named"),
    [
        (FRAME, None, "a table needs target='COLUMN'; its columns are x0, x1, target"),
        (FRAME, "tarket", "no column named 'tarket'; did you mean target"),
        (FRAME, ["target"], "target is the name of a column, not of type list"),
        ((FRAME, "z"), None, "no column named 'z'"),
        (FRAME[:0], "target", "table 'table' has no rows"),
        (pd.DataFrame(), "y", "no columns"),
        (LEVELS, "y", r"names of 2 levels; join them first: df.columns ="),
        ((X, Y[:2]), None, "X has 3 rows and y has 2"),
        ((X * 1j, Y), None, "'x0' holds complex numbers"),
        ((X, FRAME), None, "y has 3 columns and needs one; several tables go in a list"),
        (pd.DataFrame({"a": [[1], [2]], "y": [0, 1]}), "y", "'a' holds a value of type list in row 0"),
        (X, None, r"an array has no column to predict: give \(X, y\)"),
        ([X, Y], None, r"give \(X, y\)"),
        ((X, X, Y, Y), None, r"give \(X, y\)"),
        ((X, None), None, r"a tuple of 2 is not \(X, y\)"),
        ((None, Y), None, "X is of type NoneType"),
        (FRAME["x0"], "x0", "data is the name of .* not an object of type Series"),
        (None, None, "not None"),
        (3, None, "not 3"),
        (b"iris", None, "type bytes"),
        ({"iris"}, None, "type set"),
        ([[1, 2], [3, 4]], None, "type list"),
        ({"a": [1], "y": [2]}, None, "'a' is of type list; of a dict of columns, pandas.DataFrame"),
        ({"a": "iris"}, None, r"\['iris', {...}\]"),
        ({"a/b": FRAME}, "target", "no table can be named 'a/b'"),
        ({"..": FRAME}, "target", "no table can be named '..'"),
        ({"iris": FRAME}, "target", "'iris' is the name of a data set"),
        ([FRAME, FRAME], "target", "two tables are named 'table': name them in a dict"),
        ((FRAME[["x0"]], FRAME["target"][::-1]), None, "same index in another order"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(data: Any, target: Any, named: str) -> None:
    with pytest.raises(SuiteError, match=named) as refused:
        gather(data, target)
    assert "\n" not in str(refused.value)


def test_names_that_are_no_text_become_text() -> None:
    table = _one(pd.DataFrame([[1, 2], [3, 4]]), 1)
    assert (list(table.frame.columns), table.target) == (["0"], "1")


def test_names_that_are_shared_are_told_apart_and_it_is_said() -> None:
    table = _one(TWICE, "y")
    assert list(table.frame.columns) == ["a", "a.1"]
    assert table.frame["a.1"].tolist() == [2]
    assert table.notes == ("2 columns are named 'a'; they are called a, a.1 here",)
    assert table.fingerprint == _one(TWICE.set_axis(["a", "a.1", "y"], axis=1), "y").fingerprint
    assert list(_one((TWICE, [1])).frame.columns) == ["a", "a.1", "y"]
    mixed = _one(pd.DataFrame([[1, 2, 3]], columns=["1", 1, "y"], dtype=object), "y")
    assert list(mixed.frame.columns) == ["1", "1.1"]


def test_names_that_are_shared_are_told_apart_in_tables_of_arrow_too() -> None:
    arrow = pytest.importorskip("pyarrow", reason="tables of Arrow are read where it is installed")
    table = _one(arrow.table([[1], [2], [3]], names=["a", "a", "y"]), "y")
    assert table.fingerprint == _one(TWICE, "y").fingerprint


@pytest.mark.parametrize("names", [["a", None, "y"], [1, None, "y"], ["a", float("nan"), "y"]])
def test_a_column_without_a_name_is_called_none(names: Any) -> None:
    frame = pd.DataFrame([[1, 2, 3]], columns=names)
    assert list(_one(frame, "y").frame.columns)[1] == "None"
    assert _one(frame, "None").target == "None"


def test_y_is_never_called_like_a_column_of_x() -> None:
    assert _one((FRAME.rename(columns={"x0": "target", "target": "z"}), Y)).target == "y"


@pytest.mark.parametrize(
    ("index", "note"),
    [
        (pd.RangeIndex(3), ()),
        (pd.Index([0, 1, 2]), ()),
        (pd.Index([5, 6, 7]), ("the index is not a feature; reset_index() makes it a column",)),
        (
            pd.Index([0, 1, 2], name="id"),
            ("the index 'id' is not a feature; reset_index() makes it a column",),
        ),
    ],
)
def test_an_index_is_left_out_and_said_if_it_tells_something(index: Any, note: tuple[str, ...]) -> None:
    table = _one(FRAME.set_axis(index), "target")
    assert table.notes == note
    assert table.fingerprint == _one(FRAME, "target").fingerprint
    assert table.frame.index.equals(pd.RangeIndex(3))


def test_rows_of_other_indexes_are_matched_by_position_and_it_is_said() -> None:
    table = _one((FRAME[["x0", "x1"]], FRAME["target"].set_axis([7, 8, 9])))
    assert list(table.labels) == [0, 1, 0]
    assert table.notes == ("X and y have different indexes: their rows were matched by position",)


def test_the_frame_stays_as_it_is() -> None:
    frame = FRAME.assign(text=["a", None, "b"], kind=pd.Categorical(["a", "b", "a"], ["c", "b", "a"]))
    before = copy.deepcopy(frame)
    table = _one(frame, "target")
    table.frame.iloc[:, 0] = 99
    pd.testing.assert_frame_equal(frame, before)


def test_a_table_is_loaded_like_any_other() -> None:
    frame = FRAME.loc[[0, 1, 2] * 4]
    ((table, _),) = gather(frame, "target")
    dataset = load(DataConfig(source=table, drop=("x1",)))
    assert (dataset.name, dataset.live, dataset.file, dataset.protocol) == ("table", True, "", "holdout")
    assert (list(dataset.X.columns), dataset.classes) == (["x0"], ("0", "1"))
    with pytest.raises(UnknownName, match="x7"):
        load(DataConfig(source=table, drop=("x7",)))
