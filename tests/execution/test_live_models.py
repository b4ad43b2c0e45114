"""Models given in Python, end to end: as fresh in every cell, as limited and as resumable as any other."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from suite.commands import main
from suite.errors import UsageError
from suite.events import Event, Finished
from suite.models import plugin
from suite.models.dummy import PriorClassifier
from suite.results import Results

Run = Callable[..., Results]
Start = Callable[..., "subprocess.Popen[str]"]
MARK = "eb1c5a0e-not-for-the-disk"


class Once(PriorClassifier):
    """Can be fitted once."""

    features = "raw"
    mark = MARK
    fits = 0

    def fit(self, X: Any, y: Any) -> Any:
        self.fits += 1
        if self.fits > 1:
            raise RuntimeError("another cell was here")
        return super().fit(X, y)


class Acts(PriorClassifier):
    """Does something before it is fitted."""

    features = "raw"

    def __init__(self, act: Callable[[], Any]) -> None:
        self.act = act

    def fit(self, X: Any, y: Any) -> Any:
        self.act()
        return super().fit(X, y)


@pytest.mark.parametrize("executor", [pytest.param("local", marks=pytest.mark.slow), "inline"])
def test_every_cell_of_an_object_starts_fresh_and_none_runs_twice(
    run: Run, home: Path, executor: str
) -> None:
    ridge, once = make_pipeline(StandardScaler(), LogisticRegression()), Once()
    models = ("dummy", {"ridge": ridge, "lambda": lambda seed: LogisticRegression(C=1 + seed % 2)}, once)
    results = run(*models, protocol="cv2", executor=executor)
    assert [(r.model, r.status, r.family) for r in results.records[:4]] == [
        ("dummy", "ok", "baseline"),
        ("ridge", "ok", "custom"),
        ("lambda", "ok", "custom"),
        ("Once", "ok", "custom"),
    ]
    assert results.failed == []
    assert not hasattr(ridge[-1], "coef_")
    assert once.fits == 0
    again: list[Event] = []
    run(*models, protocol="cv2", executor=executor, watch=again.append)
    assert [isinstance(event, Finished) and event.cached for event in again[1:]] == [True] * 8
    written = [path for path in home.rglob("*") if path.is_file()]
    assert not any(MARK.encode() in path.read_bytes() for path in written)
    kept = [path for path in (home / "results").rglob("*") if path.is_file() and path.name != ".lock"]
    assert {path.suffix for path in kept} == {".html", ".json", ".md", ".npz", ".svg"}


def test_another_object_of_the_same_name_is_another_model(run: Run) -> None:
    results = (run({"mine": LogisticRegression(C=C)}, executor="inline") for C in (0.01, 10.0))
    (first,), (second,) = (each.records for each in results)
    assert first.key != second.key
    assert first.model_version != second.model_version


def test_objects_that_hang_or_crash_are_rows_and_the_rest_goes_on(run: Run) -> None:
    hangs, leaves = Acts(lambda: time.sleep(600)), Acts(lambda: os._exit(3))
    never = {"slow to build": lambda task: time.sleep(600) if task.n_train > 8 else PriorClassifier()}
    records = {
        r.model: r for r in run({"hangs": hangs, "leaves": leaves}, never, "dummy", time_limit_s=2).records
    }
    assert {name: record.status for name, record in records.items()} == {
        "hangs": "timeout",
        "leaves": "crash",
        "slow to build": "timeout",
        "dummy": "ok",
    }
    hung = records["hangs"].failure
    assert hung is not None
    assert hung.limit == 2


def test_a_factory_that_hangs_only_for_the_rows_of_a_cell_is_ended_at_the_limit(run: Run, home: Path) -> None:
    (home / "mine.py").write_text(
        "import time\n"
        "from sklearn.dummy import DummyClassifier\n"
        "def make(task):\n"
        "    return DummyClassifier() if task.n_train == 8 else time.sleep(600)\n"
    )
    (record,) = run("mine.py:make", time_limit_s=1).records
    assert record.failure is not None
    assert (record.status, record.failure.message) == ("timeout", "was not done within 1 s")


def test_a_model_that_hangs_while_it_is_looked_at_is_refused(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugin, "IMPORT_S", 0.5)
    (home / "mine.py").write_text("import time\ntime.sleep(600)\n")
    for model, name in (
        ("mine.py:make", "factory 'mine.py:make'"),
        ({"slow": lambda: time.sleep(600)}, "'slow'"),
    ):
        with pytest.raises(
            UsageError, match=f"{name} was not imported and built within 1 s, which are the time"
        ):
            run(model, time_limit_s=0.5)


@pytest.mark.slow
def test_commands_take_a_folder_that_holds_models_given_in_python(
    run: Run, home: Path, command: Start
) -> None:
    run({"ridge": LogisticRegression()}, threads=1)
    assert [main([name]) for name in ("report", "verify")] == [0, 0]
    process = command("run", "dummy", "--data", "iris", "--protocol", "holdout")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, out + err
    board = (home / "results" / "iris" / "holdout" / "LEADERBOARD.md").read_text()
    assert (
        "suite run dummy --data iris --protocol holdout # without the models given in Python: ridge\n"
        in board
    )


SCRIPT = """
import suite
from sklearn.linear_model import LogisticRegression

