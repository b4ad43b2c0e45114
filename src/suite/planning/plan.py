"""What a run comes to: its cells, what each may take, and which of them are done already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from suite.config import DataConfig, RunConfig
from suite.errors import NotChecked, UnknownName, UsageError
from suite.events import Searching
from suite.metrics import METRICS, check_asked
from suite.models import catalogue, plugin, probing
from suite.planning.budget import decide, memory_limit_mb, recorded_threads
from suite.planning.cells import cells_of
from suite.planning.expected import guess, measured
from suite.planning.searches import Asked, Search, check_models, check_tables, searches_of
from suite.protocol import Protocol
from suite.schema import Budget, Record
from suite.store import Store

if TYPE_CHECKING:
    from suite.models.catalogue import ModelChoice
    from suite.schema import Dataset, Work


FLOOR = "dummy"
"""Every run has this model too, so that no board is without what any model has to beat."""


@dataclass(frozen=True, kw_only=True)
class PlannedCell:
    """A cell of a plan: what is to be done, and the record if it is done already."""

    work: Work
    record: Record | None
    before: Record | None
    """The newest attempt as the plan was made, whether or not it makes the cell done."""
    asked: bool = True
    """False of the floor's, which are run for the boards alone: they are told nowhere else."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a configuration comes to."""

    cells: list[PlannedCell]
    budget: Budget
    """What every cell may take."""
    store: Store
    sources: Mapping[str, DataConfig]
    """What each data set was asked for by, by its name."""
    searches: tuple[Search, ...] = ()
    asked_for: Asked | None = None
    """What is asked of the searches."""

    @property
    def datasets(self) -> list[Dataset]:
        """The data sets, in the order of the plan."""
        return list({item.work.dataset.name: item.work.dataset for item in self.cells}.values())

    @property
    def asked(self) -> list[PlannedCell]:
        """The cells that were asked for."""
        return [item for item in self.cells if item.asked]

    @property
    def todo(self) -> list[Work]:
        """The cells that are not done."""
        return [item.work for item in self.cells if item.record is None]

    @property
    def searching(self) -> Searching | None:
        """What the searches come to; None without any."""
        if not self.searches or self.asked_for is None:
            return None
        found = self._coming_to(self.searches)
        ensembles = {(search.dataset.name, search.split.id) for search in self.searches}
        more = self.asked_for.ensemble * len(ensembles) * self.searches[0].n_seeds
        if self.asked_for.budget.seconds is not None:
            found = replace(found, seconds=found.seconds or 0.0, fits=None, trials=None)
        return replace(found, chosen=found.chosen + more)

    @property
    def searching_by_model(self) -> dict[tuple[str, str], Searching]:
        """What the searches of each data set and model come to."""
        kinds: dict[tuple[str, str], list[Search]] = {}
        for search in self.searches:
            kinds.setdefault((search.dataset.name, search.choice.name), []).append(search)
        return {kind: self._coming_to(searches) for kind, searches in kinds.items()}

    def _coming_to(self, searches: Sequence[Search]) -> Searching:
        """Return what searches come to; those that end by themselves, though others go on for seconds, count fits."""
        assert self.asked_for
        seconds = self.asked_for.budget.seconds
        timed = [search for search in searches if search.is_sampled and seconds is not None]
        counted = [search for search in searches if not (search.is_sampled and seconds is not None)]
        return Searching(
            searches=len(searches),
            seconds=len(timed) * seconds if timed and seconds is not None else None,
            fits=sum(len(search.inner) * search.most_trials for search in counted) if counted else None,
            trials=sum(search.most_trials for search in counted) if counted else None,
            chosen=sum(len(search.variants) * search.n_seeds for search in searches),
        )

    @cached_property
    def expected(self) -> dict[str, float]:
        """Seconds that cells should take, by key, for those whose model was timed on their data before."""
        return measured(todo, self.store.records()) if (todo := self.todo) else {}

    @cached_property
    def guessed(self) -> dict[str, float]:
        """Seconds that the other cells may take, by key, roughly."""
        return {work.cell.key: guess(work) for work in self.todo if work.cell.key not in self.expected}


