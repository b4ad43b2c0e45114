"""What can stand on a command line: what a shell offers for an argument or an option. Nothing heavy is imported."""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

Offer = Iterable[str | tuple[str, str]]
"""Words, each alone or with what it means."""
MOST_RECORDS = 300
"""Records that are looked at for what a folder has boards of."""
MOST_BYTES = 2_000_000
_HOW = ("number", "number:", "date", "date:", "time", "category", "text", "drop")


def offers(kind: str) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem[str]]]:
    """Return what completes a parameter: the words of a kind that begin as what is there does."""

    def complete(ctx: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem[str]]:
        found = (item if isinstance(item, tuple) else (item, "") for item in _KINDS[kind](ctx, begun))
        said = {word: CompletionItem(word, help=told or None) for word, told in found}
        return [item for word, item in said.items() if word.startswith(begun)]

    return complete


def _models(ctx: click.Context, begun: str) -> Offer:
    from suite.models.catalogue import MODELS

    name, colon, rest = begun.partition(":")
    if not colon:
        yield "all", "every registered model"
        yield from ((name, spec.summary) for name, spec in MODELS.items())
        yield from _files(begun, (".py",))
    elif name in MODELS:
        before = rest.rpartition(",")[0]
        given = {part.partition("=")[0] for part in before.split(",")}
        start = f"{name}:{before}," if before else f"{name}:"
        yield from (f"{start}{key}=" for key in MODELS[name].params if key not in given)
    elif name.endswith(".py"):
        tree = ast.parse(Path(name).read_text(encoding="utf-8"))
        made = [one.name for one in tree.body if isinstance(one, ast.FunctionDef | ast.ClassDef)]
        yield from (f"{name}:{one}" for one in made if not one.startswith("_"))


def _data(ctx: click.Context, begun: str) -> Offer:
    from suite.datasets.catalogue import DATASETS

    yield from ((name, spec.summary) for name, spec in DATASETS.items())
    yield from _tables(ctx, begun)


def _tables(ctx: click.Context, begun: str) -> Offer:
    from suite.datasets.files.sources import SUFFIXES

    return _files(begun, SUFFIXES)


def _any_file(ctx: click.Context, begun: str) -> Offer:
    return _files(begun, ("",))


def _folders(ctx: click.Context, begun: str) -> Offer:
    return _files(begun, ())


def _files(begun: str, endings: tuple[str, ...]) -> Iterator[str]:
    """Yield the folders, and the files with one of some endings, that a path may go on with."""
    start = begun.rpartition("/")[2]
    lead = begun[: len(begun) - len(start)]
    try:
        entries = sorted(os.scandir(os.path.expanduser(lead) or "."), key=lambda entry: entry.name)  # noqa: PTH111
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith(".") and not start.startswith("."):
            continue
        if entry.is_dir():
            yield f"{lead}{entry.name}/"
        elif entry.name.lower().endswith(endings):
            yield f"{lead}{entry.name}"


def _columns(ctx: click.Context, begun: str = "") -> list[str]:
    """Return the columns of the files that stand on the line."""
    from suite.datasets.files import heading
    from suite.datasets.files.sources import split_part

    given = ctx.params.get("data") or ctx.params.get("source") or ctx.params.get("file") or ()
    paths = [split_part(source)[0] for source in ([given] if isinstance(given, str) else given)]
    no_header = bool(ctx.params.get("no_header"))
    return [name for path in paths if path.is_file() for name in heading.names(path, no_header=no_header)]


def _read(ctx: click.Context, begun: str) -> Offer:
    column, equals, _ = begun.partition("=")
    return [f"{column}={how}" for how in _HOW] if equals else [f"{name}=" for name in _columns(ctx)]


def _missing(ctx: click.Context, begun: str) -> Offer:
    return [f"{name}=" for name in _columns(ctx)]


def _metrics(ctx: click.Context, begun: str) -> Offer:
    from suite.metrics import METRICS

    return [(name, metric.label) for name, metric in METRICS.items()]