class Plain:
    def __init__(self, inner):
        self.inner = inner
    def fit(self, X, y):
        self.inner.fit(X, y)
        return self
    def predict_proba(self, X):
        return self.inner.predict_proba(X)

if __name__ == "__main__":
    models = {"plain": Plain(LogisticRegression()), "installed": LogisticRegression(C=3)}
    started = []
    found = suite.run(models, "iris", protocol="holdout", executor=EXECUTOR, watch=started.append)
    print([(r.model, r.status) for r in found.records], [type(e).__name__ for e in started].count("Started"))
"""


@pytest.mark.slow
@pytest.mark.parametrize("executor", ["local", "dask"])
def test_a_script_gives_its_own_classes_and_another_process_runs_nothing_twice(
    home: Path, executor: str
) -> None:
    if executor == "dask":
        pytest.importorskip("distributed")
    (home / "script.py").write_text(SCRIPT.replace("EXECUTOR", repr(executor)))
    lines = [
        subprocess.run(
            [sys.executable, "script.py"], capture_output=True, text=True, timeout=120, check=True
        ).stdout
        for _ in range(2)
    ]
    ok = "[('plain', 'ok'), ('installed', 'ok')]"
    assert [line.splitlines()[-1] for line in lines] == [f"{ok} 2", f"{ok} 0"]


BY_NAME = """
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

def year(X):
    assert [str(dtype) for dtype in X.dtypes] == ["datetime64[us]"]
    return X.apply(lambda column: column.dt.year)

def make():
    text = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore"))
    columns = ColumnTransformer([
        ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), ["age [years]"]),
        ("text", text, ["city"]),
        ("truth", "passthrough", ["member"]),
        ("dates", FunctionTransformer(year), ["since"]),
    ])
    return make_pipeline(columns, LogisticRegression())
"""


@pytest.fixture
def people(home: Path) -> Path:
    """A folder with a table of all kinds of columns, and a model of its columns by name."""
    rows = [
        f"{i % 50 if i % 9 else ''},{('Rome', 'Bern')[(i + (i % 12 == 0)) % 2] if i % 7 else ''},{i % 3 == 0},"
        f"20{i % 20:02}-01-05,{('no', 'yes')[i % 2]}"
        for i in range(200)
    ]
    (home / "people.csv").write_text("\n".join(["age [years],city,member,since,label", *rows]))
    (home / "mine.py").write_text(BY_NAME)
    return home


@pytest.mark.parametrize("executor", ["local", "inline"])
def test_a_pipeline_by_column_names_runs_as_it_is(run: Run, people: Path, executor: str) -> None:
    given = {"live": runpy.run_path(str(people / "mine.py"))["make"]()}
    # Libraries that refuse some names of columns are shown them once.
    models = ("mine.py:make", given, *(("xgboost", "lightgbm") if executor == "inline" else ()))
    results = run(*models, data="people.csv", target="label", executor=executor)
    assert results.failed == []
    scores = {record.model: record.metrics["accuracy"] or 0.0 for record in results.records}
    assert scores["mine.py:make"] == scores["live"] > 0.8


@pytest.mark.slow
def test_a_pipeline_by_column_names_runs_on_a_cluster(people: Path, command: Start) -> None:
    pytest.importorskip("distributed")
    options = ("--data", "people.csv", "--target", "label", "--protocol", "holdout", "--executor", "dask")
    with command("run", "mine.py:make", *options) as done:
        said, error = done.communicate(timeout=120)
    assert done.returncode == 0, said + error
