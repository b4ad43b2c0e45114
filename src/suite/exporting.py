"""Export a model: find its record, fit it again, compare, fit it on all rows, and write the folder."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.analysis import origin
from suite.analysis.board import Board, Row
from suite.analysis.entries import entries
from suite.analysis.ranking import boards
from suite.config import DataConfig, RunConfig, View
from suite.errors import ExportError, RecordError, UnknownName, UsageError
from suite.models import catalogue
from suite.names import slug
from suite.protocol import PROTOCOL_SEED, Protocol
from suite.provenance import package_version, snapshot
from suite.records import board_of, current, state_of, table_state
from suite.schema import Cell, Dataset, LiveTable, Predictions, Record, Split, Work
from suite.store import Store
from suite.version import __version__

if TYPE_CHECKING:
    from suite.exports.child import Answer, Children

TOLERANCE = 1e-6
"""How far a probability of the refit may be from the stored one."""
CHECKED_ROWS = 1000
"""Rows on which the model that is exported is compared with itself as it is read again."""
BEST = "best"
Say = Callable[[str], None]


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


@dataclass(frozen=True, kw_only=True)
class Export:
    """A model that was exported."""

    folder: Path
    model: str
    """As on the board."""
    difference: float
    """The largest between its stored probabilities and those of the same fit, saved and read again."""
    n_compared: int
    """Test rows."""
    n_rows: int
    """What it was fitted on in the end."""
    python: str
    """What makes its estimator."""


def export(asked: Request, say: Say) -> Export:
    """Export a model of a board, and say on the way what is done.

    Raises
    ------
    UsageError, DataError
        If there is no such model, its table is not here, or the folder cannot be written.
    ExportError
        If the model cannot be saved without pickle, or does not give what its record says.
    """
    store = Store(asked.results)
    board, row, record = _found(store, asked)
    _check_exportable(row.model, record)
    target = asked.out or Path(_folder_name(record))
    from suite.exports.folder import check_replaceable, making

    check_replaceable(target)
    dataset = _table(record, asked, row.model)
    split = _split(dataset, record)
    try:
        predictions = store.predictions(record)
    except RecordError as error:
        raise UsageError(f"nothing to compare {row.model} with: {error}") from error
    with making(target) as folder:
        made = _make(folder, asked, store, _Found(board, row, record), dataset, split, predictions, say)
    return replace(made, folder=target)


@dataclass(frozen=True)
class _Found:
    board: Board
    row: Row
    record: Record


def _make(
    folder: Path,
    asked: Request,
    store: Store,
    found: _Found,
    dataset: Dataset,
    split: Split,
    predictions: Predictions,
    say: Say,
) -> Export:
    from suite.exports.child import Children
    from suite.supervision.verdict import Limits

    row, record = found.row, found.record
    n_threads = record.resources.threads or 1
    memory_mb = asked.memory_limit_gb and 1000 * asked.memory_limit_gb
    limits = Limits(time_s=asked.time_limit_s, memory_mb=memory_mb)
    with (
        tempfile.TemporaryDirectory(prefix="suite-export-") as scratch,
        Children(Path(scratch), n_threads, limits) as children,
    ):
        first = Path(scratch) / "first"
        first.mkdir()
        work = _work(record, dataset, split)
        say(f"fitting {row.model} on the {len(split.train):,} train rows of {split.id}, as its record says")
        fitted = children.fit(work, first)
        difference = _compare(record, predictions, fitted, children, work, first)
        whole = _whole(work, fitted.told["found"])
        say(f"fitting it on all {len(dataset.y):,} rows")
        last = children.fit(whole, folder)
        again = children.read(whole, folder, last.told["estimator"])
        if (off := float(abs(again.proba - last.proba).max(initial=0.0))) > TOLERANCE:
            raise ExportError(_not_saved(row.model, off))
    _write(folder, found, dataset, whole, last, difference, len(predictions.proba))
    return Export(
        folder=folder,
        model=row.model,
        difference=difference,
        n_compared=len(predictions.proba),
        n_rows=len(dataset.y),
        python=last.told["python"],
    )


def _found(store: Store, asked: Request) -> tuple[Board, Row, Record]:
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
    return board, rows[name], entry.records[min(entry.ok)]


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


def _check_exportable(name: str, record: Record) -> None:
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


def _folder_name(record: Record) -> str:
    variant = "" if record.id.is_default else f"-{record.variant}"
    return f"{slug(record.dataset)}-{slug(record.model)}{variant}"


def _table(record: Record, asked: Request, name: str) -> Dataset:
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


def _split(dataset: Dataset, record: Record) -> Split:
    for split in Protocol.parse(record.protocol).splits(dataset):
        if (split.id, split.fingerprint) == (record.split, record.split_fingerprint):
            return split
    raise UsageError(
        f"{record.protocol} no longer gives the split {record.split} of the record: run it again"
    )


def _work(record: Record, dataset: Dataset, split: Split) -> Work:
    cell = Cell(
        id=record.id,
        family=record.family,
        model_version=record.model_version,
        key=record.key,
        seeded=record.seeded,
        basis=record.basis,
    )
    return Work(cell=cell, dataset=dataset, split=split)


def _whole(work: Work, found: Mapping[str, Any]) -> Work:
    """Return the fit on all rows, with what the first fit has found out; some of the rows are predicted too."""
    import numpy as np

    rows = (
        np.random.RandomState(PROTOCOL_SEED).permutation(len(work.dataset.y)).astype(work.split.train.dtype)
    )
    split = replace(work.split, id="all", seed=PROTOCOL_SEED, train=rows, test=rows[:CHECKED_ROWS])
    identity = replace(work.cell.id, split="all", seed=0, params={**work.cell.params, **found})
    return replace(work, cell=replace(work.cell, id=identity), split=split)


def _compare(
    record: Record,
    predictions: Predictions,
    fitted: Answer,
    children: Children,
    work: Work,
    folder: Path,
) -> float:
    """Return the largest difference between stored probabilities and those of the refit, saved and read again."""
    name, stored = origin.name(record), predictions.proba
    if (off := float(abs(fitted.proba - stored).max(initial=0.0))) > TOLERANCE:
        raise ExportError(
            f"fitted again, {name} gives other probabilities than its record, by up to {off:.2g}: {_why(record)}"
        )
    again = children.read(work, folder, fitted.told["estimator"])
    if (off := float(abs(again.proba - fitted.proba).max(initial=0.0))) > TOLERANCE:
        raise ExportError(_not_saved(name, off))
    return float(abs(again.proba - stored).max(initial=0.0))


def _not_saved(name: str, off: float) -> str:
    return f"saved and read again, {name} gives other probabilities than before, by up to {off:.2g}: not exported"


def _why(record: Record) -> str:
    """Return in a clause what may have made a refit another model."""
    recorded = record.basis.packages if record.basis else {}
    here = snapshot()
    changed = [
        f"{name} was {version} and is {package_version(name)}"
        for name, version in recorded.items()
        if package_version(name) != version
    ]
    if record.provenance.suite not in (None, here.suite):
        changed.append(f"suite was {record.provenance.suite} and is {here.suite}")
    if changed:
        return "versions differ (" + ", ".join(changed) + "); run it again"
    if record.provenance.cpu != here.cpu:
        return f"it was run on another processor ({record.provenance.cpu}); run it again here"
    return "versions and processor are the same, so the model does not depend on its seed alone"


def _write(
    folder: Path,
    found: _Found,
    dataset: Dataset,
    whole: Work,
    last: Answer,
    difference: float,
    n_compared: int,
) -> None:
    """Write what stands beside the estimator's files: the recipe, the card, and what the folder holds."""
    from suite.datasets.column_store import plain_columns
    from suite.datasets.columns.recipe import ColumnRecipe
    from suite.exports import card as cards
    from suite.exports.folder import CARD, FORMAT, RECIPE, Exported, seal
    from suite.exports.news import columns_of

    record = found.record
    recipe = ColumnRecipe.from_json(dataset.recipe).without_examples().to_json()
    (folder / RECIPE).write_text(recipe, encoding="utf-8", errors="surrogatepass")
    packages = record.basis.packages if record.basis else {}
    present = sorted({int(code) for code in dataset.y})
    about: dict[str, Any] = {
        "format": FORMAT,
        "model": found.row.model,
        "entry": catalogue.resolve(record.model).spec.name,
        "model_version": record.model_version,
        "params": dict(whole.cell.params),
        "dataset": dataset.name,
        "fingerprint": dataset.fingerprint,
        "target": dataset.target,
        "protocol": record.protocol,
        "split": record.split,
        "split_fingerprint": record.split_fingerprint,
        "seed": record.seed,
        "record": record.key,
        "classes": dataset.classes,
        "present": tuple(present),
        "columns": columns_of(plain_columns(dataset.X), dataset.kinds),
        "no_header": "no-header" in dataset.chosen,
        "n_rows": len(dataset.y),
        "refit_seed": 0,
        "difference": difference,
        "n_compared": n_compared,
        "estimator": dict(last.told["estimator"]),
        "python": platform.python_version(),
        "packages": {name: version for name in packages if (version := package_version(name))},
        "suite": __version__,
    }
    page = cards.card(
        Exported(**about), found.board, found.row, record, _findings(found.board), last.told["python"]
    )
    (folder / CARD).write_text(page, encoding="utf-8", errors="backslashreplace")
    seal(folder, about)


def _findings(board: Board) -> Sequence[Any]:
    return board.findings
