from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from suite.errors import UsageError
from suite.models import own, plugin
from suite.models.catalogue import resolve
from suite.schema import Context, Task

TASK = Task(kinds=("numeric",), levels=(0,), n_train=8, n_features=1, n_classes=2, validation=np.arange(2))

GOOD = """
from sklearn.tree import DecisionTreeClassifier
from sklearn.ensemble import RandomForestClassifier

def tree():
    return DecisionTreeClassifier()

def forest(seed, threads, task):
    return RandomForestClassifier(task.n_classes + 3)

def sized(n, seed):
    return RandomForestClassifier(n, random_state=seed)

def open_to_all(**options):
    return DecisionTreeClassifier(**options)

def raw():
    return DecisionTreeClassifier()

raw.features = "raw"

class Plain:
    def fit(self, X, y):
        self.classes_, self.width = list(range(3)), X.shape[1]
        return self

    def predict_proba(self, X):
        return [[0.2, 0.3, 0.5]] * len(X)

class Columns(Plain):
    features = ["f0"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(GOOD)
    return path


def test_a_factory_in_a_file_builds_a_pipeline_with_seed_and_threads_set(file: Path) -> None:
    model = plugin.factory_spec(f"{file}:forest").build(TASK, Context(seed=11, threads=2))
    assert model[-1].random_state == 11
    assert model[-1].n_jobs == 2
    assert model[-1].n_estimators == 5


def test_a_factory_is_called_with_its_parameters_beside_what_the_run_gives(file: Path) -> None:
    spec = plugin.factory_spec(f"{file}:sized:n=7")
    model = spec.build(TASK, Context(seed=11, threads=2), **spec.params)
    assert (model[-1].n_estimators, model[-1].random_state) == (7, 11)
    spec = plugin.factory_spec(f"{file}:open_to_all:max_depth=2")
    assert spec.build(TASK, Context(seed=1, threads=1), **spec.params)[-1].max_depth == 2


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("sized:m=7", "no parameter of sized named 'm'; known: n$"),
        ("tree:depth=2", "no parameter of tree named 'depth'; there is none"),
        ("sized", r"sized needs a value for n: .*mine\.py:sized:n=VALUE$"),
        ("open_to_all:seed=3", "the run gives seed"),
    ],
)
def test_parameters_that_a_factory_does_not_take_or_lacks_are_told(
    file: Path, reference: str, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        plugin.build(
            f"{file}:{reference}", TASK, Context(seed=1, threads=1), resolve(f"{file}:{reference}").params
        )


def test_a_factory_that_says_raw_gets_no_preprocessing(file: Path) -> None:
    model = plugin.factory_spec(f"{file}:raw").build(TASK, Context(seed=1, threads=1))
    assert type(model).__name__ == "DecisionTreeClassifier"


def test_a_classifier_that_is_not_scikit_learns_gets_its_features_too(file: Path) -> None:
    X = pd.DataFrame({"f0": np.arange(8.0)})
    model = plugin.factory_spec(f"{file}:Plain").build(TASK, Context(seed=1, threads=1))
    model.fit(X, np.arange(8) % 2)
    assert len(model.predict_proba(X)) == 8
    assert model.classes_ == [0, 1, 2]
    assert model.model.width == 1


@pytest.mark.parametrize("name", ["time", "json", "mine"])
def test_a_file_that_is_called_like_a_library_takes_nothings_place(name: str, tmp_path: Path) -> None:
    (tmp_path / f"{name}.py").write_text(GOOD)
    before = sys.modules.get(name)
    for _ in range(2):
        plugin.factory_spec(f"{tmp_path / name}.py:tree").build(TASK, Context(seed=0, threads=1))
    assert before is None or sys.modules[name] is before


def test_features_that_are_no_text_are_the_models_own(file: Path) -> None:
    model = plugin.factory_spec(f"{file}:Columns").build(TASK, Context(seed=1, threads=1))
    assert (type(model), model.model.features) == (own.Prepared, ["f0"])


def test_modules_beside_the_file_are_found_when_they_are_needed(file: Path) -> None:
    file.with_name("beside_the_file.py").write_text(
        "from sklearn.tree import DecisionTreeClassifier as Tree\n"
    )
    file.write_text("def make():\n    import beside_the_file\n    return beside_the_file.Tree()\n")
    spec = plugin.factory_spec(f"{file}:make")
    with plugin.visit(f"{file}:make"):
        for _ in range(2):
            spec.build(TASK, Context(seed=1, threads=1))
        assert sys.path[0] == str(file.parent)
        assert sys.path.count(str(file.parent)) == 1
    assert str(file.parent) not in sys.path
    assert "beside_the_file" not in sys.modules


def test_the_digest_follows_the_source_in_packages_without_an_init(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "outer" / "inner" / "mine.py"
    path.parent.mkdir(parents=True)
    path.write_text(GOOD)
    before = plugin.source_digest("outer.inner.mine:tree")
    path.write_text(GOOD + "\n# changed\n")
    assert plugin.source_digest("outer.inner.mine:tree") != before


@pytest.mark.parametrize(
    "ref", ["outer.no.mine:make", "sys:exit", ".mine:make", "a..b:make", "sklearn.x.y:z"]
)
def test_a_source_that_is_not_there_has_a_digest(ref: str) -> None:
    assert plugin.source_digest(ref) == plugin.source_digest(ref)


def test_the_digest_follows_the_source(file: Path) -> None:
    before = plugin.source_digest(f"{file}:tree")
    file.write_text(GOOD + "\n# changed\n")
    assert plugin.source_digest(f"{file}:tree") != before


@pytest.mark.parametrize(
    ("name", "module", "options"),
    [
        ("a.b:make", "a.b", {}),
        ("file.py:make", "file.py", {}),
        ("./x.py:make", "./x.py", {}),
        ("module:make", "module", {}),
        ("module:make:depth=3", "module", {"depth": 3}),
        ("file.py:make:depth=3,kind=gini", "file.py", {"depth": 3, "kind": "gini"}),
        ("file.py:make:other=b.py:make", "file.py", {"other": "b.py:make"}),
        ("file.py:make:url=http://x/y", "file.py", {"url": "http://x/y"}),
        (r"C:\models\file.py:make:depth=3", r"C:\models\file.py", {"depth": 3}),
        ("a:b=1/file.py:make:depth=3", "a:b=1/file.py", {"depth": 3}),
    ],
)
def test_a_reference_to_a_factory_is_told_from_a_registry_name(
    name: str, module: str, options: dict[str, object]
) -> None:
    assert plugin.is_factory(name)
    assert plugin.parse(name) == (module, "make", options)


@pytest.mark.parametrize("name", ["xgboost", "xgboost:n_estimators=5", "logistic:C=a:b", ":make", "a.py:"])
def test_a_registry_name_is_no_factory(name: str) -> None:
    assert not plugin.is_factory(name)


def test_a_factory_that_names_report_can_be_asked_to_stop(tmp_path: Path) -> None:
    (tmp_path / "stepwise.py").write_text("""
from sklearn.base import BaseEstimator, ClassifierMixin

class Stepwise(ClassifierMixin, BaseEstimator):
    def __init__(self, report=None):
        self.report = report

    def fit(self, X, y):
        self.classes_, self.steps_ = [0, 1], 1
        while self.report(self.steps_, {"loss": 1 / self.steps_}):
            self.steps_ += 1
        return self

    def predict_proba(self, X):
        return [[0.5, 0.5]] * len(X)

def make(report):
    return Stepwise(report)
""")
    seen = []

    class Listener:
        def __call__(self, step: int, values: object) -> bool:
            seen.append((step, values))
            return step < 3

        def __deepcopy__(self, memo: object) -> None:
            raise AssertionError("a copy would report to nobody")

    context = Context(seed=0, threads=1, report=Listener())
    model = plugin.factory_spec(f"{tmp_path}/stepwise.py:make").build(TASK, context)
    fitted = clone(model).fit(pd.DataFrame({"a": [0.0, 1.0]}), [0, 1])
    assert fitted[-1].steps_ == 3
    assert seen == [(1, {"loss": 1.0}), (2, {"loss": 0.5}), (3, {"loss": 1 / 3})]
