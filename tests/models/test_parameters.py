"""Parameters are refused before anything runs, whatever the library."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

import suite
from suite.analysis.origin import command
from suite.config import View
from suite.errors import UnknownName, UsageError
from suite.models.catalogue import MODELS, resolve

EVERY = [(model, name) for model, spec in MODELS.items() for name in spec.settable]
NUMBERS = [(m, name) for m, name in EVERY if type(MODELS[m].settable[name]) in (int, float)]
SWITCHES = {("hist_gb", "early_stopping"), *((m, n) for m, n in EVERY if type(MODELS[m].settable[n]) is bool)}


@pytest.mark.parametrize("value", ["nonsense", "[1]", "True", "{1}"])
@pytest.mark.parametrize(("model", "name"), EVERY)
def test_every_parameter_refuses_another_type_and_tells_its_default(
    model: str, name: str, value: str
) -> None:
    if value == "True" and (model, name) in SWITCHES:
        assert resolve(f"{model}:{name}={value}").params[name] is True
        return
    with pytest.raises(UsageError) as caught:
        resolve(f"{model}:{name}={value}")
    said = str(caught.value)
    assert "\n" not in said
    assert name in said
    assert f"its default is {MODELS[model].settable[name]}" in said.replace("'", "")


@pytest.mark.parametrize(("model", "name"), NUMBERS)
def test_every_number_has_bounds(model: str, name: str) -> None:
    with pytest.raises(UsageError, match=f"{model} does not take {name}=-1: it must be .*; its default"):
        resolve(f"{model}:{name}=-1")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("logistic:C=abc", "C='abc': it must be a float in the range .0.0, inf.; its default is 1.0"),
        ("logistic:C=None", "C=None: it must be a float"),
        ("logistic:C=1e999", r"C='1e999': it must be a float in the range \(0\.0, inf\);"),
        ("logistic:C=inf", r"C='inf': it must be a float in the range \(0\.0, inf\);"),
        ("xgboost:max_depth=deep", r"max_depth='deep': it must be a whole number in \[0, inf\)"),
        ("knn:n_neighbors=0", r"n_neighbors=0: it must be a whole number in \[1, inf\)"),
        ("knn:n_neighbors=9.5", "n_neighbors=9.5"),
        ("naive_bayes:var_smoothing=low", "a float in the range"),
        ("knn:weights=uniforn", r"did you mean uniform\? \(its default is uniform\)"),
        ("keras_mlp:epochs=2.5", "epochs=2.5: it must be a whole number"),
        ("keras_mlp:label_smoothing=1", r"it must be a number in \[0, 1\)"),
        ("keras_baseline:validation=0", r"it must be a number in \(0, 1\)"),
        ("keras_enhanced:activation=rellu", "did you mean relu"),
        ("keras_mlp:hidden=3", "no parameter of keras_mlp named 'hidden'"),
        ("lightgbm:num_leaves=1", r"\[2, 131072\]"),
        ("xgboost:subsample=0", r"subsample=0: it must be a number in \(0, 1\]; its default is 1\.0"),
        ("xgboost:subsampl=0.5", "did you mean subsample"),
        ("hist_gb:early_stopping=no", r"must be|did you mean|auto"),
        ("hist_gb:early_stopping=1", "early_stopping=1: it must be text"),
        ("catboost:depth=17", r"\[1, 16\]"),
    ],
)
def test_a_refusal_says_what_the_parameter_takes(given: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        resolve(given)


@pytest.mark.parametrize(
    ("given", "params"),
    [
        ("random_forest:n_estimators=1e3", {"n_estimators": 1000}),
        ("random_forest:max_features=0.5,min_samples_leaf=0.1", {"max_features": 0.5}),
        ("random_forest:max_features=None", {"max_features": None}),
        ("hist_gb:max_leaf_nodes=None", {"max_leaf_nodes": None}),
        ("logistic:C=2", {"C": 2}),
        ("xgboost:subsample=0.8", {"subsample": 0.8, "max_depth": 6}),
        ("hist_gb:early_stopping=False", {"early_stopping": False}),
        ("lightgbm:early_stopping=50", {"early_stopping": 50}),
        ("xgboost:learning_rate=1,max_depth=0", {"learning_rate": 1, "max_depth": 0}),
        ("keras_tuned:optimizer=sgd,dropout=0", {"optimizer": "sgd", "dropout": 0}),
    ],
)
def test_what_the_library_takes_is_taken(given: str, params: dict[str, object]) -> None:
    found = resolve(given)
    assert found.params.items() >= params.items()
    assert resolve(found.name) == found


def test_a_whole_number_is_one_name_however_it_is_written() -> None:
    assert resolve("knn:n_neighbors=7.0").name == resolve("knn:n_neighbors=7").name == "knn:n_neighbors=7"


def test_the_words_that_keras_entries_take_are_known_to_keras() -> None:
    import keras

    if tuple(map(int, keras.__version__.split(".")[:2])) < (3, 14):
        pytest.skip("some words are of a newer Keras: here a fit with one of them is an error")
    from suite.models._keras import ACTIVATIONS, OPTIMIZERS

    for name in ACTIVATIONS:
        keras.activations.get(name)(keras.ops.ones((2, 3)))
    for name in OPTIMIZERS:
        keras.optimizers.get({"class_name": name, "config": {"learning_rate": 0.1, "weight_decay": None}})


@pytest.mark.parametrize("executor", ["inline", "local"])
def test_a_factory_runs_with_its_parameters_and_the_command_gives_them_again(
    executor: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(
        "from sklearn.tree import DecisionTreeClassifier\n\n"
        "def make(sizes, kind='gini'):\n"
        "    assert sizes == [2, 3] and kind == '5'\n"
        "    return DecisionTreeClassifier(max_depth=sizes[0])\n"
    )
    given = "mine.py:make:sizes=[2,3],kind='5'"
    (record,) = suite.run(given, "digits", executor=executor).records
    assert (record.status, record.model) == ("ok", "mine.py:make:kind='5',sizes=[2, 3]")
    assert record.params == {"sizes": [2, 3], "kind": "5"}
    said = shlex.split(command({record.model: [record]}, record, View()))
    assert said[: said.index("--data")] == ["python", "-m", "suite", "run", record.model]
    assert resolve(record.model).params == record.params


@pytest.mark.parametrize("wrong", ["logistic:C=abc", "knn:k=3", "logistic:C=1,max_iter=few"])
def test_nothing_runs_and_nothing_is_written(wrong: str, tmp_path: Path) -> None:
    with pytest.raises((UsageError, UnknownName)) as caught:
        suite.run(["dummy", wrong], "digits", out=tmp_path / "out")
    assert caught.value.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_a_whole_number_for_a_number_is_the_same_model() -> None:
    assert resolve("logistic:C=1") == resolve("logistic:C=1.0") == resolve("logistic")
    assert resolve("logistic:C=10") == resolve("logistic:C=10.0")
    assert type(resolve("logistic:C=10").params["C"]) is float
