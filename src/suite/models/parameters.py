"""Parameters of registry entries, checked before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from suite.errors import UnknownName, UsageError, cut
from suite.models import own, plugin
from suite.schema import Context, ModelSpec

_KINDS = {bool: "True or False", int: "a whole number", float: "a number", str: "text", list: "a list"}


def checked(spec: ModelSpec, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters as the entry takes them: a whole number such as 1e3 is an int where the default is one.

    Raises
    ------
    UnknownName
        If the entry has no such parameter.
    UsageError
        If it does not take the value, with what it takes.
    """
    found, settable = {}, spec.settable
    for name, given in options.items():
        value = given
        if name not in settable:
            raise UnknownName(f"parameter of {spec.name}", name, settable)
        default = settable[name]
        if type(default) is int and isinstance(value, float) and value.is_integer():
            value = int(value)
        if type(default) is float and type(value) is int:
            value = float(value)
        if expected := _expected(spec, name, value):
            shown = cut(repr(given))
            raise UsageError(
                f"{spec.name} does not take {name}={shown}: it must be {expected}; its default is {default!r}"
            )
        found[name] = value
    return found


def _expected(spec: ModelSpec, name: str, value: Any) -> str:
    """Return what a parameter must be, if a value is not; nothing if the value will do."""
    default, limit = spec.settable[name], spec.limits.get(name)
    kind = _KINDS.get(type(default), "")
    if isinstance(limit, tuple) and type(value) in {type(word) for word in limit}:
        if value not in limit:
            words = tuple(map(str, limit))
            raise UnknownName(f"{name} of {spec.name}", str(value), words, f" (its default is {default})")
        return ""
    of_its_kind = isinstance(value, int | float if isinstance(default, float) else type(default))
    if isinstance(value, bool) and not isinstance(default, bool):
        return kind
    if limit is None and spec.requires == ("scikit-learn",):
        return _by_scikit_learn(spec, name, value, kind)
    if limit is None or isinstance(limit, tuple):
        return "" if of_its_kind else kind
    return "" if of_its_kind and _lies_in(limit, value) else f"{kind} in {limit}"


def _by_scikit_learn(spec: ModelSpec, name: str, value: Any, kind: str) -> str:
    """Return what scikit-learn's estimator says that a parameter must be, if a value is not."""
    task = replace(plugin.probe_task(), n_train=10**9)  # so that no value is too large for the table
    try:
        model = spec.build(task, Context(seed=0, threads=1), **{**spec.params, name: value})
        own.validate(model)
    except (ValueError, TypeError) as error:
        _, found, must = str(error).partition(" must be ")
        # An infinite number is read as text: a record could not keep it.
        return must.rpartition(". Got ")[0].replace("inf]", "inf)") if found else kind
    return ""


def _lies_in(interval: str, value: float) -> bool:
    low, high = map(float, interval[1:-1].split(","))
    return (low < value or (low == value and interval[0] == "[")) and (
        value < high or (value == high and interval[-1] == "]")
    )
