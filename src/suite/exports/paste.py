"""The parameters of a fitted estimator as Python that one can paste."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Collection
from dataclasses import fields, is_dataclass
from types import FunctionType
from typing import Any

_SUITE = re.compile(r"suite\.(neural|models)\b")
_OF_THE_RUN = ("random_state", "random_seed", "n_jobs", "thread_count", "verbose", "verbosity")
_PUBLIC = {"suite.neural.classifier"}
"""Own modules whose classes one may use."""


def source(estimator: Any, always: Collection[str] = ()) -> str:
    """Return Python that makes an estimator as it was before the fit.

    It has all parameters that are not the default, and those in `always`. The class is the library's where suite's own
    derives from it. What is no plain value, such as rows that were held out, is left out; so are seed and threads.
    """
    kind = next(
        base
        for base in type(estimator).__mro__
        if base.__module__ in _PUBLIC or not base.__module__.startswith("suite.")
    )
    if kind is object:
        return ""
    imports = {(_home(kind), kind.__name__)}
    defaults = _defaults(kind)
    lines = []
    for name, value in sorted(_given(estimator).items()):
        if name in _OF_THE_RUN or value is None or (name not in defaults and not _takes_any(kind)):
            continue
        if name in defaults and name not in always and _same(defaults[name], value):
            continue
        written = _written(value, imports)
        if written is not None:
            lines.append(f"    {name}={written},")
    call = "\n".join([f"model = {kind.__name__}(", *lines, ")"]) if lines else f"model = {kind.__name__}()"
    return "\n".join([*(f"from {home} import {name}" for home, name in sorted(imports)), "", call])


def _given(estimator: Any) -> dict[str, Any]:
    return estimator.get_params(deep=False) if hasattr(estimator, "get_params") else {}


def _defaults(kind: type) -> dict[str, Any]:
    """Return the defaults of a class's parameters, those of its bases too where it takes any."""
    found: dict[str, Any] = {}
    for base in reversed(kind.__mro__):
        if base is not object and "__init__" in vars(base):
            parameters = inspect.signature(vars(base)["__init__"]).parameters.values()
            found |= {
                p.name: p.default for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
            }
    found.pop("self", None)
    return found


def _takes_any(kind: type) -> bool:
    return any(p.kind is p.VAR_KEYWORD for p in inspect.signature(kind).parameters.values())


def _same(default: Any, value: Any) -> bool:
    try:
        return type(default) is type(value) and bool(default == value)
    except (TypeError, ValueError):
        return False


def _written(value: Any, imports: set[tuple[str, str]]) -> str | None:
    """Return a value as Python, with what has to be imported for it; None if it is no plain value."""
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if isinstance(value, bool | int | float | str) or value is None:
        return repr(value)
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        return _written(value.item(), imports)
    if isinstance(value, list | tuple | range):
        parts = [_written(item, imports) for item in value]
        if None in parts:
            return None
        inner = ", ".join(part for part in parts if part)
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' if len(parts) == 1 else ''})"
    if is_dataclass(value) and not isinstance(value, type) and _SUITE.match(type(value).__module__):
        kind = type(value)
        imports.add((kind.__module__, kind.__name__))
        pairs = [(field.name, _written(getattr(value, field.name), imports)) for field in fields(value)]
        return f"{kind.__name__}({', '.join(f'{name}={text}' for name, text in pairs if text is not None)})"
    is_named = isinstance(value, FunctionType | type) and _SUITE.match(value.__module__)
    if is_named and value.__qualname__.isidentifier():
        imports.add((value.__module__, value.__qualname__))
        return value.__qualname__
    return None


def _home(kind: type) -> str:
    """Return the module that one imports a class from: the shortest that has it."""
    import sys

    parts = kind.__module__.split(".")
    for end in range(1, len(parts) + 1):
        module = ".".join(parts[:end])
        if getattr(sys.modules.get(module), kind.__name__, None) is kind and not parts[end - 1].startswith(
            "_"
        ):
            return module
    return kind.__module__
