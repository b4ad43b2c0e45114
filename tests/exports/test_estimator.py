"""Models as files: every entry's is saved and read again without pickle, and nothing that is no model's is read."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from suite import threads
from suite.errors import ExportError
from suite.exports import estimator, paste
from suite.fitting import fit
from suite.models.catalogue import MODELS
from suite.schema import Context, ModelSpec, Task

N = 400
KINDS = ("numeric", "numeric", "categorical", "categorical", "text", "datetime", "boolean")


def table(n: int = N) -> pd.DataFrame:
    rng = np.random.default_rng(0)

    def levels(k: int) -> pd.Categorical:
        return pd.Categorical.from_codes(rng.integers(-1, k, n), categories=[f"l{i}" for i in range(k)])

    X = pd.DataFrame(
        {
            "a": rng.normal(size=n).astype("f4"),
            "b": rng.normal(size=n),
            "c": levels(4),
            "d": levels(60),
            "e": levels(9),
            "f": 1.6e9 + rng.integers(0, 10**7, n).astype("f8"),
            "g": rng.integers(0, 2, n).astype("f4"),
        }
    )
    X.loc[::7, "a"] = np.nan
    return X


def fitted(spec: ModelSpec, n_classes: int = 3, **params: Any) -> Any:
    X, y = table(), np.arange(N) % n_classes
    task = Task(
        kinds=KINDS,
        levels=(0, 0, 4, 60, 9, 0, 0),
        n_train=N,
        n_features=len(KINDS),
        n_classes=n_classes,
        validation=np.arange(0, N, 5),
    )
    short = {name: 2 for name in ("epochs", "members") if name in spec.params}
    model = spec.build(task, Context(seed=0, threads=1), **{**spec.params, **short, **params})
    with threads.limited(1):
        return model.fit(X, y)


def reread(model: Any, folder: Path) -> Any:
    about = json.loads(json.dumps(estimator.save(model, folder)))
    assert sorted(about["files"]) == sorted(path.name for path in folder.iterdir())
    return estimator.load(about, {path.name: path.read_bytes() for path in folder.iterdir()})


def test_keras_is_imported_with_the_threads_of_the_reader_and_the_environment_is_as_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = {"OMP_NUM_THREADS": "7", "HOME": "/home/me"}
    monkeypatch.setattr(os, "environ", dict(before))
    with estimator._settings(3):
        assert os.environ == before | threads.environment(3)
    assert os.environ == before


QUICK = ("dummy", "xgboost", "lightgbm", "hist_gb")


def skip_unless_installed(name: str) -> None:
    if missing := fit._missing_package(MODELS[name]):
        pytest.skip(f"{missing} is not installed")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in MODELS]
)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_model_of_every_entry_is_the_same_when_it_is_read_again(
    name: str, n_classes: int, tmp_path: Path
) -> None:
    skip_unless_installed(name)
    model = fitted(MODELS[name], n_classes)
    again = reread(model, tmp_path)
    new = table(N + 50)
    assert again.classes_.tolist() == model.classes_.tolist() == list(range(n_classes))
    with threads.limited(1):
        np.testing.assert_array_equal(again.predict_proba(new), model.predict_proba(new))


@pytest.mark.parametrize("name", [name for name in MODELS if "early_stopping" in MODELS[name].settable])
def test_a_booster_that_stopped_early_is_saved_without_what_watched_it(name: str, tmp_path: Path) -> None:
    skip_unless_installed(name)
    stops = (
        {"max_iter": 30, "early_stopping": True, "n_iter_no_change": 3}
        if name == "hist_gb"
        else {"n_estimators": 30, "early_stopping": 3}
    )
    model = fitted(MODELS[name], **stops)
    again = reread(model, tmp_path)
    with threads.limited(1):
        np.testing.assert_array_equal(again.predict_proba(table()), model.predict_proba(table()))


@pytest.mark.parametrize("n_columns", [2, 30])
def test_neighbours_in_few_columns_and_in_many_are_the_same_when_they_are_read_again(
    n_columns: int, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(N, n_columns)).astype("f4"))
    task = Task(
        kinds=("numeric",) * n_columns,
        levels=(0,) * n_columns,
        n_train=N,
        n_features=n_columns,
        n_classes=2,
        validation=np.arange(0),
    )
    model = MODELS["knn"].build(task, Context(seed=0, threads=1), **MODELS["knn"].params)
    model.fit(X, np.arange(N) % 2)
    np.testing.assert_array_equal(reread(model, tmp_path).predict_proba(X), model.predict_proba(X))


class Own:
    """An estimator that is no library's."""

    def fit(self, X: Any, y: Any) -> Own:
        return self


