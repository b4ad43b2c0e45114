"""The registry of models, and the meaning of a model's name on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import suite.models
from suite.errors import UnknownName
from suite.models import plugin
from suite.names import format_name, parse_name
from suite.registry import Registry, collect
from suite.schema import LiveModel, ModelRef, ModelSpec

MODELS: Registry[ModelSpec] = Registry("model", collect(suite.models, ModelSpec))


class ModelChoice(NamedTuple):
    """A registry entry or a model of the user's, and how it takes part."""

    name: str
    """What tells it from others on a board: the entry's name with the parameters that were changed."""
    spec: ModelSpec
    params: dict[str, Any]
    version: str
    """The entry's version, or the digest of a factory's source or of a pickled object."""
    live: LiveModel | None = None


def resolve(name: ModelRef) -> ModelChoice:
    """Return what `name` stands for: `xgboost`, `xgboost:max_depth=4`, `module:factory`, `file.py:factory`, an object.

    Nothing of the user's is imported; see `probing.probe`.

    Raises
    ------
    UnknownName
        If there is no such model, or the model has no such parameter.
    """
    if isinstance(name, LiveModel):
        return ModelChoice(name.name, plugin.factory_spec(name), {}, name.version, name)
    if plugin.is_factory(name):
        return ModelChoice(name, plugin.factory_spec(name), {}, plugin.source_digest(name)[:12])
    parsed = parse_name(name)
    spec = MODELS[parsed.name if parsed.operand is None else name]
    options = _checked(spec, parsed.options)
    changed = {option: value for option, value in options.items() if value != spec.params[option]}
    return ModelChoice(format_name(spec.name, changed), spec, {**spec.params, **options}, str(spec.version))


def _checked(spec: ModelSpec, options: Mapping[str, Any]) -> Mapping[str, Any]:
    for option in options:
        if option not in spec.params:
            raise UnknownName(f"parameter of {spec.name}", option, spec.params)
    return options
