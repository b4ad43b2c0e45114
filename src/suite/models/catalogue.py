"""The registry of models, and the meaning of a model's name on the command line."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import suite.models
from suite.errors import UsageError
from suite.models import parameters, plugin
from suite.names import format_name, parse_name
from suite.registry import Registry, collect
from suite.schema import LiveModel, ModelRef, ModelSpec

MODELS: Registry[ModelSpec] = Registry("model", collect(suite.models, ModelSpec))

_SHOWN = 10


class ModelChoice(NamedTuple):
    """A registry entry or a model of the user's, and how it takes part."""

    name: str
    """Its name on a board: with the parameters that were changed, or that a factory was given."""
    spec: ModelSpec
    params: dict[str, Any]
    version: str
    """The entry's version, or the digest of a factory's source or of a pickled object."""
    live: LiveModel | None = None


def resolve(name: ModelRef) -> ModelChoice:
    """Return what `name` stands for: `xgboost:max_depth=4`, `module:factory`, `file.py:factory:key=value`, an object.

    Parameters of registry entries are checked. No user's code is imported, see `probing.probe`, and no library but
    scikit-learn, which checks the parameters of its estimators.

    Raises
    ------
    UnknownName
        If there is no such model, or the model has no such parameter.
    UsageError
        If a file is named without a factory, a parameter has no value, or a value that the model does not take.
    """
    if isinstance(name, LiveModel):
        return ModelChoice(name.name, plugin.factory_spec(name), {}, name.version, name)
    left, _, right = name.partition(":")
    if left in MODELS and right in (settable := MODELS[left].settable):
        raise UsageError(f"{name!r} gives {right} no value; its default is {name}={settable[right]}")
    if plugin.is_factory(name):
        spec = plugin.factory_spec(name)
        return ModelChoice(spec.name, spec, dict(spec.params), plugin.source_digest(name)[:12])
    if left not in MODELS and (file := re.fullmatch(r"(.+\.py)(:|:[^:=]+=.*)?", name)):
        raise UsageError(_without_factory(file[1]))
    parsed = parse_name(name)
    spec = MODELS[parsed.name if parsed.operand is None else name]
    return configured(spec, parsed.options)


def configured(spec: ModelSpec, options: Mapping[str, Any]) -> ModelChoice:
    """Return a registry entry with some of its parameters set; of `ModelSpec.further` a cell has what is changed.

    Raises
    ------
    UnknownName, UsageError
        If the entry has no such parameter, or does not take the value.
    """
    settable = spec.settable
    options = parameters.checked(spec, options)
    changed = {option: value for option, value in options.items() if value != settable[option]}
    if changed.keys() & {*spec.draws}:
        spec = replace(spec, seeded=True)
    return ModelChoice(format_name(spec.name, changed), spec, {**spec.params, **changed}, str(spec.version))


def _without_factory(file: str) -> str:
    """Return the message for a file named without a factory; it is read, not imported."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the user's code: they are shown where that runs
            parsed = ast.parse(Path(file).read_bytes(), filename=file)
    except OSError as error:
        return f"cannot read {file}: {error.strerror}"
    except (SyntaxError, ValueError) as error:
        return f"cannot read {file} as Python: {error}"
    names = [part.name for part in parsed.body if isinstance(part, ast.FunctionDef | ast.ClassDef)]
    public = [f"{file}:{name}" for name in names if not name.startswith("_")]
    hint = f"did you mean {' or '.join(public[:_SHOWN])}?" if public else "it has none at its top level"
    return f"{file!r} names a file, but no function or class in it that makes the model; {hint}"
