"""The registry of models, and the meaning of a model's name on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import suite.models
from suite.errors import UnknownName
from suite.models import plugin
from suite.names import parse_name
from suite.registry import Registry, collect
from suite.schema import ModelSpec

MODELS: Registry[ModelSpec] = Registry("model", collect(suite.models, ModelSpec))


class ModelChoice(NamedTuple):
    """A registry entry or factory with the parameters it runs with, and the digest of its version."""

    spec: ModelSpec
    params: dict[str, Any]
    version: str


def resolve(name: str) -> ModelChoice:
    """Return what `name` stands for: `xgboost`, `xgboost:max_depth=4`, `module:factory`, `file.py:factory`.

    Nothing of the user's is imported; see `plugin.probe`.

    Raises
    ------
    UnknownName
        If there is no such model, or the model has no such parameter.
    """
    if plugin.is_factory(name):
        return ModelChoice(plugin.factory_spec(name), {}, plugin.source_digest(name)[:12])
    parsed = parse_name(name)
    spec = MODELS[parsed.name if parsed.operand is None else name]
    return ModelChoice(spec, {**spec.params, **_checked(spec, parsed.options)}, str(spec.version))


def _checked(spec: ModelSpec, options: Mapping[str, Any]) -> Mapping[str, Any]:
    for option in options:
        if option not in spec.params:
            raise UnknownName(f"parameter of {spec.name}", option, spec.params)
    return options
