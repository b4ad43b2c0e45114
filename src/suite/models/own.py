"""What an estimator of the user's is made of: the parts that take a seed, threads, or columns by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from suite.schema import Context

_PICKERS = {"ColumnTransformer", "TableVectorizer"}
_HOLDS = {"estimator", "estimators", "transformers", "transformer_list"}
_TEXT = {"object", "O", "str", "string", "<class 'object'>", "<class 'str'>"}


def picks_columns(model: Any) -> bool:
    """Tell whether a part of the model takes the columns of a table by name or kind, each its own way."""
    return any(_PICKERS & {base.__name__ for base in type(part).__mro__} for part in _parts(model))


def picks_text(model: Any) -> bool:
    """Tell whether a part of the model selects columns of strings by their dtype."""
    for part in _parts(model):
        for _, _, columns in getattr(part, "transformers", None) or ():
            wanted = getattr(columns, "dtype_include", None)
            if any(str(kind) in _TEXT for kind in (wanted if isinstance(wanted, list | tuple) else [wanted])):
                return True
    return False


def set_seed_and_threads(model: Any, context: Context) -> bool:
    """Give the seed to parts without one, and the threads to those that compute.

    A part that holds others, such as a search, an ensemble or a `ColumnTransformer`, works on one after the other: so
    no more threads run at once than the context has, and no processes are started beside the model's own.

    Returns
    -------
    bool
        Whether a part took the seed; True for a model whose parameters cannot be seen.
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


def _parts(model: Any) -> Iterator[Any]:
    """Yield the model and the estimators in it."""
    yield model
    if hasattr(model, "get_params") and not isinstance(model, type):
        yield from model.get_params(deep=True).values()
