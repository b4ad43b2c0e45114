"""Export a model: find its record, fit it again, compare, fit it on all rows, and write the folder."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.analysis import origin
from suite.errors import ExportError, RecordError, UsageError
from suite.exports.request import Found, Request, check_exportable, find, split_of, table_of
from suite.models import catalogue
from suite.names import slug
from suite.protocol import PROTOCOL_SEED
from suite.provenance import package_version, snapshot, usable_memory_mb
from suite.schema import Cell, Dataset, Predictions, Record, Split, Work
from suite.store import Store
from suite.version import __version__

if TYPE_CHECKING:
    from suite.exports.child import Answer, Children

TOLERANCE = 1e-6
"""How far a probability of the refit may be from the stored one."""
CHECKED_ROWS = 1000
"""Rows on which the model that is exported is compared with itself as it is read again."""
Say = Callable[[str], None]


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
    found = find(store, asked)
    name, record = found.row.model, found.record
    check_exportable(name, record)
    target = asked.out or Path(_folder_name(record))
    from suite.exports.folder import check_replaceable, making

    check_replaceable(target)
    dataset = table_of(record, asked, name)
    split = split_of(dataset, record)
    try:
        predictions = store.predictions(record)
    except RecordError as error:
        raise UsageError(f"nothing to compare {name} with: {error}") from error
    with making(target) as folder:
        made = _make(folder, asked, found, dataset, split, predictions, say)
    return replace(made, folder=target)


def _make(
    folder: Path,
    asked: Request,
    found: Found,
    dataset: Dataset,
    split: Split,
    predictions: Predictions,
    say: Say,
) -> Export:
    from suite.execution.slot import scratch_folder
    from suite.exports.child import Children
    from suite.supervision.verdict import Limits

    row, record = found.row, found.record
    n_threads = record.resources.threads or 1
    limits = Limits(time_s=asked.time_limit_s, memory_mb=_memory_mb(asked))
    with scratch_folder() as scratch, Children(scratch, n_threads, limits) as children:
        first = scratch / "first"
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


def _memory_mb(asked: Request) -> float | None:
    """Return what a fit may take: as asked, or 80 % of the machine's memory."""
    if asked.memory_limit_gb is not None:
        return 1000 * asked.memory_limit_gb
    usable = usable_memory_mb()
    return usable and 0.8 * usable


def _folder_name(record: Record) -> str:
    variant = "" if record.id.is_default else f"-{record.variant}"
    return f"{slug(record.dataset)}-{slug(record.model)}{variant}"


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
    found: Found,
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
        Exported(**about), found.board, found.row, record, found.board.findings, last.told["python"]
    )
    (folder / CARD).write_text(page, encoding="utf-8", errors="backslashreplace")
    seal(folder, about)
