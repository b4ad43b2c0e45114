from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from suite.errors import UnknownName
from suite.registry import Registry


@dataclass(frozen=True)
class Entry:
    name: str


def test_entries_are_sorted_by_name_and_found_by_it() -> None:
    registry = Registry("entry", [Entry("b"), Entry("a")])
    assert list(registry) == ["a", "b"]
    assert registry["a"] == Entry("a")


def test_two_entries_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two entrys are named 'a'"):
        Registry("entry", [Entry("a"), Entry("a")])


def test_an_unknown_name_offers_the_nearest() -> None:
    registry = Registry("model", [Entry("logistic"), Entry("xgboost")])
    with pytest.raises(UnknownName, match=r"no column named 'nope'; did you mean 'one'\?"):
        raise UnknownName("column", "nope", ["one", "zz"])
    with pytest.raises(UnknownName, match=r"no model named 'logstic'; did you mean logistic\?"):
        registry["logstic"]


def test_a_name_like_no_other_lists_what_there_is() -> None:
    with pytest.raises(UnknownName, match="known: logistic, xgboost"):
        Registry("model", [Entry("logistic"), Entry("xgboost")])["qqqqqq"]


def test_where_there_is_nothing_that_is_said() -> None:
    with pytest.raises(UnknownName, match="no model named 'a'; there is none"):
        Registry("model", [])["a"]


MODEL = '''
"""The majority class, always."""
from suite.models.dummy import PriorClassifier
from suite.schema import ModelSpec

def build(task, context):
    return PriorClassifier()

SPEC = ModelSpec(name="majority", family="baseline", summary="one more file", build=build)
'''
DATASET = '''
"""A table of two columns."""
from suite.datasets.entries.define import dataset

@dataset(version=1, protocol="cv2")
def coins():
    """Forty coins, two sides."""
    import numpy as np, pandas as pd
    values = np.arange(40.0)
    return pd.DataFrame({"value": values % 7}), np.where(values % 2, "heads", "tails")
'''


def test_one_file_adds_a_model_and_one_function_a_data_set(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "datasets").mkdir()
    (tmp_path / "models" / "majority.py").write_text(MODEL)
    (tmp_path / "models" / "_heavy.py").write_text("raise ImportError('only when it is needed')")
    (tmp_path / "datasets" / "coins.py").write_text(DATASET)
    code = (
        "import sys, suite.models, suite.datasets.entries\n"
        f"suite.models.__path__.append({str(tmp_path / 'models')!r})\n"
        f"suite.datasets.entries.__path__.append({str(tmp_path / 'datasets')!r})\n"
        "from suite.commands import main\n"
        "args = ['run', 'majority', '--data', 'coins', '--executor', 'inline', '--out']\n"
        f"sys.exit(main([*args, {str(tmp_path / 'out')!r}]))"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr
    board = (tmp_path / "out" / "coins" / "cv2" / "LEADERBOARD.md").read_text()
    assert "majority" in board
