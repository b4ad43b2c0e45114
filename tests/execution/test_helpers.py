"""Modules of the user's beside a model: found in a worker and in one process, whenever the model needs them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from suite.models.dummy import PriorClassifier
from suite.results import Results

Run = Callable[..., Results]
MINE = """
from helper_mod import Prior

class Early(Prior):
    pass

def make():
    import helper_package.late
    return helper_package.late.Prior()

class Late(Prior):
    def fit(self, X, y):
        from helper_namespace.latest import where
        super().fit(X, y)
        self.notes_ = [where]
        return self
"""
HELPER = """
import sys
from suite.models.dummy import PriorClassifier

where = {where!r}

class Prior(PriorClassifier):
    features = "raw"

    def fit(self, X, y):
        assert sys.path.count(sys.path[0]) == 1, sys.path
        self.notes_ = [where]
        return super().fit(X, y)
"""


def write_models(folder: Path, where: str) -> None:
    """Write three factories and their helpers; each notes which helper it found."""
    for name in ("helper_mod", "helper_package/__init__", "helper_package/late", "helper_namespace/latest"):
        path = folder / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HELPER.format(where=f"{where} {path.stem}"))
    (folder / "mine.py").write_text(MINE)


def notes(results: Results) -> list[str]:
    assert results.failed == [], [record.failure for record in results.failed]
    return [record.notes[0] for record in results.records]


@pytest.mark.parametrize("executor", ["local", "inline"])
def test_a_factory_finds_what_lies_beside_its_file_or_in_the_current_folder(
    run: Run, home: Path, executor: str
) -> None:
    write_models(home, "here")
    write_models(home / "first", "first")
    write_models(home / "second", "second")
    (home / "first" / "within.py").write_text("from mine import Early, make, Late\n")
    path, known = [*sys.path], set(sys.modules)
    models = [
        f"{module}:{name}"
        for module in ("first/mine.py", "second/mine.py", "first.within")
        for name in ("Early", "make", "Late")
    ]
    assert notes(run(*models, executor=executor)) == [
        f"{where} {module}"
        for where in ("first", "second", "here")
        for module in ("helper_mod", "late", "latest")
    ]
    assert sys.path == path
    assert not {name for name in set(sys.modules) - known if name.startswith(("helper_", "first", "mine"))}


class Lazy(PriorClassifier):
    """Imports a module of the current folder as it is fitted."""

    features = "raw"

    def fit(self, X: Any, y: Any) -> Any:
        from helper_mod import where  # type: ignore[import-not-found]

        self.notes_ = [where]
        return super().fit(X, y)


@pytest.mark.parametrize("executor", ["local", "inline"])
def test_a_model_given_in_python_finds_what_is_in_the_current_folder(
    run: Run, home: Path, executor: str
) -> None:
    write_models(home, "here")
    path = [*sys.path]
    assert notes(run(Lazy(), executor=executor, protocol="cv2")) == ["here helper_mod"] * 2
    assert sys.path == path


def test_a_module_that_the_caller_has_imported_stays_the_callers(
    home: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "mine.py").write_text("from suite.models.dummy import PriorClassifier as make\n")
    monkeypatch.syspath_prepend(str(home))
    mine = importlib.import_module("mine")
    try:
        assert run("mine.py:make", executor="inline").failed == []
        assert sys.modules["mine"] is mine
    finally:
        del sys.modules["mine"]


def test_a_record_tells_the_versions_of_what_a_users_model_imports(home: Path, run: Run) -> None:
    (home / "mine.py").write_text("import rich\nfrom suite.models.dummy import PriorClassifier as make\n")
    (record,) = run("mine.py:make").records
    assert record.provenance.packages["rich"] == version("rich")
    assert "tabular-suite" not in record.provenance.packages


PARALLEL = """
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

class Own(LogisticRegression):
    pass

def make():
    return GridSearchCV(Own(), {"C": [0.1, 1.0]}, n_jobs=2)
"""


def test_a_class_of_the_file_reaches_the_processes_that_the_model_starts(home: Path, run: Run) -> None:
    (home / "mine.py").write_text(PARALLEL)
    assert run("mine.py:make", threads=2).failed == []


SEARCH = """
from pathlib import Path
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

class Search(LogisticRegression):
    features = "raw"

    def fit(self, X, y):
        GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, n_jobs=2).fit(X, y)
        return super().fit(X, y)
"""


@pytest.mark.slow
def test_what_joblib_keeps_for_a_search_leaves_neither_a_note_nor_a_file(home: Path, run: Run) -> None:
    (home / "mine.py").write_text(SEARCH)
    before = sorted(Path("/dev/shm").iterdir())
    (record,) = run("mine.py:Search", threads=2).records
    assert record.status == "ok"
    assert not any("left" in note for note in record.notes)
    assert sorted(Path("/dev/shm").iterdir()) == before
