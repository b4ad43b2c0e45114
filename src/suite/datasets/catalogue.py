"""The catalogue: every named data set, and the one way from a name or a file to a `Dataset`."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from suite.config import DataConfig
from suite.datasets import entries
from suite.datasets.files.sources import SUFFIXES, path_of, split_part, stem
from suite.datasets.table import Table
from suite.errors import UnknownName, UsageError, listed
from suite.names import digest, format_name, parse_name
from suite.registry import Registry, collect
from suite.schema import Dataset, DatasetSpec, LiveTable

if TYPE_CHECKING:
    from suite.datasets.columns.recipe import Choices
    from suite.protocol import Protocol

DATASETS: Registry[DatasetSpec] = Registry("data set", collect(entries, DatasetSpec))


def load(config: DataConfig, protocol: Protocol | None = None, *, unused: bool = False) -> Dataset:
    """Load a data set of the catalogue, or a file.

    A catalogue name stands for the catalogue even where a file has the same name (`./digits` is the file). The column
    that the protocol names is put aside, and is a feature only if the configuration keeps or encodes it. With `unused`,
    columns that are left out are read as well, for an audit.

    Raises
    ------
    UnknownName
        If the source is neither a data set nor a file, or an option or column does not exist.
    UsageError
        If `target` is missing for a file, or given for a data set that has its own.
    DataError
        If the table cannot be read, or cannot be classified.
    """
    from suite.datasets.assemble import assemble

    is_live = isinstance(config.source, LiveTable)
    if config.no_header and (is_live or not is_file(str(config.source))):
        raise UsageError(f"--no-header is for files of text; {config.source} has names of columns")
    choices = choices_of(config, protocol)
    if isinstance(config.source, LiveTable):
        return replace(assemble(*_live(config.source), choices=choices, unused=unused), live=True)
    if is_file(config.source):
        dataset = assemble(*_file(config.source, config, choices), choices=choices, unused=unused)
        chosen = {**dataset.chosen, **({"no-header": ()} if config.no_header else {})}
        return replace(dataset, file=config.source, chosen=chosen)
    if config.source.startswith("openml:"):
        return assemble(*_openml(config.source, config.target), choices=choices, unused=unused)
    parsed = parse_name(config.source)
    spec = DATASETS[parsed.name]
    if parsed.operand is not None:
        raise UsageError(f"{config.source!r} is not of the form name:key=value")
    for option in parsed.options:
        if option not in spec.options:
            raise UnknownName(f"option of {spec.name}", option, spec.options)
    table = spec.load(data_dir=config.data_dir, **parsed.options)
    if config.target not in (None, table.target):
        raise UsageError(f"the target of {spec.name} is {table.target!r}; --target is for files")
    changed = {key: value for key, value in parsed.options.items() if value != spec.options[key]}
    return assemble(table, spec, name=format_name(spec.name, changed), choices=choices, unused=unused)


def choices_of(config: DataConfig, protocol: Protocol | None = None) -> Choices:
    """Return what a configuration and a protocol say of columns.

    Raises `UsageError` if a way to read is not of the form COLUMN=HOW.
    """
    from suite.datasets.columns.recipe import Choices

    read = {}
    for text in config.read:
        # A column's name may have an equals sign, and a date's format too.
        name, equals, way = text.partition("=date:") if "=date:" in text else text.rpartition("=")
        if not equals or not name or not way:
            raise UsageError(f"--read takes COLUMN=HOW, such as price=number, not {text!r}")
        read[name] = f"date:{way}" if equals == "=date:" else way
    return Choices(
        drop=config.drop,
        keep=config.keep,
        encode=config.encode,
        read=read,
        missing=config.missing,
        decimal=config.decimal,
        aside=protocol.aside if protocol else {},
    )


def is_file(source: str) -> bool:
    """Return whether a source stands for a file rather than for a name of the catalogue.

    Raises `UsageError` if it is empty, or the address of a file elsewhere.
    """
    if not source.strip():
        raise UsageError("the name of the data is empty; name a file or a data set")
    if "://" in source and source.partition("://")[0].isalnum():
        raise UsageError(
            f"{source} is an address, and suite downloads nothing: fetch the file yourself and name it"
        )
    name = source.partition(":")[0]
    if name in DATASETS or name == "openml":
        return False
    file = str(split_part(source)[0])
    looks_like_path = os.sep in source or "/" in source or file.lower().endswith(SUFFIXES)
    return looks_like_path or os.path.lexists(file)


def _live(live: LiveTable) -> tuple[Table, DatasetSpec]:
    table = Table(
        frame=live.frame,
        labels=live.labels,
        target=live.target,
        notes=live.notes,
        fingerprint=live.fingerprint,
    )
    return table, _spec(live.name, 1, "a table given in Python")


def _file(source: str, config: DataConfig, choices: Choices) -> tuple[Table, DatasetSpec]:
    from suite.datasets.files import tables

    path = path_of(source)
    written = {name for name, way in choices.read.items() if not way.startswith("number")}
    table = tables.read(
        path,
        config.target,
        no_header=config.no_header,
        decimal=config.decimal,
        as_text={*written, *choices.encode},
    )
    return table, _spec(stem(path), tables.READER_VERSION, f"the file {path.name}")


def _openml(source: str, target: str | None) -> tuple[Table, DatasetSpec]:
    from suite.datasets.files import openml

    found = openml.read_openml_table(openml.parse_id(source))
    names = [str(name) for name in found.frame.columns]
    target = target or found.target
    if target is None:
        raise UsageError(
            f"{source} names no target: it needs --target COLUMN; its columns are {listed(names)}"
        )
    if target not in names:
        raise UnknownName("column", target, names)
    table = Table(
        frame=found.frame.drop(columns=target),
        labels=found.frame[target],
        target=target,
        fingerprint=digest(source, found.content_sha256, target),
    )
    return table, _spec(source, 1, found.title)


def _spec(name: str, version: int, summary: str) -> DatasetSpec:
    """Return what the catalogue would say of a table that is not in it."""
    return DatasetSpec(name=name, version=version, summary=summary, load=load, protocol="holdout")