def test_an_estimator_that_suite_does_not_read_again_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"a Own that holds .*Own is not saved"):
        estimator.save(Own(), tmp_path)
    from sklearn.preprocessing import FunctionTransformer

    with pytest.raises(ExportError, match=r"is not saved|without pickle"):
        estimator.save(FunctionTransformer(print), tmp_path)
    assert not [*tmp_path.iterdir()]


def test_a_file_that_holds_another_function_is_not_read() -> None:
    import skops.io
    from sklearn.preprocessing import FunctionTransformer

    raw = skops.io.dumps(FunctionTransformer(json.loads))
    with pytest.raises(ValueError, match="json"):
        estimator.load({"library": "skops", "files": [estimator.WHOLE]}, {estimator.WHOLE: raw})


@pytest.mark.parametrize(
    ("library", "kind"),
    [
        ("xgboost", "os:system"),
        ("xgboost", "suite.models.plugin:build"),
        ("xgboost", "xgboost:Booster"),
        ("lightgbm", "xgboost:XGBClassifier"),
        ("lightgbm", "suite.models._hist_gb:StoppedHistGradientBoosting"),
    ],
)
def test_a_class_that_is_no_estimator_of_its_library_is_refused(library: str, kind: str) -> None:
    about = {
        "library": library,
        "class": kind,
        "params": {},
        "files": [],
        "prepared": False,
        "classes": [0, 1],
    }
    with pytest.raises(ValueError, match="is no estimator of"):
        estimator.load(about, {})


@pytest.mark.slow
def test_a_network_with_code_of_others_is_refused(tmp_path: Path) -> None:
    from suite.neural import saved

    about = estimator.save(fitted(MODELS["keras_mlp"]), tmp_path)
    raw = (tmp_path / "network-0.keras").read_bytes()
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(contents["config.json"])
    config["config"]["layers"][1] |= {
        "module": "subprocess",
        "class_name": "Popen",
        "registered_name": "Popen",
    }
    for changed in (config, {"module": "keras.layers", "class_name": "Lambda", "config": {}}):
        contents["config.json"] = json.dumps(changed).encode()
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for name, content in contents.items():
                archive.writestr(name, content)
        with pytest.raises(ValueError, match="which no network of suite has"):
            saved.load(about, [packed.getvalue()])


def test_parameters_as_python_make_the_same_estimator() -> None:
    model = fitted(MODELS["xgboost"], max_depth=3)[-1]
    code = paste.source(model, MODELS["xgboost"].params)
    found: dict[str, Any] = {}
    exec(code, found)
    assert type(found["model"]).__name__ == "XGBClassifier"
    assert found["model"].max_depth == 3
    assert found["model"].n_estimators == 100
    wanted, own = model.get_params(), found["model"].get_params()
    assert {name for name in wanted if str(wanted[name]) != str(own[name])} == {"n_jobs", "random_state"}


def test_python_names_the_class_of_the_library_that_suite_derives_from() -> None:
    code = paste.source(fitted(MODELS["hist_gb"], learning_rate=0.2)[-1])
    assert code.startswith("from sklearn.ensemble import HistGradientBoostingClassifier\n")
    assert "learning_rate=0.2," in code
    assert "validation" not in code
    exec(code, {})


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in MODELS if MODELS[name].family == "neural"])
def test_python_makes_networks_too(name: str) -> None:
    found: dict[str, Any] = {}
    exec(paste.source(fitted(MODELS[name])[-1]), found)
    assert type(found["model"]).__name__ == "KerasClassifier"
    assert callable(found["model"].network)
