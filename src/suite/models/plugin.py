"""Models of other people: `package.module:factory`, `file.py:factory` or an object."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import inspect
import pickle
import sys
from collections.abc import Callable, Iterator
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any, get_args

from suite.errors import UnknownName, UsageError
from suite.models import own
from suite.names import digest
from suite.schema import Classifier, Context, LiveModel, ModelRef, ModelSpec, Preprocessing, Task

START_S = 120.0
IMPORT_S = 30.0


def start_limit(time_limit_s: float | None) -> float:
    """Return the seconds that a model of the user's may take to be imported and built, before any clock runs."""
    return START_S if time_limit_s is None else min(START_S, time_limit_s + IMPORT_S)


def is_factory(model: ModelRef) -> bool:
    """Tell whether a model is the user's own, a reference to a factory or an object, rather than a registry name."""
    if isinstance(model, LiveModel):
        return True
    left, colon, right = model.partition(":")
    return bool(colon) and "=" not in right and ("." in left or "/" in left or right.isidentifier())


def factory_spec(model: ModelRef) -> ModelSpec:
    """Return a registry entry for a model of the user's, without importing or unpickling it."""

    def build(task: Task, context: Context, **params: Any) -> Classifier:
        return _build(_load(model), task, context, params)

    name = f"{model.name}:{model.version}" if isinstance(model, LiveModel) else model
    return ModelSpec(name=name, family="custom", summary="a model of the user", build=build)


def source_digest(ref: str) -> str:
    """Return the sha256 of the source file behind `ref`, or of its text if there is no file to read."""
    module, _, _ = ref.rpartition(":")
    try:
        path = module if module.endswith(".py") else _origin(module)
        return digest(Path(path).read_bytes().hex())
    except (ImportError, OSError, ValueError):
        return digest(ref)


def _origin(module: str) -> str:
    """Return the file of a module, found without importing the packages that it is in."""
    top, *rest = module.split(".")
    spec = PathFinder.find_spec(top, [str(Path.cwd()), *sys.path]) or importlib.util.find_spec(top)
    for name in rest:
        inside = spec and spec.submodule_search_locations
        # By its last name alone: for more, a namespace package asks for its parent among the imported modules.
        spec = PathFinder.find_spec(name, list(inside)) if inside else None
    if spec is None or spec.origin is None:
        raise ImportError(f"{module} has no file")
    return spec.origin


def probe_task() -> Task:
    """Return the small task that a model of the user's is built for before its first cell."""
    import numpy as np

    return Task(
        kinds=("numeric",), levels=(0,), n_train=8, n_features=1, n_classes=2, validation=np.array([6, 7])
    )


@contextlib.contextmanager
def visit(model: ModelRef) -> Iterator[None]:
    """Have a model of the user's in a process that others share: its folder leaves the path, its modules are forgotten.

    So the next one imports its own helpers, though they may have the same names.
    """
    if not is_factory(model):
        yield
        return
    path, known, folder = sys.path[:], dict(sys.modules), _folder(model)
    try:
        yield
    finally:
        sys.path[:] = path
        sys.modules |= known
        new = sys.modules.keys() - known
        beside = {name for name in new if "." not in name and _is_in(folder, name)}
        for name in new:
            if name.partition(".")[0] in beside:
                del sys.modules[name]


def _is_in(folder: str, module: str) -> bool:
    found = PathFinder.find_spec(module, [folder])
    imported = getattr(sys.modules[module], "__spec__", None)
    return bool(found and imported and found.origin == imported.origin)


def _folder(model: ModelRef) -> str:
    """Return the folder whose modules a model of the user's can import: that of its file, or the current one."""
    file = "" if isinstance(model, LiveModel) else model.rpartition(":")[0]
    return str(Path(file).resolve().parent if file.endswith(".py") else Path.cwd())


def _load(model: ModelRef) -> Callable[..., Any]:
    # For good, as in `python file.py`: the factory, or a fit, may import something later.
    folder = _folder(model)
    sys.path[:] = [folder, *(entry for entry in sys.path if entry != folder)]
    if isinstance(model, LiveModel):
        given = pickle.loads(model.pickled)
        return (lambda: given) if is_classifier(given) else given
    module_name, _, attribute = model.rpartition(":")
    if module_name.endswith(".py"):
        path = Path(module_name).resolve()
        if not path.is_file():
            raise UsageError(f"no such file: {module_name}")
        # By its own name where that is free, so that processes which the model starts can import it too.
        known = sys.modules.get(path.stem)
        taken = known is not None and getattr(known, "__file__", None) != str(path)
        name = f"suite_plugin_{path.stem}" if taken else path.stem
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
    else:
        module = importlib.import_module(module_name)
    factory = getattr(module, attribute, None)
    if not callable(factory):
        callables = [name for name, value in vars(module).items() if callable(value) and name[0] != "_"]
        raise UnknownName(f"function or class in {module_name}", attribute, callables)
    return factory


def is_classifier(given: Any) -> bool:
    """Tell whether an object is an estimator itself, and no factory."""
    return not isinstance(given, type) and hasattr(given, "fit") and hasattr(given, "predict_proba")


def _build(factory: Callable[..., Any], task: Task, context: Context, params: dict[str, Any]) -> Classifier:
    offered = {"task": task, "seed": context.seed, "threads": context.threads}
    named = inspect.signature(factory).parameters
    model = factory(**{name: offered[name] for name in offered if name in named}, **params)
    for method in ("fit", "predict_proba"):
        if not callable(getattr(model, method, None)):
            raise UsageError(f"returned {type(model).__name__}, which has no {method}")
    own.set_seed_and_threads(model, context)
    features = getattr(factory, "features", getattr(model, "features", None))
    if not isinstance(features, str):  # nothing, or the model's own, such as the names of its columns
        features = "raw" if own.picks_columns(model) else "scaled"
    if features not in get_args(Preprocessing):
        raise UnknownName("features", features, get_args(Preprocessing))
    prepare = _prepare(features, model, task, context.seed)
    if prepare is None:
        return model
    if not hasattr(model, "__sklearn_tags__"):
        return Prepared(prepare, model)
    from sklearn.pipeline import make_pipeline

    return make_pipeline(prepare, model)


def _prepare(features: str, model: Any, task: Task, seed: int) -> Any:
    from suite.features import native, raw, scaled

    if features == "raw":
        return raw(task, as_text=own.picks_text(model))
    return native(task, seed=seed) if features == "native" else scaled(task, seed=seed)


class Prepared:
    """Features before a classifier that is no estimator of scikit-learn's: its pipelines take no other."""

    def __init__(self, prepare: Any, model: Any) -> None:
        self.prepare = prepare
        self.model = model

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
