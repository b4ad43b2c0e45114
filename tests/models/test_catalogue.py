from __future__ import annotations

from pathlib import Path

import pytest

from suite.errors import SuiteError
from suite.models.catalogue import resolve

MINE = r"""
raise RuntimeError("imported")
pattern = "\d"
class Model: ...
def make(): ...
def _helper(): ...
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(MINE)
    Path("broken.py").write_text("def (")
    Path("empty.py").write_text("")
    Path("folder.py").mkdir()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("mine.py", r"did you mean mine\.py:Model or mine\.py:make\?$"),
        ("mine.py:", r"did you mean mine\.py:Model or mine\.py:make\?$"),
        ("empty.py", "it has none at its top level"),
        ("broken.py", r"cannot read broken\.py as Python: .*line 1"),
        ("folder.py", r"cannot read folder\.py: Is a directory"),
        ("absent.py", r"cannot read absent\.py: No such file"),
        ("mine.py:depth=3", r"did you mean mine\.py:Model or mine\.py:make\?$"),
        ("a:b/absent.py", r"cannot read a:b/absent\.py: No such file"),
        ("mine.py:make:", "is not of the form key=value"),
        ("mine.py:make:depth", "'depth' in 'mine.py:make:depth' is not of the form key=value"),
        ("mine.py:make:depth=3,seed=4", "the run gives seed to a factory"),
        ("logistic:C", r"'logistic:C' gives C no value; its default is logistic:C=1\.0"),
        ("logistic:c=1", "no parameter of logistic named 'c'"),
        ("logstic", "did you mean logistic"),
    ],
)
def test_what_is_no_model_is_answered_with_what_is_nearest(name: str, said: str) -> None:
    with pytest.raises(SuiteError, match=said):
        resolve(name)


def test_a_library_of_a_models_name_may_have_a_factory() -> None:
    assert resolve("xgboost:XGBClassifier").spec.family == "custom"
    assert resolve("xgboost:max_depth=4").name == "xgboost:max_depth=4"


def test_the_parameters_of_a_factory_are_part_of_its_name_and_name_it_again() -> None:
    found = resolve("mine.py:make:sizes=(64,32),depth=3,kind='5'")
    assert found.name == "mine.py:make:depth=3,kind='5',sizes=[64, 32]"
    assert found.params == found.spec.params == {"depth": 3, "kind": "5", "sizes": [64, 32]}
    assert found.version == resolve("mine.py:make").version
    again = resolve(found.name)
    assert (again.name, again.params) == (found.name, found.params)
    assert resolve("mine.py:make").params == {}
