"""Models given in Python: how they are named, what is refused, and what travels."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from suite.errors import UsageError
from suite.models import plugin
from suite.models.catalogue import MODELS, resolve
from suite.models.live import gather
from suite.models.probing import probe
from suite.schema import Context, LiveModel

CONTEXT = Context(seed=7, threads=2)


def live(models: Any) -> LiveModel:
    (model,) = gather(models, MODELS)
    assert isinstance(model, LiveModel)
    return model


def built(model: LiveModel) -> Any:
    return resolve(model).spec.build(plugin.probe_task(), CONTEXT)


class Prior:
    """Class frequencies, and how often this very object was fitted."""

    features = "raw"
    fits = 0

    def fit(self, X: Any, y: Any) -> Prior:
        self.fits += 1
        self.classes_, counts = np.unique(y, return_counts=True)
        self.prior_ = counts / counts.sum()
        return self

    def predict_proba(self, X: Any) -> Any:
        return np.tile(self.prior_, (len(X), 1))


def make_prior() -> Prior:
    return Prior()


def test_an_object_is_named_by_its_class_or_function_and_in_a_dict_by_its_key() -> None:
    given = ["knn", Prior(), make_prior, {"C ten": LogisticRegression(C=10)}]
    assert [str(ref) for ref in gather(given, MODELS)] == ["knn", "Prior", "make_prior", "C ten"]
    assert str(live(Prior)) == "Prior"


@pytest.mark.parametrize(
    "model", [RandomForestClassifier(), Prior(), Pipeline([("last", DummyClassifier())])]
)
def test_one_model_needs_no_list_even_if_it_can_be_iterated(model: Any) -> None:
    assert live(model).name == type(model).__name__


def test_names_alone_stay_as_they_were() -> None:
    assert gather("knn", MODELS) == ("knn",)
    assert gather("all", MODELS) == tuple(MODELS)
    assert gather(["all", "mine.py:make"], MODELS) == (*MODELS, "mine.py:make")
    assert gather(iter(["knn", "dummy"]), MODELS) == ("knn", "dummy")


NOT_USABLE: dict[str, tuple[Any, str]] = {
    "neither name nor object": (None, "models are a name, a classifier.* not an object of type NoneType"),
    "a registered name": (
        {"logistic": Prior()},
        "'logistic' is the name of a registered model: name it in a dict",
    ),
    "a lambda in a list": ([lambda: Prior()], "no model can be named '<lambda>'.*name it in a dict"),
    "a colon": ({"mine:x=1": Prior()}, "no model can be named 'mine:x=1'"),
    "a line end": ({"a\nb": Prior()}, r"no model can be named 'a\\nb'"),
    "no name": ({"": Prior()}, "no model can be named ''"),
    "twice": (
        [LogisticRegression(C=1), LogisticRegression(C=2)],
        "two models are named 'LogisticRegression'",
    ),
    "a name in a dict": (
        {"trees": "extra_trees"},
        "'trees' stands for the name 'extra_trees'.*put both in a list",
    ),
    "a regressor": ([LinearRegression()], "LinearRegression has no predict_proba"),
    "no model": ([3], "'int' is of type int: neither a classifier nor a function"),
    "a lock": (
        {"locked": (lambda lock: lambda: lock)(threading.Lock())},
        "model 'locked' cannot be sent.*lock",
    ),
}


@pytest.mark.parametrize(("models", "reason"), NOT_USABLE.values(), ids=NOT_USABLE)
def test_what_cannot_take_part_is_refused_in_one_line(models: Any, reason: str) -> None:
    with pytest.raises(UsageError, match=reason) as caught:
        gather(models, MODELS)
    assert "\n" not in str(caught.value)


def test_a_fitted_classifier_travels_unfitted_with_its_features_and_is_left_as_it_was() -> None:
    X, y = np.arange(8.0)[:, None], np.arange(8) % 2
    given = make_pipeline(StandardScaler(), LogisticRegression())
    unfitted = live(given)
    given.fit(X, y)
    assert live(given) == unfitted
    given.features = "raw"
    model = built(live(given))
    assert isinstance(model, Pipeline)
    assert (len(model), model[-1].random_state, hasattr(model[-1], "coef_")) == (2, 7, False)
    assert given[-1].random_state is None
    assert hasattr(given[-1], "coef_")


def test_every_build_starts_from_a_fresh_copy() -> None:
    model = live(Prior())
    first = built(model).fit(np.zeros((4, 1)), np.arange(4) % 2)
    assert (first.fits, built(model).fits) == (1, 0)


def test_a_function_takes_what_it_names_and_a_local_class_travels_whole() -> None:
    class Local(Prior):
        pass

    def make(seed: int, threads: int) -> Any:
        model = Local()
        model.given = (seed, threads)
        return model

    model = live(make)
    assert b"Local" in model.pickled
    assert built(model).given == (7, 2)
    probe(model)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: LinearRegression(), "model 'mine': returned LinearRegression, which has no predict_proba"),
        (lambda: 1 // 0, "model 'mine': ZeroDivisionError"),
        (lambda: __import__("os")._exit(7), "model 'mine' exited with code 7 before it answered"),
    ],
)
def test_an_object_is_looked_at_in_a_child_and_refused_by_its_name(
    make: Callable[[], Any], reason: str
) -> None:
    with pytest.raises(UsageError, match=reason):
        probe(live({"mine": make}))


def test_the_version_follows_what_was_pickled() -> None:
    first, same, other = (live(LogisticRegression(C=value)) for value in (1.0, 1.0, 2.0))
    assert resolve(first).version == same.version != other.version


def test_what_is_installed_is_named_and_what_is_not_travels_along() -> None:
    assert b"sklearn.linear_model" in live(LogisticRegression()).pickled
    assert b"prior_" in live(Prior()).pickled
    assert pickle.loads(live(Prior()).pickled).features == "raw"
