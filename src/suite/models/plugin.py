"""Models of other people: `package.module:factory` or `file.py:factory`, looked at in a child process first.

Run as ``python -m suite.models.plugin REF`` it loads the factory, calls it, and prints one JSON object:
``{"ok": true, "features": "scaled"}`` or ``{"ok": false, "message": ...}``.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import inspect
import io
import json
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from suite.errors import UsageError
from suite.names import digest
from suite.schema import Classifier, Context, Features, ModelSpec, Task

PROBE_TIMEOUT_S = 120.0


def is_factory(name: str) -> bool:
    """Tell whether a model's name is a reference to a factory rather than a registry name."""
    left, colon, right = name.partition(":")
    return bool(colon) and "=" not in right and ("." in left or "/" in left or right.isidentifier())


def factory_spec(ref: str) -> ModelSpec:
    """Return a registry entry for the factory `ref`, without importing it."""

    def build(task: Task, context: Context, **params: Any) -> Classifier:
        return _build(_load(ref), task, context, params)

    return ModelSpec(name=ref, family="custom", summary="a factory of the user", build=build)


def source_digest(ref: str) -> str:
    """Return the sha256 of the source file behind `ref`, or of its text if there is no file to read."""
    module, _, _ = ref.rpartition(":")
    path = Path(module)
    if not module.endswith(".py"):
        with _here_on_path():
            try:
                spec = importlib.util.find_spec(module)
            except (ImportError, ValueError):
                spec = None
        path = Path(spec.origin) if spec and spec.origin else path
    try:
        return digest(path.read_bytes().hex())
    except OSError:
        return digest(ref)


@cache
def probe(ref: str) -> None:
    """Check in a child process that `ref` imports and returns a classifier.

    Raises
    ------
    UsageError
        If it does not, with the child's reason.
    """
    command = [sys.executable, "-m", "suite.models.plugin", ref]
    try:
        child = subprocess.run(command, capture_output=True, text=True, timeout=PROBE_TIMEOUT_S, check=False)
        answer = json.loads(child.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        raise UsageError(f"factory {ref!r} did not return within {PROBE_TIMEOUT_S:g} s") from None
    except (ValueError, IndexError):
        raise UsageError(f"factory {ref!r} ended its process (exit code {child.returncode})") from None
    if not answer["ok"]:
        raise UsageError(f"factory {ref!r}: {answer['message']}")


@contextlib.contextmanager
def _here_on_path() -> Any:
    sys.path.insert(0, str(Path.cwd()))
    try:
        yield
    finally:
        sys.path.remove(str(Path.cwd()))


def _load(ref: str) -> Callable[..., Any]:
    module_name, _, attribute = ref.rpartition(":")
    if module_name.endswith(".py"):
        path = Path(module_name).resolve()
        if not path.is_file():
            raise UsageError(f"no such file: {module_name}")
        spec = importlib.util.spec_from_file_location(f"suite_plugin_{path.stem}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
    else:
        with _here_on_path():
            module = importlib.import_module(module_name)
    factory = getattr(module, attribute, None)
    if not callable(factory):
        raise UsageError(f"{module_name} has no callable {attribute!r}")
    return factory


def _build(factory: Callable[..., Any], task: Task, context: Context, params: dict[str, Any]) -> Classifier:
    from suite.features import native, scaled

    offered = {"task": task, "seed": context.seed, "threads": context.threads}
    named = inspect.signature(factory).parameters
    model = factory(**{name: offered[name] for name in offered if name in named}, **params)
    for method in ("fit", "predict_proba"):
        if not callable(getattr(model, method, None)):
            raise UsageError(f"returned {type(model).__name__}, which has no {method}")
    _set_seed_and_threads(model, context)
    features: Features = getattr(factory, "features", "scaled")
    if features == "raw":
        return model
    prepare = native(task, seed=context.seed) if features == "native" else scaled(task, seed=context.seed)
    if not hasattr(model, "__sklearn_tags__"):
        return Prepared(prepare, model)
    from sklearn.pipeline import make_pipeline

    return make_pipeline(prepare, model)


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


def _set_seed_and_threads(model: Any, context: Context) -> None:
    if not hasattr(model, "get_params"):
        return
    for name, value in model.get_params(deep=True).items():
        if value is None and name.split("__")[-1] == "random_state":
            model.set_params(**{name: context.seed})
        elif name.split("__")[-1] == "n_jobs":
            model.set_params(**{name: context.threads})


def _answer(ref: str) -> dict[str, Any]:
    import numpy as np

    task = Task(
        kinds=("numeric",), levels=(0,), n_train=8, n_features=1, n_classes=2, validation=np.array([6, 7])
    )
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            _build(_load(ref), task, Context(seed=0, threads=1), {})
    except UsageError as error:
        return {"ok": False, "message": str(error)}
    except Exception as error:
        return {"ok": False, "message": f"{type(error).__name__}: {error}".splitlines()[0][:300]}
    return {"ok": True}


if __name__ == "__main__":
    sys.stdout.write("\n" + json.dumps(_answer(sys.argv[1])) + "\n")
