"""Models given in Python: named, checked and pickled here; only a child unpickles them (or the inline executor)."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from contextlib import ExitStack
from types import ModuleType
from typing import Any

from suite.errors import UsageError, in_one_line
from suite.models import own
from suite.models.plugin import is_classifier
from suite.schema import LiveModel, ModelRef
from suite.supervision.stack import is_of_the_user

_NAME = r"\w([\w .+-]*[\w.+-])?"


def gather(models: Any, registered: Collection[str]) -> tuple[ModelRef, ...]:
    """Return how a run names the models that a caller of `suite.run` gave.

    These are a name, an object, a mapping of names to objects, or an iterable of these three. Names stay as they are,
    but `all`, which stands for every registered one.
    An object is named by its class or function, in a mapping by its key; registered names are taken.

    Raises
    ------
    UsageError
        If an object is no model or cannot be pickled, or its name is taken or not allowed.
    """
    if not _is_one(models) and not isinstance(models, Iterable):
        raise UsageError(
            "models are a name, a classifier, a function that returns one, or a list or dict of these, "
            f"not an object of type {type(models).__name__}"
        )
    items = [models] if _is_one(models) else models
    refs = tuple(
        given if isinstance(given, str) else _live(name, given, registered)
        for one in items
        for item in (registered if isinstance(one, str) and one == "all" else [one])
        for name, given in _named(item)
    )
    names = [ref.name for ref in refs if isinstance(ref, LiveModel)]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UsageError(f"two models are named {twice[0]!r}: name them in a dict, {{'a name': model}}")
    return refs


def _is_one(models: Any) -> bool:
    # An ensemble of scikit-learn's is iterable too.
    return isinstance(models, str | Mapping) or callable(models) or hasattr(models, "fit")


def _named(item: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(item, Mapping):
        for name, given in item.items():
            if isinstance(given, str):
                raise UsageError(
                    f"{name!r} stands for the name {given!r}: a dict names objects; put both in a list, "
                    f"[{given!r}, {{...}}]"
                )
            yield str(name), given
    elif isinstance(item, str):
        yield item, item
    else:
        yield getattr(item, "__name__", type(item).__name__), item


def _live(name: str, given: Any, registered: Container[str]) -> LiveModel:
    rename = "name it in a dict, {'a name': model}"
    if not re.fullmatch(_NAME, name):
        raise UsageError(
            f"no model can be named {name!r}: a name has letters, digits, spaces and . + - _; "
            f"an object takes no parameters here, set them on it; {rename}"
        )
    if name in registered:
        raise UsageError(f"{name!r} is the name of a registered model: {rename}")
    if not is_classifier(given) and not callable(given):
        kind = type(given).__name__
        raise UsageError(
            f"model {name!r}: {kind} has no predict_proba"
            if hasattr(given, "fit")
            else f"model {name!r} is of type {kind}: neither a classifier nor a function that returns one"
        )
    pickled = _pickled(name, given)
    return LiveModel(name=name, version=_version(pickled), pickled=pickled)


def _pickled(name: str, given: Any) -> bytes:
    """Return an object as bytes, unfitted; code that is not installed travels along."""
    import cloudpickle

    try:
        fresh = _unfitted(given)
        with ExitStack() as by_value:
            for module in _modules_of_the_user(fresh):
                if module.__name__ not in cloudpickle.list_registry_pickle_by_value():
                    cloudpickle.register_pickle_by_value(module)
                    by_value.callback(cloudpickle.unregister_pickle_by_value, module)
            return bytes(cloudpickle.dumps(fresh, protocol=5))
    except Exception as error:
        reason = in_one_line(type(error).__name__, error)
        raise UsageError(
            f"model {name!r} cannot be sent to another process ({reason}); give a function that makes it, "
            "or 'file.py:function'"
        ) from error


def _version(pickled: bytes) -> str:
    """Return a digest of what a pickle says.

    Equal strings count as one, whether or not they are one object; the ids that cloudpickle draws anew in each process,
    to know a class again, do not count. Where these cannot be told, another process takes the model for another one.
    """
    import hashlib
    import pickletools

    import cloudpickle

    drawn = getattr(cloudpickle.cloudpickle, "_DYNAMIC_CLASS_TRACKER_BY_ID", {})
    found, memo, objects = hashlib.sha256(), list[Any](), 0
    last: Any = None
    for code, value, _ in pickletools.genops(pickled):
        if code.name == "MEMOIZE":
            objects += last is None
            memo.append(objects if last is None else last)
        elif code.name != "FRAME":
            known = memo[value or 0] if code.name in ("BINGET", "LONG_BINGET") else value
            last = known if isinstance(known, str | bytes) else None
            kind = type(known).__name__ if last is not None else code.name
            content = b"" if isinstance(known, str) and known in drawn else known
            content = content if isinstance(content, bytes | bytearray) else repr(content).encode()
            found.update(f"{kind} {len(content)} ".encode() + content)
    return found.hexdigest()[:12]


def _unfitted(given: Any) -> Any:
    """Return an estimator of scikit-learn's as a clone, anything else as it is."""
    if isinstance(given, type) or not hasattr(given, "get_params"):
        return given
    from sklearn.base import clone

    fresh = clone(given)
    if (features := vars(given).get("features")) is not None:
        fresh.features = features
    return fresh


def _modules_of_the_user(given: Any) -> Iterable[ModuleType]:
    """Return the modules of an object and of what it is made of, but none that is installed.

    A child need not be able to import them, and a change of their code is a change of the model.
    """
    names = {getattr(part, "__module__", None) or type(part).__module__ for part in own.parts(given)}
    found = (sys.modules[name] for name in sorted(names - {"__main__"}) if name in sys.modules)
    return [module for module in found if _is_users(module)]


def _is_users(module: ModuleType) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and is_of_the_user(file)
