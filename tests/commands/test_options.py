"""The options of `suite run`: made from the configuration, and back again."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suite.commands import run
from suite.config import DataConfig, RunConfig, described, to_arguments
from suite.options import options_of

WORD = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8)
SOME = {
    "int": st.integers(1, 100_000),
    "float": st.floats(0, 1e9, exclude_min=True, exclude_max=True),
    "bool": st.booleans(),
    "str": WORD,
    "Path": WORD.map(Path),
    "float | str": st.just("prior") | st.floats(0, 1, exclude_min=True, exclude_max=True),
    "tuple[str, ...]": st.lists(WORD, max_size=2).map(tuple),
}
EXECUTORS = st.sampled_from(["local", "inline", "dask", "dask:tcp://host:8786"])


def values(kind: type) -> st.SearchStrategy[dict[str, Any]]:
    """Draw a value for every option of a configuration; one of an unknown kind fails here."""

    def some(option: Any) -> st.SearchStrategy[Any]:
        if option.name == "executor":
            return EXECUTORS
        found = st.sampled_from(option.choices) if option.choices else SOME.get(option.kind, WORD)
        return st.none() | found if option.optional else found

    return st.fixed_dictionaries({name: some(option) for name, option in options_of(kind).items()})


def parsed(arguments: list[str]) -> RunConfig:
    """Return the configuration that a command line asks for."""
    asked = run.command.make_context("run", arguments).params
    return run.configured(
        **{name: asked[name] for name in asked.keys() - {"dry_run", "as_json", "verbose", "quiet"}}
    )


@given(
    models=st.lists(
        st.sampled_from(["dummy", "knn:n_neighbors=3", "mine.py:make", "-odd.py:make"]), min_size=1
    ),
    sources=st.lists(st.sampled_from(["digits", "a.csv", "b/c.csv#Sheet", "-d.csv"]), min_size=1),
    columns=values(DataConfig),
    rest=values(RunConfig),
)
@settings(max_examples=150, deadline=None)
def test_a_configuration_turns_into_arguments_and_back(
    models: list[str], sources: list[str], columns: dict[str, Any], rest: dict[str, Any]
) -> None:
    alone = "digits" in sources and len(set(sources)) > 1
    data = tuple(
        DataConfig(source=source, **{**columns, **({"target": None} if alone and source == "digits" else {})})
        for source in sources
    )
    config = RunConfig(models=tuple(models), data=data, **rest)
    assert parsed(to_arguments(config)) == config


def test_every_field_is_an_option_but_what_stands_first() -> None:
    for kind, first in ((RunConfig, {"models", "data"}), (DataConfig, {"source"})):
        assert set(kind.__dataclass_fields__) - set(options_of(kind)) == first


def test_what_is_default_needs_no_argument() -> None:
    config = RunConfig(models=("dummy",), data=(DataConfig(source="digits"),))
    assert to_arguments(config) == ["dummy", "--data", "digits"]
    assert parsed(["dummy"]) == config


def test_arguments_are_as_one_would_type_them() -> None:
    config = RunConfig(
        models=("dummy",),
        data=(
            DataConfig(source="a.csv", target="y", drop=("id", "zip")),
            DataConfig(source="digits", drop=["id", "zip"]),
        ),
        seeds=2,
        time_limit_s=30.0,
        fresh=True,
    )
    assert " ".join(to_arguments(config)) == (
        "dummy --data a.csv --data digits --target y --drop id --drop zip --seeds 2 --time-limit 30 --fresh"
    )


@pytest.mark.parametrize("kind", [RunConfig, DataConfig])
def test_help_and_docstring_say_the_same_of_an_option(kind: type) -> None:
    told = {" ".join(record.split()) for record in [described()]}.pop()
    by_flag = {param.opts[0]: param for param in run.command.params if isinstance(param, click.Option)}
    for name, option in options_of(kind).items():
        assert by_flag[option.flag].help == option.help
        assert name == by_flag[option.flag].name
        assert option.name == "target" or re.search(rf"\b{name} : [\w ,]+, default=", told)
        assert option.name == "target" or option.help in told


@pytest.mark.parametrize("width", [80, 120])
def test_help_is_readable(width: int) -> None:
    with click.Context(run.command, info_name="suite run", terminal_width=width) as context:
        lines = run.command.get_help(context).splitlines()
    assert max(map(len, lines)) <= width
    heads = [line for line in lines if line.endswith(":") and not line.startswith(" ")]
    assert heads == [
        "Models and data:",
        "Columns:",
        "Protocol:",
        "Search:",
        "Limits:",
        "Output:",
        "Examples:",
    ]
    (limit,) = (line.split() for line in lines if "--time-limit" in line)
    assert limit[:2] == ["--time-limit", "SECONDS"]
