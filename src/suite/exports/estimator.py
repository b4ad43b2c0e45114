"""A fitted model as files, and back, without pickle: each library's own format, skops for the rest.

A model is a pipeline of features and an estimator, or an estimator alone. Of which library the estimator is decides how
it is saved, so an entry of the registry has nothing to say of it; a transformer of suite's own stands in `OWN`.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from suite import threads
from suite.errors import ExportError, in_one_line, listed

PREPARATION, WHOLE = "preparation.skops", "model.skops"
OWN = frozenset(
    {
        "suite.dates.Calendar",
        "suite.encoders.HeldOutTargetEncoder",
        "suite.encoders.NativeEncoder",
        "suite.encoders.NormalQuantiles",
        "suite.encoders.Winsorizer",
        "suite.encoders.codes",
        "suite.encoders.from_zero",
        "suite.models._ebm.ThreadedEBM",
        "suite.models._hist_gb.StoppedHistGradientBoosting",
        "suite.models.dummy.PriorClassifier",
    }
)
"""Suite's own classes and functions that a saved model may hold."""
OTHERS = frozenset(
    {
        "functools.partial",
        "numpy.asarray",
        "numpy.dtype",
        "scipy._lib.array_api_compat.numpy._aliases.asarray",
        "scipy.interpolate._bsplines.BSpline",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.metrics._dist_metrics.EuclideanDistance64",
        "sklearn.model_selection._split.StratifiedKFold",
        "sklearn.neighbors._ball_tree.BallTree",
        "sklearn.neighbors._kd_tree.KDTree",
        "sklearn.tree._tree.Tree",
        "sklearn.utils.validation.check_array",
    }
)
"""Those of libraries, beside the public ones of scikit-learn, NumPy and SciPy that skops trusts by itself."""
_HELPERS = re.compile(r"suite\.models\._\w+")
_PLAIN = (str, int, float, bool, type(None))


class _Format(NamedTuple):
    """How estimators of a library are saved."""

    file: str
    write: Callable[[Any, Path], None]
    read: Callable[[Any, bytes, Mapping[str, Any]], Any]
    """Called with an estimator that is not fitted, the file, and what `save` returned."""


def save(model: Any, folder: Path) -> dict[str, Any]:
    """Write a fitted model to files in a folder; return what it takes beside them to read it, as plain JSON.

    Raises
    ------
    ExportError
        If it cannot be saved without pickle.
    """
    last, features = parts(model)
    library = _library(last)
    if library is None:
        _dump(_joined(features, last), folder / WHOLE)
        return {"library": "skops", "files": [WHOLE]}
    about: dict[str, Any] = {
        "library": library,
        "class": f"{type(last).__module__}:{type(last).__qualname__}",
    }
    if library == "keras":
        from suite.neural import saved

        about |= saved.save(last, folder)
    else:
        how = _FORMATS[library]
        how.write(last, folder / how.file)
        plain = {name: value for name, value in last.get_params(deep=False).items() if _is_plain(value)}
        about |= {"files": [how.file], "params": plain, "classes": [int(code) for code in last.classes_]}
    about["prepared"] = features is not None
    if features is not None:
        _dump(features, folder / PREPARATION)
        about["files"].append(PREPARATION)
    return about


def load(about: Mapping[str, Any], contents: Mapping[str, bytes], n_threads: int = 1) -> Any:
    """Return the model that `save` wrote, with `predict_proba` and `classes_`; `contents` are its files.

    Nothing is imported but suite, and the library that the model is of. What goes wrong is raised as it comes.
    """
    library = about["library"]
    if library == "skops":
        return _load(contents[WHOLE])
    features = _load(contents[PREPARATION]) if about["prepared"] else None
    if library == "keras":
        with _settings(n_threads):
            from suite.neural import saved

        networks = [contents[name] for name in about["files"] if name.endswith(".keras")]
        return _joined(features, saved.load(about, networks))
    how = _FORMATS[library]
    params = {**about["params"], **({"n_jobs": n_threads} if "n_jobs" in about["params"] else {})}
    estimator = _class(about["class"], library)(**params)
    return _joined(features, how.read(estimator, contents[how.file], about))


@contextlib.contextmanager
def _settings(n_threads: int) -> Iterator[None]:
    """Let Keras and TensorFlow, if they are imported inside the block, be set as for all fits."""
    before, wanted = dict(os.environ), threads.environment(n_threads)
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name in wanted:
            if name in before:
                os.environ[name] = before[name]
            else:
                os.environ.pop(name, None)


