"""Define a data set: one decorated function becomes one catalogue entry."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from suite.datasets.table import Table
from suite.errors import UsageError
from suite.names import digest
from suite.schema import DatasetSpec

if TYPE_CHECKING:
    from pathlib import Path


def dataset(*, version: int = 1, protocol: str = "cv5") -> Callable[[Callable[..., Any]], DatasetSpec]:
    """Turn a function into a catalogue entry.

    The function's name is the data set's name, the first line of its docstring the summary, and its keyword
    parameters with their defaults the options that the name takes. A parameter `data_dir` is not an option: it
    receives the folder that `--data-dir` names, or None. The function returns a `Table`, or a pair
    `(X, labels)` whose labels may be a pandas Series carrying the target's name.

    The version is raised whenever the same options would give another table; the protocol is what a run without
    `--protocol` uses.
    """

    def define(function: Callable[..., Any]) -> DatasetSpec:
        name = function.__name__
        parameters = dict(inspect.signature(function).parameters)
        wants_data_dir = parameters.pop("data_dir", None) is not None
        options = {key: parameter.default for key, parameter in parameters.items()}
        if inspect.Parameter.empty in options.values():
            raise TypeError(f"every parameter of {name} needs a default: it is an option of the data set")

        def load(*, data_dir: Path | None = None, **given: Any) -> Table:
            checked = {key: _checked(f"{name}:{key}", value, options[key]) for key, value in given.items()}
            if wants_data_dir:
                checked["data_dir"] = data_dir
            table = _as_table(function(**checked))
            if table.fingerprint:
                return table
            return replace(table, fingerprint=digest(name, version, table.target, _content_hash(table)))

        return DatasetSpec(
            name=name,
            version=version,
            summary=(inspect.getdoc(function) or name).splitlines()[0].rstrip("."),
            load=load,
            protocol=protocol,
            options=MappingProxyType(options),
        )

    return define


def _checked(name: str, value: Any, default: Any) -> Any:
    kind = type(default)
    if default is None or type(value) is kind:
        return value
    if kind is int and type(value) is float and value.is_integer():
        return int(value)
    if kind is float and type(value) is int:
        return float(value)
    nouns = {int: "a whole number", float: "a number", bool: "True or False", str: "text"}
    raise UsageError(f"{name} takes {nouns.get(kind, kind.__name__)}, not {value!r}")


def _as_table(result: Any) -> Table:
    import pandas as pd

    if isinstance(result, Table):
        return result
    X, labels = result
    target = str(getattr(labels, "name", None) or "target")
    return Table(frame=pd.DataFrame(X), labels=labels, target=target)


def _content_hash(table: Table) -> str:
    import pandas as pd

    sha = hashlib.sha256()
    frame = table.frame
    columns = [(str(name), frame.iloc[:, position]) for position, name in enumerate(frame.columns)]
    for name, values in [*columns, (table.target, pd.Series(table.labels))]:
        if values.dtype.kind in "biuf" and isinstance(values.dtype, type(values.to_numpy().dtype)):
            content = values.to_numpy()
            head: list[object] = [name, content.dtype.str]
        else:
            content, levels = pd.factorize(values)
            head = [name, "levels", [str(level) for level in levels]]
        sha.update(json.dumps(head).encode())
        sha.update(content.astype(content.dtype.newbyteorder("<")).tobytes())
    return sha.hexdigest()