def _protocols(ctx: click.Context, begun: str) -> Offer:
    from suite.protocol import PROTOCOLS

    for form, told in PROTOCOLS.items():
        word = form.partition("[")[0].replace("K", "5").replace("R", "3").replace("COLUMN", "")
        found = _columns(ctx) if word.endswith(":") and begun.startswith(word) else []
        yield from (f"{word}{name}" for name in found)
        if not found:
            yield word, told


def _confused(ctx: click.Context, begun: str) -> Offer:
    named = ctx.params.get("models")
    return ["best", "all", *(named if named is not None else _of_boards(ctx, "model"))]


def _on_boards(field: str, *first: str) -> Callable[[click.Context, str], Offer]:
    return lambda ctx, begun: [*first, *_of_boards(ctx, field)]


def _of_boards(ctx: click.Context, field: str) -> list[str]:
    """Return the values that a field has in the records of the folder that the line is about."""
    params: Mapping[str, Any] = ctx.params
    root = Path(params.get("results") or params.get("new") or params.get("out") or "results")
    found = dict.fromkeys(str(record.get(field) or "") for record in _records(root))
    return [value for value in found if value]


def _records(root: Path) -> Iterator[dict[str, Any]]:
    """Yield a record of each model on each board, without a look at what else there is."""
    n_records = 0
    for protocol in sorted((root / "records").glob("*/*/")):
        split = next(iter(sorted(protocol.glob("*/"))), protocol)
        for model in sorted(split.glob("*/")):
            path = next(
                (path for path in sorted(model.glob("seed-*.json")) if path.name.count(".") == 1), None
            )
            n_records += 1
            if n_records > MOST_RECORDS:
                return
            if path and path.stat().st_size <= MOST_BYTES:
                yield from _read_record(path)


def _read_record(path: Path) -> Iterator[dict[str, Any]]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return
    if isinstance(found, dict) and isinstance(found.get("id"), dict):
        yield {**found, **found["id"]}


def _tolerances(ctx: click.Context, begun: str) -> Offer:
    from suite.analysis.tolerances import KEYS, STATUS, label_of

    return [(STATUS, "a model that lost its score"), *((f"{key}:", label_of(key)) for key in KEYS[1:])]


def _codes(ctx: click.Context, begun: str) -> Offer:
    from suite.schema.audits import CODES

    return list(CODES)


_KINDS: dict[str, Callable[[click.Context, str], Offer]] = {
    "models": _models,
    "data": _data,
    "table": _tables,
    "file": _any_file,
    "folder": _folders,
    "column": _columns,
    "read": _read,
    "missing": _missing,
    "metric": _metrics,
    "protocol": _protocols,
    "confusion": _confused,
    "tolerance": _tolerances,
    "code": _codes,
    "executor": lambda ctx, begun: [
        ("local", "worker processes on this machine"),
        ("inline", "in this very process, without isolation"),
        ("dask", "a cluster on this machine"),
        ("dask:", "the cluster at this address"),
    ],
    "budget": lambda ctx, begun: ["60s", "10m", "20trials"],
    "share": lambda ctx, begun: ["prior", "0.5"],
    "variant": lambda ctx, begun: ["default", "portfolio", "tuned"],
    "fetched": lambda ctx, begun: ["music_genre", "openml:"],
    "board dataset": _on_boards("dataset"),
    "board protocol": _on_boards("protocol"),
    "board target": _on_boards("target"),
    "board model": _on_boards("model", "best"),
    "board models": _on_boards("model", "best", "all"),
}
OF_OPTIONS = {
    **dict.fromkeys(("target", "drop", "keep", "encode"), "column"),
    **dict.fromkeys(("metric", "tune_for"), "metric"),
    **dict.fromkeys(("data_dir", "out"), "folder"),
    **{"read": "read", "missing": "missing", "protocol": "protocol", "tune": "budget"},
    **{"executor": "executor", "confusion": "confusion", "threshold": "share"},
}
"""What completes the options that are made from a configuration, by their names."""
