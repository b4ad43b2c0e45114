"""What is exported: the board, the model's row and record on it, and the table and the split that these are of."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from suite.analysis import origin
from suite.analysis.board import Board, Row
from suite.analysis.entries import entries
from suite.analysis.ranking import boards
from suite.config import DataConfig, RunConfig, View
from suite.errors import ExportError, UnknownName, UsageError
from suite.models import catalogue
from suite.protocol import Protocol
from suite.records import board_of, current, state_of, table_state
from suite.schema import Dataset, LiveTable, Record, Split
from suite.store import Store

BEST = "best"


@dataclass(frozen=True, kw_only=True)
class Request:
    """Which model is exported, from where and to where; what is None is found out."""

    model: str = BEST
    variant: str | None = None
    dataset: str | None = None
    """These three choose the board."""
    target: str | None = None
    protocol: str | None = None
    metric: str = View.metric
    """What the best model is the best by."""
    table: str | LiveTable | None = None
    """Where the table is now."""
    data_dir: Path | None = None
    out: Path | None = None
    results: Path = RunConfig.out
    time_limit_s: float | None = RunConfig.time_limit_s
    memory_limit_gb: float | None = None


class Found(NamedTuple):
    """A model that stands on a board."""

    board: Board
    row: Row
    record: Record
    """Of several splits and seeds, of the first."""


def find(store: Store, asked: Request) -> Found:
    """Return the board, the row and the record that are asked for; of several splits and seeds, the first."""
    everything = store.records() if store.root.is_dir() else []
    shown = boards(everything, View(metric=asked.metric), store=store)
    if not shown:
        raise UsageError(f"no record in {store.root}: nothing to export; name the folder with --results")
    for field in ("dataset", "target", "protocol"):
        name, names = getattr(asked, field), [getattr(board, field) for board in shown]
        if name is not None and name not in names:
            raise UnknownName(
                f"board of a {field.replace('dataset', 'data set')}", name, dict.fromkeys(names)
            )
        shown = [board for board in shown if name in (None, getattr(board, field))]
    if len(shown) > 1:
        told = "; ".join(f"--data {b.dataset} --protocol {b.protocol} --target {b.target}" for b in shown[:5])
        raise UsageError(f"{store.root} holds {len(shown)} boards: say which with {told}")
    (board,) = shown
    known = sorted(current(everything), key=origin.age)
    mine = [r for r in known if r.is_run and board_of(r) == (board.dataset, board.protocol, board.target)]
    named = {entry.name: entry for entry in entries(mine) if entry.ok}
    rows = {row.model: row for row in board.rows if row.model in named}
    name = _named(
        asked, board, rows, {name for name, entry in named.items() if entry.sample.role == "derived"}
    )
    entry = named[name]
    return Found(board, rows[name], entry.records[min(entry.ok)])


def _named(asked: Request, board: Board, rows: Mapping[str, Row], derived: set[str]) -> str:
    """Return the model's name on the board."""
    if asked.model == BEST and BEST not in rows and asked.variant is None:
        best = next(
            (row.model for row in board.ranked if row.model not in derived and row.model in rows), None
        )
        if best is None:
            raise UsageError(f"no model has a score on {board.name}, {board.protocol}: nothing to export")
        return best
    name = asked.model
    if name not in rows:
        try:
            name = catalogue.resolve(name).name
        except UsageError:
            name = asked.model
    if asked.variant not in (None, "default"):
        name = f"{name} ({asked.variant})"
    if name not in rows:
        raise UnknownName("model with a score on this board", name, [BEST, *rows])
    if name in derived:
        raise UsageError(f"{name} is computed from the predictions of other models: export one of these")
    return name


def check_exportable(name: str, record: Record) -> None:
    """Refuse what cannot be fitted again as it was, or not be saved."""
    if record.is_custom:
        raise UsageError(f"{name} is a model of your own: only suite's own can be saved without pickle")
    if record.resources.cut_short_at_s is not None or record.resources.stopped_at_step is not None:
        why = "on request" if record.resources.cut_short_at_s is None else "by its time limit"
        raise ExportError(
            f"the training of {name} was ended {why}, so no other fit gives the same: run it again with more time "
            "(--time-limit)"
        )
    spec = catalogue.resolve(record.model).spec
    if record.model_version != str(spec.version):
        raise ExportError(
            f"{name} was run with version {record.model_version} of {spec.name}, and this is version {spec.version}: "
            "run it again"
        )


def table_of(record: Record, asked: Request, name: str) -> Dataset:
    """Read the table that a record is of, again."""
    from suite.datasets.catalogue import load
    from suite.datasets.files.sources import split_part

    if asked.table is None and record.features.live:
        raise UsageError(
            f"{name} was fitted on a table given in Python: give it again, suite.export({name!r}, table=...)"
        )
    source = asked.table or record.features.file or record.dataset
    has_target = bool(asked.table or record.features.file) or record.dataset.startswith("openml:")
    is_file = isinstance(source, str) and has_target and not source.startswith("openml:")
    if is_file and not os.path.lexists(split_part(str(source))[0]):
        raise UsageError(f"the table {str(source)!r} is not here; say where it is now with --table FILE")
    options: dict[str, Any] = dict(record.features.chosen)
    no_header = options.pop("no-header", None) is not None
    decimal = next(iter(options.pop("decimal", ())), None)
    columns = {choice: tuple(names) for choice, names in options.items()}
    config = DataConfig(
        source=replace(source, name=record.dataset) if isinstance(source, LiveTable) else source,
        target=record.target if has_target and not isinstance(source, LiveTable) else None,
        data_dir=asked.data_dir,
        no_header=no_header,
        decimal=decimal,
        **columns,
    )
    # A file may have been renamed: seeds are made of the name that its records have.
    dataset = replace(load(config, Protocol.parse(record.protocol)), name=record.dataset)
    state = state_of(dataset.fingerprint, dataset.target, [str(column) for column in dataset.X.columns])
    if state != table_state(record) or dataset.classes != record.classes:
        raise UsageError(
            f"{source} is not the table that {name} was fitted on (fingerprint {dataset.fingerprint[:12]}, and the "
            f"record has {record.fingerprint[:12]}): run it again, or say with --table where that table is"
        )
    return dataset


def split_of(dataset: Dataset, record: Record) -> Split:
    """Return the split that a record is of."""
    for split in Protocol.parse(record.protocol).splits(dataset):
        if (split.id, split.fingerprint) == (record.split, record.split_fingerprint):
            return split
    raise UsageError(
        f"{record.protocol} no longer gives the split {record.split} of the record: run it again"
    )
