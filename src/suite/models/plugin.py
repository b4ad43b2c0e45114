"""Models of users: `package.module:factory`, `file.py:factory:key=value` or an object."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import inspect
import os
import pickle
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any, NamedTuple

from suite.errors import UnknownName, UsageError
from suite.models import own
from suite.names import digest, format_name, parse_options
from suite.schema import Classifier, Context, LiveModel, ModelRef, ModelSpec, Preprocessing, Task

FOLDER_VARIABLE = "SUITE_CURRENT_FOLDER"
"""The environment variable that names the folder where references begin, for a process that is in another one."""
START_S = 120.0
IMPORT_S = 30.0
_BY_NAME = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
GIVEN = ("task", "seed", "threads", "report")
"""What a factory is given if it has a parameter of that name."""
# The file first, so that its folders may have a colon; a Windows drive has one.
_REFERENCE = re.compile(r"(.+?\.py|[^:]+):([^:=/\\]+)(?::(.*))?", re.DOTALL)


class Reference(NamedTuple):
    """How a command names a factory: `file.py:make:iterations=50`."""

    module: str
    """A file that ends in .py, or the dotted name of a module."""
    factory: str
    options: dict[str, Any]

    @property
    def name(self) -> str:
        """The reference with its options sorted, as a board shows it."""
        return format_name(f"{self.module}:{self.factory}", self.options)


class Built(NamedTuple):
    """A model of the user's, and what was found out about it as it was built."""

    model: Classifier
    features: Preprocessing
    seeded: bool
    """Whether the factory or a part of the model took the seed; True where the parts cannot be seen."""


def start_limit(time_limit_s: float | None) -> float:
    """Return the seconds that a model of the user's may take to be imported and built, before any clock runs."""
    return START_S if time_limit_s is None else min(START_S, time_limit_s + IMPORT_S)


def parse(name: str) -> Reference | None:
    """Return the reference to a factory that a model's name is; None for other names.

    Raises
    ------
    UsageError
        If its options are not of the form key=value, or name what every factory is given.
    """
    found = _REFERENCE.fullmatch(name)
    if found is None:
        return None
    module, factory, options = found.groups()
    if not ("." in module or "/" in module or factory.isidentifier()):
        return None
    reference = Reference(module, factory, {} if options is None else parse_options(options, name))
    for given in GIVEN:
        if given in reference.options:
            raise UsageError(
                f"{name!r}: the run gives {given} to a factory that has a parameter of that name"
            )
    return reference


def environment() -> dict[str, str]:
    """Return what lets a child, which is in a folder of its own, find models as this process does."""
    try:
        return {FOLDER_VARIABLE: str(Path.cwd())}
    except FileNotFoundError:  # it was removed
        return {}


def _here() -> Path:
    return Path(os.environ.get(FOLDER_VARIABLE) or Path.cwd())


def is_factory(model: ModelRef) -> bool:
    """Tell whether a model is the user's own, a reference to a factory or an object, rather than a registry name."""
    return isinstance(model, LiveModel) or parse(model) is not None


def factory_spec(model: ModelRef) -> ModelSpec:
    """Return a registry entry for a model of the user's, without importing or unpickling it."""

    def make(task: Task, context: Context, **params: Any) -> Classifier:
        return build(model, task, context, params).model

    if isinstance(model, LiveModel):
        name, params = f"{model.name}:{model.version}", {}
    else:
        reference = _reference(model)
        name, params = reference.name, reference.options
    return ModelSpec(name=name, family="custom", summary="a model of the user", build=make, params=params)


def _reference(model: str) -> Reference:
    if (found := parse(model)) is None:
        raise UnknownName("factory", model, ())
    return found


def source_digest(ref: str) -> str:
    """Return the sha256 of the source file behind `ref`, or of its text if there is no file to read."""
    module, factory, _ = _reference(ref)
    try:
        path = module if module.endswith(".py") else _origin(module)
        return digest(Path(path).read_bytes().hex())
    except (ImportError, OSError, ValueError):
        return digest(f"{module}:{factory}")


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
    """Undo afterwards what a model of the user's does to a process that others share: its path and its modules.

    The next one then imports its own helpers, though they may have the same names.
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
    file = "" if isinstance(model, LiveModel) else _reference(model).module
    return str((_here() / file).resolve().parent if file.endswith(".py") else _here())


def _load(model: ModelRef) -> Callable[..., Any]:
    # For good, as in `python file.py`: the factory, or a fit, may import something later.
    folder = _folder(model)
    sys.path[:] = [folder, *(entry for entry in sys.path if entry != folder)]
    if isinstance(model, LiveModel):
        given = pickle.loads(model.pickled)
        return (lambda: given) if is_classifier(given) else given
    module_name, attribute, _ = _reference(model)
    if module_name.endswith(".py"):
        path = (_here() / module_name).resolve()
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


def build(model: ModelRef, task: Task, context: Context, params: Mapping[str, Any]) -> Built:
    """Import or unpickle a model of the user's, and return it with its features in front.

    Raises
    ------
    UsageError
        If there is no such factory, it does not take the parameters, or what it returns is no classifier.
    """
    factory = _load(model)
    named = _named(factory, model, params)

    def report(step: int, values: Mapping[str, float]) -> bool:
        # A function: when scikit-learn copies an estimator, the copies keep this very one.
        return context.report(step, values)

    offered = {"task": task, "seed": context.seed, "threads": context.threads, "report": report}
    made = factory(**{name: offered[name] for name in GIVEN if name in named}, **params)
    for method in ("fit", "predict_proba"):
        if not callable(getattr(made, method, None)):
            raise UsageError(f"returned {type(made).__name__}, which has no {method}")
    seeded = own.set_seed_and_threads(made, context) or "seed" in named
    features = own.features_of(factory, made)
    return Built(own.prepared(features, made, task, context.seed), features, seeded)


def _named(factory: Callable[..., Any], model: ModelRef, params: Mapping[str, Any]) -> Iterable[str]:
    """Return the names of a factory's parameters; refuse it if it does not take those given, or needs others."""
    named = inspect.signature(factory).parameters
    kinds = {parameter.kind for parameter in named.values()}
    name = getattr(factory, "__name__", type(factory).__name__)
    if inspect.Parameter.VAR_KEYWORD not in kinds:
        known = [known for known, found in named.items() if found.kind in _BY_NAME and known not in GIVEN]
        for unknown in params.keys() - set(known):
            raise UnknownName(f"parameter of {name}", unknown, known)
    for needed, found in named.items():
        if found.kind in _BY_NAME and found.default is found.empty and needed not in {*params, *GIVEN}:
            how = f"functools.partial({name}, {needed}=...)"
            if isinstance(model, str):
                how = f"{model}{',' if params else ':'}{needed}=VALUE"
            raise UsageError(f"{name} needs a value for {needed}: {how}")
    return named