def _joined(features: Any, estimator: Any) -> Any:
    if features is None:
        return estimator
    from sklearn.pipeline import Pipeline

    return Pipeline([*features.steps, ("estimator", estimator)])


def parts(model: Any) -> tuple[Any, Any]:
    """Return the fitted estimator that predicts, and the pipeline before it; None if there is none.

    One of suite's own that only watches another one's fit, and has that in `model_`, stands for that.
    """
    last, features = (model[-1], model[:-1]) if hasattr(model, "named_steps") else (model, None)
    while type(last).__module__.startswith("suite.models.") and hasattr(last, "model_"):
        last = last.model_
    return last, features


def _library(estimator: Any) -> str | None:
    """Return the library whose format an estimator is saved in; None if it is left to skops."""
    homes = {base.__module__ for base in type(estimator).__mro__}
    if "suite.neural.classifier" in homes:
        return "keras"
    return next(
        (library for library in _FORMATS if library in {home.partition(".")[0] for home in homes}), None
    )


def _class(name: str, library: str) -> type:
    """Return the class of an estimator: the library's own, or one that suite derives from it."""
    module, _, called = name.partition(":")
    if not _HELPERS.fullmatch(module) and module.partition(".")[0] != library:
        raise ValueError(f"{name} is no estimator of suite or of {library}")
    found = getattr(importlib.import_module(module), called)
    base = importlib.import_module(library)
    if not (isinstance(found, type) and issubclass(found, getattr(base, _CLASSES[library]))):
        raise ValueError(f"{name} is no estimator of {library}")
    return found


def _is_plain(value: Any) -> bool:
    """Tell whether a parameter is kept: neither rows to hold out nor a listener serve who predicts."""
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return isinstance(value, _PLAIN)


def _dump(part: Any, path: Path) -> None:
    import skops.io

    kind = type(part).__name__
    try:
        raw = skops.io.dumps(part)
        strange = sorted({*skops.io.get_untrusted_types(data=raw)} - OWN - OTHERS)
    except Exception as error:
        reason = in_one_line(type(error).__name__, error)
        raise ExportError(f"a model that ends in {kind} cannot be saved without pickle: {reason}") from error
    if strange:
        raise ExportError(
            f"a {kind} that holds {listed(strange, 5)} is not saved: suite does not read those again"
        )
    path.write_bytes(raw)


def _load(raw: bytes) -> Any:
    import skops.io

    strange = sorted({*skops.io.get_untrusted_types(data=raw)} - OWN - OTHERS)
    if strange:
        raise ValueError(f"it holds {listed(strange, 5)}, which no model of suite has")
    return skops.io.loads(raw, trusted=sorted(OWN | OTHERS))


def _read_xgboost(estimator: Any, raw: bytes, about: Mapping[str, Any]) -> Any:
    estimator.load_model(bytearray(raw))
    return estimator


def _read_lightgbm(estimator: Any, raw: bytes, about: Mapping[str, Any]) -> Any:
    """Fill in what a fit leaves in the estimator: LightGBM's own files are of its boosters only."""
    import numpy as np
    from lightgbm import Booster
    from sklearn.preprocessing import LabelEncoder

    booster, classes = Booster(model_str=raw.decode()), np.asarray(about["classes"])
    estimator._le = LabelEncoder().fit(classes)
    estimator._classes, estimator._n_classes = classes, len(classes)
    estimator._objective = estimator.objective or ("multiclass" if len(classes) > 2 else "binary")
    estimator._Booster, estimator._best_iteration = booster, -1
    estimator._n_features = estimator._n_features_in = booster.num_feature()
    estimator.fitted_ = True
    return estimator


def _read_catboost(estimator: Any, raw: bytes, about: Mapping[str, Any]) -> Any:
    estimator.load_model(blob=raw)
    return estimator


_CLASSES = {"xgboost": "XGBClassifier", "lightgbm": "LGBMClassifier", "catboost": "CatBoostClassifier"}
_FORMATS = {
    "xgboost": _Format("model.ubj", lambda model, path: model.save_model(path), _read_xgboost),
    "lightgbm": _Format("model.txt", lambda model, path: model.booster_.save_model(path), _read_lightgbm),
    "catboost": _Format("model.cbm", lambda model, path: model.save_model(str(path)), _read_catboost),
}
