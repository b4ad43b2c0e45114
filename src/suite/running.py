"""One run, from its configuration to its results: plan, place, keep, audit, and write the boards."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from suite import auditing
from suite.config import RunConfig
from suite.errors import NothingRan, SuiteError
from suite.events import Event, Finished, Planned, Progress, Started, Waiting, Watch
from suite.models import catalogue
from suite.names import slug
from suite.planning.budget import decide, recorded_threads
from suite.planning.plan import Plan, make_plan
from suite.provenance import usable_cores
from suite.records import state_of
from suite.results import Results
from suite.schema import Record
from suite.store import Store
from suite.writing import write_boards

if TYPE_CHECKING:
    from suite.execution.drive import Placer
    from suite.execution.local import Pool


def carry_out(config: RunConfig, watch: Watch) -> Results:
    """Plan a run, tell `watch` what it comes to, and do it; workers import meanwhile.

    Cells that are done are read, the others are run, and boards are written; the floor's cells too, of which nobody is
    told. Tables without an audit get one, see `auditing.audit_plan`. Where another run holds the output folder, it
    waits for that one. Interrupted, it writes the boards of what is done and passes the interruption on; its children
    are ended. A plan without a cell is `NothingRan`.
    """
    with _held(config, watch), started(config) as pool:
        plan = make_plan(config)
        cells = tuple(item.work.cell for item in plan.asked)
        keys = {cell.key for cell in cells}
        watch(
            Planned(
                cells=cells,
                expected={key: seconds for key, seconds in plan.expected.items() if key in keys},
                guessed={key: seconds for key, seconds in plan.guessed.items() if key in keys},
                budget=plan.budget,
                # How many workers an existing cluster has is not known here.
                at_once=None if config.executor.startswith("dask:") else plan.budget.workers,
                searching=plan.searching,
                searches=plan.searching_by_model,
                metric=config.metric,
            )
        )
        return _execute(config, plan, pool, _of(keys, watch))


def _of(keys: Collection[str], watch: Watch) -> Watch:
    """Return who watches the cells with these keys only."""

    def told(event: Event) -> bool | None:
        # Nobody has asked for the floor's. What comes of a search has no key before it.
        cell = event.cell if isinstance(event, Started | Progress | Finished) else None
        return None if cell and cell.is_planned and cell.key not in keys else watch(event)

    return told


def _held(config: RunConfig, watch: Watch) -> contextlib.AbstractContextManager[None]:
    """Hold the output folder, which one run at a time has; wait for the run that has it, and say so to `watch`.

    A plan that is made inside knows what that run has done.
    """
    from suite.execution.hold import holding

    def wait(reason: str) -> None:
        # What cannot be done is refused now, and not when the other run is over.
        make_plan(config)
        watch(Waiting(reason=reason))

    models, data = ", ".join(map(str, config.models)), ", ".join(str(table.source) for table in config.data)
    return holding(config.out, f"{models} on {data}", wait)


def _execute(config: RunConfig, plan: Plan, pool: Pool | None, watch: Watch) -> Results:
    """Do what is planned; workers that were started early are closed by whoever started them."""
    from suite import deriving
    from suite.execution.drive import Listed, drive
    from suite.execution.search import Joined, Searches

    if not plan.cells:
        raise NothingRan("the plan is empty: nothing to run")
    plan.store.check_writable()
    _keep_recipes(plan)
    todo = Listed(plan.todo)
    searches = Searches(plan.searches, plan.store, plan.budget, fresh=config.fresh, watch=watch)
    try:
        for item in plan.cells:
            if item.record:
                todo.told(item.record)
                watch(Finished(cell=item.work.cell, record=item.record, cached=True))
        if plan.todo or plan.searches:
            with _placer(config, plan, pool) as placer:
                drive(Joined(todo, searches), placer, plan.store, watch)
        for chosen in searches.found:
            if chosen.record:
                watch(Finished(cell=chosen.work.cell, record=chosen.record, cached=True))
            elif chosen.default and (kept := deriving.kept(chosen.work, chosen.default, plan.store)):
                searches.records[kept.key] = kept
                watch(Finished(cell=chosen.work.cell, record=kept))
        combined = deriving.combined(plan, {**todo.records, **searches.records}, watch)
        auditing.audit_plan(plan)
    except (KeyboardInterrupt, SuiteError) as error:
        # As it stands on disk: the interruption may have come between a record's writing and its news.
        stored = Store(plan.store.root)
        left = [item for item in plan.asked if item.record is None]
        missing = sum(stored.find(item.work.cell.key) == item.before for item in left)
        # What comes of searches is not known before them: it counts as missing if it was not told of.
        unsearched = plan.searching.chosen - len(searches.records) if plan.searching else 0
        # What is refused before its first cell, such as an address without a cluster, leaves the boards as they are.
        if missing < len(left) or (todo.records and isinstance(error, KeyboardInterrupt)):
            with contextlib.suppress(SuiteError):
                write_boards(plan.store, config, missing + unsearched, run=todo.records)
        raise
    records = [todo.records[item.work.cell.key] for item in plan.asked]
    records += [
        searches.records[key]
        for chosen in searches.found
        if (key := chosen.work.cell.key) in searches.records
    ]
    records += combined
    return Results.of(records + _published(plan), plan.store, config)


def _keep_recipes(plan: Plan) -> None:
    """Write how the columns of each table were read; of a table in memory nothing is written."""
    from suite.datasets.columns.recipe import ColumnRecipe

    for dataset in plan.datasets:
        if dataset.recipe and not dataset.live:
            state = state_of(dataset.fingerprint, dataset.target, [str(name) for name in dataset.X.columns])
            kept = ColumnRecipe.from_json(dataset.recipe).without_examples().to_json()
            plan.store.save_recipe(dataset.name, dataset.fingerprint, state, kept)


def _placer(config: RunConfig, plan: Plan, pool: Pool | None) -> contextlib.AbstractContextManager[Placer]:
    """Return what runs the cells."""
    budget = plan.budget
    kind, _, address = config.executor.partition(":")
    if kind == "inline":
        from suite.execution.inline import Inline

        return Inline(budget.threads, budget.time_s)
    seconds = {**plan.expected, **plan.guessed}
    if kind == "dask":
        from suite.execution.dask import Dask

        return Dask(address or None, budget, seconds)
    from suite.execution.local import Pool

    if pool and pool.budget != budget:
        pool.close()
        pool = None
    pool = pool or Pool(budget, [work.model for work in plan.todo], searches=bool(plan.searches))
    pool.seconds = seconds
    return pool


@contextlib.contextmanager
def started(config: RunConfig) -> Iterator[Pool | None]:
    """Start workers that import while the plan is made, if it is likely that there is something to do.

    Yields None where the number of threads depends on the plan.
    """
    if config.executor != "local" or not _is_new(config):
        yield None
        return
    # The plan may have more cells than models, never fewer: more models than cores settle it.
    n_models = len({catalogue.resolve(name).name for name in config.models})
    recorded = recorded_threads(Store(config.out))
    # Which records with another number the plan replaces is not known yet.
    is_settled = (
        config.threads in (None, recorded) if recorded else config.threads or n_models > usable_cores()
    )
    if not is_settled:
        yield None
        return
    from suite.execution.local import Pool

    with Pool(decide(config, n_models, recorded), config.models, searches=config.searches) as pool:
        yield pool


def _is_new(config: RunConfig) -> bool:
    """Say whether a model is asked for that the output folder does not know."""
    names = {catalogue.resolve(name).name for name in config.models}
    return config.fresh or not all(any(config.out.glob(f"records/*/*/*/{slug(name)}")) for name in names)


def _published(plan: Plan) -> list[Record]:
    """Store and return the published rows that belong beside the planned cells."""
    from suite.datasets.entries.reported import reported

    found = (reported(item.work.dataset, item.work.cell.protocol, item.work.split) for item in plan.cells)
    rows = {record.key: record for records in found for record in records}
    for record in rows.values():
        plan.store.save(record, None, None)
    return list(rows.values())
