"""`suite.run`: wires the two wings together."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite import provenance
from suite.config import DataConfig, RunConfig
from suite.errors import NothingRan, UnknownName
from suite.execution.budget import Budget, decide, recorded_threads
from suite.metrics import METRICS
from suite.models import catalogue, live, plugin
from suite.names import slug
from suite.results import Results, write_boards
from suite.schema import Event, Record
from suite.store import Store

if TYPE_CHECKING:
    from suite.execution.keeper import Keeper
    from suite.execution.local import Pool
    from suite.schema import Dataset, Split, Work

Watch = Callable[[Event], None]


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A cell of a plan: what is to be done, and the record if it is done already."""

    work: Work
    record: Record | None
    before: Record | None
    """The newest attempt as the plan was made, whether or not it makes the cell done."""


def run(
    models: Any,
    data: str | Path | Sequence[str] = "digits",
    target: str | None = None,
    *,
    watch: Watch | None = None,
    **options: Any,
) -> Results:
    """Compare models on data sets and keep the records.

    Parameters
    ----------
    models : str, object, dict, or list of these
        Names as on the command line (``"xgboost:n_estimators=500"``, ``"module:factory"``), and objects: a classifier
        with `fit` and `predict_proba`, or a function that returns one and takes those of `task`, `seed` and `threads`
        that it names. An object is named by its class or function, in a dict by its key; an attribute ``features``
        ("scaled", "native" or "raw") says what its X is to be. Classifiers of scikit-learn's are cloned, so yours stays
        unfitted; seed and `n_jobs` are set where it has them. Every cell starts from a fresh copy, which travels to a
        process of its own as bytes and is never written to disk (the inline executor unpickles it here). A cell is done
        if the same bytes were run before: with them travels the code of the object's own module unless that is
        installed, but no module that it imports. Where another process pickles the object in another way, as Python
        may order a set of strings, its cells simply run again.
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

    Examples
    --------
    >>> suite.run(["hist_gb", LogisticRegression(C=10)], "digits")  # doctest: +SKIP
    >>> suite.run({"weak": LogisticRegression(C=0.01), "mine": make}, "digits")  # doctest: +SKIP
    """
    sources = [data] if isinstance(data, str | Path) else list(data)
    columns = {name: options.pop(name) for name in ("data_dir", "drop", "keep", "encode") if name in options}
    config = RunConfig(
        models=live.gather(models, registered=catalogue.MODELS),
        data=tuple(DataConfig(source=str(source), target=target, **columns) for source in sources),
        **({**options, "out": Path(options["out"])} if "out" in options else options),
    )
    return execute(config, watch)


def execute(
    config: RunConfig,
    watch: Watch | None = None,
    planned: list[Planned] | None = None,
    pool: Pool | None = None,
) -> Results:
    """Do what `config` asks: cells that are done are read, the others are run, boards are written.

    Interrupted, it ends its children, writes the boards of what is done, and passes the interruption on.

    Parameters
    ----------
    config : RunConfig
        What to do.
    watch : callable, optional
        Called with every `Event`.
    planned : list of Planned, optional
        What `plan` returned for this configuration.
    pool : Pool, optional
        Workers that were started early, see `started`; closed by whoever started them.

    Raises
    ------
    NothingRan
        If the plan has no cell.
    """
    from suite.execution.keeper import Keeper

    planned = plan(config) if planned is None else planned
    if not planned:
        raise NothingRan("the plan has no cell: nothing to run")
    todo = [item.work for item in planned if item.record is None]
    before = {item.work.cell.key: item.before for item in planned}
    with Keeper(Store(config.out), watch, before) as keeper:
        for item in planned:
            if item.record:
                keeper.found(item.work.cell, item.record)
        try:
            if todo:
                _fit(config, [item.work for item in planned], todo, keeper, pool)
        except KeyboardInterrupt:
            missing = sum(work.cell.key not in keeper.records for work in todo)
            if keeper.records:
                write_boards(keeper.store, config.metric, missing)
            raise
    records = [keeper.records[item.work.cell.key] for item in planned]
    results = Results(records + _published(planned, keeper.store), keeper.store, config.metric)
    results.report()
    return results


