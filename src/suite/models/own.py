"""What a user's estimator is made of, and the features that it gets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from suite.errors import UnknownName
from suite.schema import Classifier, Context, Preprocessing, Task

_PICKERS = {"ColumnTransformer", "TableVectorizer"}
_HOLDS = {"estimator", "estimators", "transformers", "transformer_list"}
_TEXT = {"object", "O", "str", "string", "<class 'object'>", "<class 'str'>"}


def picks_columns(model: Any) -> bool:
    """Tell whether a part of the model takes the columns of a table by name or kind, each its own way."""
    return any(_PICKERS & {base.__name__ for base in type(part).__mro__} for part in parts(model))


def picks_text(model: Any) -> bool:
    """Tell whether a part of the model selects columns of strings by their dtype."""
    for part in parts(model):
        for _, _, columns in getattr(part, "transformers", None) or ():
            wanted = getattr(columns, "dtype_include", None)
            if any(str(kind) in _TEXT for kind in (wanted if isinstance(wanted, list | tuple) else [wanted])):
                return True
    return False


def set_seed_and_threads(model: Any, context: Context) -> bool:
    """Give the seed to parts without one, and the threads to those that compute.

    A part that holds others, such as a search, an ensemble or a `ColumnTransformer`, works on one after the other: so
    no more threads run at once than the context has, and no processes are started beside the model's own. Returns
    whether a part took the seed; True for a model whose parameters cannot be seen.
    """
    if not hasattr(model, "get_params"):
        return True
    seeded = False
    found = model.get_params(deep=True)
    for name, value in found.items():
        owner_name, _, last = name.rpartition("__")
        if last == "random_state" and value is None:
            model.set_params(**{name: context.seed})
            seeded = True
        elif last == "n_jobs":
            owner = found[owner_name] if owner_name else model
            if type(owner).__name__ == "LogisticRegression":  # it only warns that it no longer takes any
                model.set_params(**{name: None})
            elif not _HOLDS & owner.get_params(deep=False).keys():
                model.set_params(**{name: context.threads})
            elif value is not None:
                model.set_params(**{name: 1})
    return seeded


def features_of(factory: Any, model: Any) -> Preprocessing:
    """Return the features that a factory or its model asks for, else what suits it."""
    features: Any = getattr(factory, "features", getattr(model, "features", None))
    if not isinstance(features, str):  # nothing, or the model's own, such as the names of its columns
        features = "raw" if picks_columns(model) else "scaled"
    if features not in get_args(Preprocessing):
        raise UnknownName("features", features, get_args(Preprocessing))
    return features


def prepared(features: Preprocessing, model: Any, task: Task, seed: int) -> Classifier:
    """Return a model with its features in front."""
    from suite.features import native, raw, scaled

    if features == "raw":
        prepare = raw(task, as_text=picks_text(model))
    else:
        prepare = native(task, seed=seed) if features == "native" else scaled(task, seed=seed)
    if prepare is None:
        return model
    if not hasattr(model, "__sklearn_tags__"):
        return Prepared(prepare, model)
    from sklearn.pipeline import make_pipeline

    return make_pipeline(prepare, model)


def last_step(model: Any) -> Any:
    """Return the estimator at the end of a pipeline, which may end in another one, or the model itself."""
    while isinstance(model, Prepared) or hasattr(model, "named_steps"):
        model = model.model if isinstance(model, Prepared) else model[-1]
    return model


def validate(model: Any) -> None:
    """Check the parameters of scikit-learn's estimator at the end of a pipeline, as its fit would: by a ValueError."""
    last = last_step(model)
    if type(last).__module__.startswith(("sklearn.", "suite.")) and hasattr(last, "_validate_params"):
        last._validate_params()


def parts(model: Any) -> Iterator[Any]:
    """Yield the model, and its parameters with those of the estimators in it."""
    yield model
    if hasattr(model, "get_params") and not isinstance(model, type):
        yield from model.get_params(deep=True).values()


class Prepared:
    """Features before a classifier that is no estimator of scikit-learn's: its pipelines take no other."""

    def __init__(self, prepare: Any, model: Any) -> None:
        self.prepare, self.model = prepare, model

    def fit(self, X: Any, y: Any) -> Prepared:
        """Fit the features and the model on X of shape (n_samples, n_features) and labels y."""
        self.model.fit(self.prepare.fit_transform(X, y), y)
        return self

    def predict_proba(self, X: Any) -> Any:
        """Return the model's probabilities, shape (n_samples, n_classes)."""
        return self.model.predict_proba(self.prepare.transform(X))

    @property
    def classes_(self) -> Any:
        """The labels in the order of the columns, if the model tells."""
        return self.model.classes_