def make_plan(config: RunConfig) -> Plan:
    """Return every cell that `config` asks for, with its record if it is done; the output folder stays as it is.

    Beside them stand those of the floor. They take no part in what a cell may take.

    Raises
    ------
    UsageError, DataError
        If a model, data set, column, protocol or metric is not what it should be.
    NotChecked
        If the run is strict and there is something to check about a table first.
    """
    METRICS[config.metric]  # Before tables are read: raises UnknownName.
    protocol = Protocol.parse(config.protocol) if config.protocol is not None else None
    resolved = [catalogue.resolve(name) for name in config.models]
    chosen = list({choice.name: choice for choice in resolved}.values())
    if config.confusion not in (shown := ["best", "all", *(choice.name for choice in chosen)]):
        raise UnknownName("matrix to show", config.confusion, shown)
    asked = {choice.name for choice in chosen}
    searching = Asked.of(config)
    if searching and chosen:
        check_models(searching, chosen)
    floor = [catalogue.resolve(FLOOR)] if chosen and FLOOR not in asked else []
    chosen = [*(_probed(choice, config) for choice in chosen), *floor]
    from suite.datasets.catalogue import load
    from suite.datasets.column_store import lighten

    works: dict[str, Work] = {}
    named: dict[str, Dataset] = {}
    sources: dict[str, DataConfig] = {}
    searches: list[Search] = []
    for source in config.data:
        dataset = lighten(load(source, protocol))
        rule = protocol or Protocol.parse(dataset.protocol)
        splits = rule.splits(dataset)
        dataset = replace(dataset, notes=(*dataset.notes, *rule.remarks(dataset, splits)))
        _check_name(dataset, named.setdefault(dataset.name, dataset))
        sources.setdefault(dataset.name, source)
        found = cells_of(chosen, dataset, splits, config.seeds)
        works |= {work.cell.key: work for work in found}
        if searching:
            models = [choice for choice in chosen if choice.name in asked]
            searches += searches_of(models, dataset, splits, config.seeds, searching)
    classes = {name: dataset.classes for name, dataset in named.items()}
    check_asked(classes, config.metric, config.positive, config.threshold)
    if searching:
        check_tables(searching, classes)
    unchecked = {name: dataset.findings for name, dataset in named.items() if dataset.findings}
    if config.strict and unchecked:
        raise NotChecked(unchecked)
    store = Store(config.out)
    recorded = recorded_threads(store, works.values(), fresh=config.fresh)
    limits = decide(config, sum(work.cell.model in asked for work in works.values()), recorded)
    planned = [_planned(work, store, limits, config.fresh) for work in works.values()]
    return Plan(
        cells=[replace(item, asked=item.work.cell.model in asked) for item in planned],
        budget=limits,
        store=store,
        sources=sources,
        searches=tuple(searches),
        asked_for=searching,
    )


def _probed(choice: ModelChoice, config: RunConfig) -> ModelChoice:
    """Return a model as it is, one of the user's with what a look at it found."""
    if not choice.spec.is_custom:
        return choice
    model = choice.live or choice.name
    found = probing.probe(model, plugin.start_limit(config.time_limit_s), memory_limit_mb(config))
    return choice._replace(spec=replace(choice.spec, requires=found.packages, seeded=found.moves_with_seed))


def _check_name(dataset: Dataset, other: Dataset) -> None:
    """Refuse two tables of one name: they would be taken for two states of one."""
    if dataset.fingerprint != other.fingerprint:
        raise UsageError(
            f"{other.file or other.name} and {dataset.file or dataset.name} are both named {dataset.name!r}: "
            "rename one, or run each into a folder of its own with --out"
        )


def _planned(work: Work, store: Store, limits: Budget, fresh: bool) -> PlannedCell:
    before = store.find(work.cell.key)
    done = before and not fresh and store.is_done(before, limits.time_s, limits.memory_mb)
    return PlannedCell(work=work, before=before, record=before if done else None)