def _fit(config: RunConfig, works: list[Work], todo: list[Work], keeper: Keeper, pool: Pool | None) -> None:
    limits = budget(config, [work.cell.key for work in works], keeper.store)
    if config.executor == "inline":
        from suite.execution import inline

        inline.execute(
            todo, n_threads=limits.threads, time_limit_s=limits.time_s, emit=keeper, claim=keeper.claim
        )
        return
    times = expected(todo, keeper.store)
    if config.executor.startswith("dask"):
        from suite.execution import dask

        address = config.executor.partition(":")[2] or None
        dask.execute(
            todo,
            address=address,
            budget=limits,
            emit=keeper,
            claim=keeper.claim,
            expected=times,
            beat=keeper.claims.beat,
        )
        return
    from suite.execution.local import Pool

    with contextlib.ExitStack() as stack:
        if pool is None or pool.budget != limits:
            pool = stack.enter_context(Pool(limits, [work.model for work in todo]))
        pool.execute(
            todo,
            emit=keeper,
            claim=keeper.claim,
            expected=times,
            beat=keeper.claims.beat,
        )


@contextlib.contextmanager
def started(config: RunConfig) -> Iterator[Pool | None]:
    """Start workers that import while the plan is made, if it is likely that there is something to do.

    Yields None where the number of threads depends on the plan.
    """
    if config.executor != "local" or not _is_new(config):
        yield None
        return
    store = Store(config.out)
    at_least = [f"{cell}" for cell in range(len(set(config.models)) * len(config.data) * config.seeds)]
    known = config.threads or len(at_least) > provenance.usable_cores() or recorded_threads(store)
    if not known:
        yield None
        return
    from suite.execution.local import Pool

    with Pool(budget(config, at_least, store), config.models) as pool:
        yield pool


def _is_new(config: RunConfig) -> bool:
    """Say whether a model is asked for that the output folder does not know."""
    names = {catalogue.resolve(name).name for name in config.models}
    return config.fresh or not all(any(config.out.glob(f"records/*/*/*/{slug(name)}")) for name in names)


def plan(config: RunConfig) -> list[Planned]:
    """Return every cell that `config` asks for, with its record if it is done.

    Raises
    ------
    UsageError, DataError
        If a model, data set, column, protocol, metric or output folder is not what it should be.
    """
    METRICS[config.metric]
    resolved = [catalogue.resolve(name) for name in config.models]
    chosen = list({choice.name: choice for choice in resolved}.values())
    if config.confusion not in (shown := ["best", "all", *(choice.name for choice in chosen)]):
        raise UnknownName("matrix to show", config.confusion, shown)
    store = Store(config.out)
    store.check_writable()
    for choice in chosen:
        if plugin.is_factory(model := choice.live or choice.name):
            plugin.probe(model, plugin.start_limit(config.time_limit_s))
    from suite.datasets.catalogue import load
    from suite.execution.handover import lighten
    from suite.execution.plan import plan as plan_cells

    works = []
    for source in config.data:
        dataset = lighten(load(source))
        works += plan_cells(chosen, dataset, _splits(dataset, config.protocol), config.seeds)
    limits = budget(config, [work.cell.key for work in works], store)
    return [
        Planned(
            work=work,
            before=store.find(work.cell.key),
            record=None if config.fresh else store.done(work.cell.key, limits.time_s, limits.memory_mb),
        )
        for work in works
    ]


def budget(config: RunConfig, keys: Sequence[str], store: Store | None = None) -> Budget:
    """Return what every cell of a plan may take.

    Parameters
    ----------
    config : RunConfig
        What was asked for.
    keys : sequence of str
        Of all the plan's cells.
    store : Store, optional
        Of the output folder, if it was opened already.

    Raises
    ------
    UsageError
        If the output folder was made with another number of threads than `config` asks for.
    """
    recorded = recorded_threads(store or Store(config.out), keys if config.fresh else ())
    return decide(config, len(keys), recorded)


def expected(works: Sequence[Work], store: Store) -> dict[str, float]:
    """Return the seconds that cells should take, by key, for those whose model was timed on their data before."""
    from suite.execution.timings import measured

    return measured(works, store.records())


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
