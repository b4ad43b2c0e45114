"""`suite.run`: wires the two wings together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite import provenance
from suite.config import DataConfig, RunConfig
from suite.errors import NothingRan
from suite.metrics import METRICS
from suite.models import catalogue as models
from suite.models import plugin
from suite.results import Results
from suite.schema import Event, Record
from suite.store import Store

if TYPE_CHECKING:
    from suite.schema import Dataset, Split, Work

Watch = Callable[[Event], None]


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A cell of a plan: what is to be done, and the record if it is done already."""

    work: Work
    record: Record | None


def run(
    models: str | Iterable[str],
    data: str | Path | Sequence[str] = "digits",
    target: str | None = None,
    *,
    watch: Watch | None = None,
    **options: Any,
) -> Results:
    """Compare models on data sets and keep the records.

    Parameters
    ----------
    models : str or iterable of str
        Names as on the command line (``"xgboost:n_estimators=500"``, ``"module:factory"``).
    data : str, Path or sequence of them
        Catalogue names or files.
    target : str, optional
        The column to predict, for files.
    watch : callable, optional
        Called with every `Event`.
    **options
        Fields of `RunConfig`, such as ``protocol="cv5"``, ``seeds=3`` or ``out="results"``; and of
        `DataConfig`: ``data_dir``, ``drop``, ``keep``, ``encode``.

    Returns
    -------
    Results
        Its ``records`` hold failures too; nothing that a model does raises.

    Raises
    ------
    UsageError, DataError
        If what was asked for cannot be done as asked.
    """
    sources = [data] if isinstance(data, str | Path) else list(data)
    columns = {name: options.pop(name) for name in ("data_dir", "drop", "keep", "encode") if name in options}
    config = RunConfig(
        models=(models,) if isinstance(models, str) else tuple(models),
        data=tuple(DataConfig(source=str(source), target=target, **columns) for source in sources),
        **({**options, "out": Path(options["out"])} if "out" in options else options),
    )
    return execute(config, watch)


def execute(config: RunConfig, watch: Watch | None = None, planned: list[Planned] | None = None) -> Results:
    """Do what `config` asks: cells that are done are read, the others are run, boards are written.

    Raises
    ------
    NothingRan
        If the plan has no cell.
    """
    from suite.execution import inline
    from suite.execution.keeper import Keeper

    planned = plan(config) if planned is None else planned
    if not planned:
        raise NothingRan("the plan has no cell: nothing to run")
    keeper = Keeper(Store(config.out), watch)
    for item in planned:
        if item.record:
            keeper.found(item.work.cell, item.record)
    todo = [item.work for item in planned if item.record is None]
    inline.execute(todo, n_threads=budget(config), time_limit_s=config.time_limit_s, emit=keeper)
    records = [keeper.records[item.work.cell.key] for item in planned]
    results = Results(records + _published(planned, keeper.store), keeper.store, config.metric)
    results.report()
    return results


def plan(config: RunConfig) -> list[Planned]:
    """Return every cell that `config` asks for, with its record if it is done.

    Raises
    ------
    UsageError, DataError
        If a model, data set, column, protocol, metric or output folder is not what it should be.
    """
    METRICS[config.metric]
    resolved = [models.resolve(name) for name in config.models]
    chosen = list({choice.name: choice for choice in resolved}.values())
    store = Store(config.out)
    store.check_writable()
    for choice in chosen:
        if plugin.is_factory(choice.name):
            plugin.probe(choice.name)
    from suite.datasets.catalogue import load
    from suite.execution.plan import plan as plan_cells

    planned = []
    for source in config.data:
        dataset = load(source)
        splits = _splits(dataset, config.protocol)
        for work in plan_cells(chosen, dataset, splits, config.seeds):
            done = None if config.fresh else store.done(work.cell.key, config.time_limit_s)
            planned.append(Planned(work=work, record=done))
    return planned


def budget(config: RunConfig) -> int:
    """Return how many threads every cell of the run has."""
    return config.threads or provenance.usable_cores()


def _splits(dataset: Dataset, protocol: str | None) -> list[Split]:
    from suite.splits import make_splits

    return make_splits(dataset.y, protocol or dataset.protocol, own=dataset.protocol)


def _published(planned: list[Planned], store: Store) -> list[Record]:
    """Store and return the published rows that belong beside the planned cells."""
    from suite.datasets.reported import reported

    rows: dict[str, Record] = {}
    for work in (item.work for item in planned):
        for record in reported(work.dataset, work.cell.protocol, work.split):
            rows[record.key] = record
    for record in rows.values():
        store.save(record, None, None)
    return list(rows.values())
