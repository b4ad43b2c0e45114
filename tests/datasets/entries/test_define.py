from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd
import pytest

import suite.datasets
from suite.datasets.entries.define import dataset
from suite.datasets.table import Table
from suite.errors import UnknownName, UsageError
from suite.registry import Registry, collect
from suite.schema import DatasetSpec


@dataset(version=3, protocol="holdout")
def coins(sides: int = 2, bias: float = 0.5, name: str = "x"):
    """Throw coins.

    More about coins.
    """
    return pd.DataFrame({name: [0.0, bias, 1.0]}), pd.Series(list("abab")[: sides + 1], name="face")


def test_a_function_becomes_an_entry_with_its_name_summary_and_options():
    assert (coins.name, coins.version, coins.protocol) == ("coins", 3, "holdout")
    assert coins.summary == "Throw coins"
    assert dict(coins.options) == {"sides": 2, "bias": 0.5, "name": "x"}


def test_a_pair_becomes_a_table_whose_target_is_the_name_of_the_labels():
    table = coins.load()
    assert table.target == "face"
    assert list(table.frame.columns) == ["x"]


def test_the_fingerprint_follows_the_content_and_nothing_else():
    assert coins.load().fingerprint == coins.load(bias=0.5).fingerprint
    others = {coins.load(bias=0.25).fingerprint, coins.load(name="y").fingerprint, coins.load().fingerprint}
    assert len(others) == 3


def test_the_fingerprint_sees_levels_labels_and_the_version():
    def table(values, labels):
        return pd.DataFrame({"x": values}), np.array(labels)

    variants = [(["a", "b"], [0, 1]), (["a", "c"], [0, 1]), (["a", None], [0, 1]), (["a", "b"], [1, 0])]
    prints = []
    for values, labels in variants:

        def entry(values=values, labels=labels):
            return table(values, labels)

        prints += [dataset(version=v)(entry).load().fingerprint for v in (1, 2)]
    assert len(set(prints)) == len(prints)


@pytest.mark.parametrize(
    "option", [{"sides": "two"}, {"sides": 1.5}, {"sides": True}, {"bias": "x"}, {"name": 1}]
)
def test_an_option_of_the_wrong_type_is_refused(option):
    with pytest.raises(UsageError, match=r"coins:\w+ takes"):
        coins.load(**option)


def test_a_whole_float_serves_as_an_integer_option_and_an_integer_as_a_float():
    assert coins.load(sides=2.0, bias=1).frame["x"].tolist() == [0.0, 1.0, 1.0]


def test_a_parameter_without_a_default_is_an_error_of_the_author():
    with pytest.raises(TypeError, match="needs a default"):

        @dataset()
        def broken(rows):
            """Break."""


def test_a_parameter_data_dir_is_no_option_and_is_handed_over(tmp_path):
    @dataset()
    def local(data_dir=None):
        """Say where."""
        return Table(frame=pd.DataFrame({"x": [1]}), labels=["a"], target="t", notes=(str(data_dir),))

    assert dict(local.options) == {}
    assert local.load(data_dir=tmp_path).notes == (str(tmp_path),)
    assert local.load().notes == ("None",)


def test_one_function_in_a_module_of_the_package_adds_a_data_set(tmp_path, monkeypatch):
    (tmp_path / "flowers.py").write_text(
        textwrap.dedent('''
        from suite.datasets.entries.define import dataset

        @dataset()
        def tulips():
            """Tulips by colour."""
            return {"height": [1.5, 2.5]}, ["red", "white"]
        ''')
    )
    monkeypatch.setattr(suite.datasets, "__path__", [*suite.datasets.__path__, str(tmp_path)])
    found = Registry("data set", collect(suite.datasets, DatasetSpec))
    assert found["tulips"].summary == "Tulips by colour"
    assert found["tulips"].load().frame["height"].tolist() == [1.5, 2.5]
    with pytest.raises(UnknownName, match="did you mean tulips"):
        found["tulip"]
