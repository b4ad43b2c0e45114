"""`suite.run`: wires the two wings together, and the `Results` it returns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite import provenance
from suite.analysis.ranking import Board, boards
from suite.config import DataConfig, RunConfig
from suite.errors import NothingRan, UnknownName, UsageError
from suite.metrics import METRICS
from suite.models import catalogue as models
from suite.models import plugin
from suite.schema import Event, Finished, Predictions, Record
from suite.store import Store

if TYPE_CHECKING:
    import pandas as pd

    from suite.execution.handover import Outcome
    from suite.execution.plan import Work
    from suite.schema import Dataset, Split

Watch = Callable[[Event], None]


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A cell of a plan: what is to be done, and the record if it is done already."""

    work: Work
    record: Record | None


@dataclass(frozen=True)
class Results:
    """The records of one run, and what can be told from them.

    Attributes
    ----------
    records : list of Record
        One per cell asked for, in the order of the plan, published rows last.
    store : Store
        Where records and predictions are kept.
    metric : str
        What the leaderboard is sorted by.
    """

    records: list[Record]
    store: Store
    metric: str = "accuracy"
    boards: list[Board] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "boards", boards(self.records, self.metric))

    def leaderboard(self) -> pd.DataFrame:
        """Return one row a model and board: rank, model, family, the mean of every metric, timing."""
        import pandas as pd

        return pd.DataFrame(
            [
                {"dataset": board.dataset, "protocol": board.protocol, "rank": row.rank, "model": row.model}
                | {"family": row.family, "source": row.source, "cells": f"{row.n_ok}/{row.n_cells}"}
                | dict(row.scores)
                | dict(row.timing)
                for board in self.boards
                for row in board.rows
            ]
        )

    def per_class(self, board: int = 0) -> pd.DataFrame:
        """Return F1 of one board, classes x models."""
        import pandas as pd

        return pd.DataFrame(self.boards[board].per_class_f1).rename_axis("class")

    def confusion(self, model: str, board: int = 0) -> pd.DataFrame:
        """Return a model's confusion matrix on one board, summed over its cells; rows are true classes.

        Raises
        ------
        UnknownName
            If the board has no matrix of that model.
        """
        import pandas as pd

        chosen = self.boards[board]
        if model not in chosen.confusion:
            raise UnknownName("model on this board", model, chosen.confusion)
        names = pd.Index(chosen.classes)
        return pd.DataFrame(chosen.confusion[model], index=names, columns=names)

    def predictions(self, model: str) -> list[Predictions]:
        """Return a model's predictions, one per cell that it has them for, in the order of the plan."""
        return [self.store.predictions(r) for r in self.records if r.model == model and r.predictions_sha256]

    def report(self) -> list[Path]:
        """Write the boards of everything in the output folder; return the files written."""
        return write_boards(self.store, self.metric)

    @property
    def failed(self) -> list[Record]:
        """The records of this run that are not ok."""
        return [record for record in self.records if record.status != "ok"]


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
    from suite.scoring import to_record

    emit_event = watch or (lambda event: None)
    store = Store(config.out)
    planned = plan(config) if planned is None else planned
    if not planned:
        raise NothingRan("the plan has no cell: nothing to run")
    records: dict[str, Record] = {}
    for item in planned:
        if item.record:
            records[item.work.cell.key] = item.record
            emit_event(Finished(cell=item.work.cell, record=item.record, cached=True))

    def emit(event: Event | Outcome) -> None:
        from suite.execution.handover import Outcome

        if not isinstance(event, Outcome):
            emit_event(event)
            return
        previous = store.find(event.work.cell.key)
        record, predictions = to_record(event, attempt=previous.attempt + 1 if previous else 1)
        store.save(record, predictions, event.output.curve)
        records[record.key] = record
        emit_event(Finished(cell=event.work.cell, record=record))

    todo = [item.work for item in planned if item.record is None]
    inline.execute(todo, threads=budget(config), time_limit_s=config.time_limit_s, emit=emit)
    ordered = [records[item.work.cell.key] for item in planned]
    results = Results(ordered + _published(planned, store), store, config.metric)
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
    chosen = [(name, models.resolve(name)) for name in dict.fromkeys(config.models)]
    store = Store(config.out)
    store.check_writable()
    for name, _ in chosen:
        if plugin.is_factory(name):
            plugin.probe(name)
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


def write_boards(store: Store, metric: str = "accuracy") -> list[Path]:
    """Render every board of a folder's records as Markdown; return the files written.

    Raises
    ------
    UsageError
        If the folder has no record.
    """
    from suite.report.markdown import board_markdown, board_path, index_markdown
    from suite.store import write_text_atomic

    found = boards(store.records(), metric)
    if not found:
        raise UsageError(f"no record in {store.root}: nothing to report")
    pages = {store.root / board_path(board): board_markdown(board) for board in found}
    pages[store.root / "LEADERBOARD.md"] = index_markdown(found)
    for path, text in pages.items():
        write_text_atomic(path, text)
    return list(pages)


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
