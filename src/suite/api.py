"""`suite.run`, `audit`, `compare`, `export` and `load_model`: what a script or a notebook calls."""

from __future__ import annotations

import contextlib
import inspect
import tempfile
import textwrap
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite import auditing, exporting, running
from suite.config import DataConfig, RunConfig, View, check_names, described
from suite.errors import ModelFailedWarning, SuiteError, UnknownName, UsageError
from suite.events import Event, Watch, unwatched
from suite.exports.request import Request
from suite.models import catalogue, live
from suite.options import options_of
from suite.results import Results
from suite.schema import AuditReport
from suite.store import Store

if TYPE_CHECKING:
    from suite.exports.model import ExportedModel
    from suite.gating import Comparison


def run(
    models: Any,
    data: Any = "digits",
    target: str | None = None,
    *,
    watch: Watch | None = None,
    **options: Any,
) -> Results:
    """Compare models on data sets and keep the records.

    Parameters
    ----------
    models : str, object, dict, or list of these
        Names as on the command line (``"xgboost:n_estimators=500"``, ``"module:factory"``; ``"all"`` is every
        registered model), and objects: a classifier with `fit` and `predict_proba`, or a function that returns one and
        takes those of `task`, `seed`, `threads` and `report` that it names. An object is named by its class or
        function, in a dict by its key; its attribute ``features`` ("scaled", "native" or "raw") says how its X is
        prepared. Yours stays unfitted: every cell fits a copy, with seed and `n_jobs` set where it has them. The copy
        travels to a process of its own as bytes, with the code of its module unless that is installed, and is never
        written to disk (the inline executor unpickles it here). A cell is done if the same bytes were run before with
        the same versions. ``"dummy"`` is run too, named or not: the boards show it as the floor.
    data : str, Path, data frame, (X, y), dict, or list of these
        Catalogue names, files, and tables in memory: a data frame of pandas or Polars, an Arrow table, or ``(X, y)`` of
        arrays, frames, lists or a sparse matrix. A table in memory is called "table", in a dict by its key; the columns
        of an array x0, x1, ... It stays unchanged and is not written to the results; the processes that fit read its
        features from the cache. Equal values give equal records, whatever library holds them. An index is no feature.
    target : str, optional
        The column to predict, of files and data frames; with ``(X, y)`` what y is called. ``(X, "COLUMN")`` names it
        for one table of several.
    watch : callable, optional
        Called with every event: `Planned`, with all ``cells``; then `Started`, `Progress`, `Finished`, each of a
        ``cell``. `Waiting` (for another run that holds the output folder, say), which has a ``reason`` only, may come
        before. They are in `suite.events`. False, in answer to `Progress`, asks the model of that cell to stop fitting;
        the record notes it, and the next run fits it again. In a notebook a bar is shown in any case.
    **options
        Any of these, as on the command line:

        {options}

    Returns
    -------
    Results
        Its ``records`` hold failures too; nothing that a model does raises.

    Warns
    -----
    ModelFailedWarning
        Once, if a cell has no score: names the models, with reasons.

    Raises
    ------
    UsageError, DataError
        If what was asked for cannot be done as asked; `UnknownName` names what is nearest.

    Examples
    --------
    >>> suite.run(["hist_gb", LogisticRegression(C=10)], "digits")  # doctest: +SKIP
    >>> suite.run({"weak": LogisticRegression(C=0.01), "mine": make}, "digits")  # doctest: +SKIP
    >>> suite.run("hist_gb", df, target="churned")  # doctest: +SKIP
    >>> suite.run("hist_gb", {"raw": (X, y), "scaled": (Z, y)})  # doctest: +SKIP
    """
    if watch is not None and not callable(watch):
        raise UsageError(f"watch is a function that takes an event, not of type {type(watch).__name__}")
    try:
        config = configured(models, data, target, options)
        with _shown(watch or unwatched) as seen:
            results = running.carry_out(config, seen)
    except SuiteError as error:
        # The one line says it: the frames below would hide that.
        raise error.with_traceback(None) from None
    if failures := results.failures():
        warnings.warn(ModelFailedWarning(failures), stacklevel=2)
    return results


if run.__doc__:
    run.__doc__ = inspect.cleandoc(run.__doc__).replace("    {options}", textwrap.indent(described(), "    "))


def audit(
    data: Any,
    target: str | None = None,
    *,
    protocol: str | None = None,
    deep: bool = False,
    near_duplicates: bool = False,
    ignore: Iterable[str] | str = (),
    out: str | Path = "results",
    **columns: Any,
) -> AuditReport:
    """Look for what in a table would make scores mean something else, and say what it does to them.

    Nothing is fitted that stands on a board. The report is kept in the output folder, where boards find it.

    Parameters
    ----------
    data : str, Path, data frame or (X, y)
        One table, as `suite.run` takes it.
    target : str, optional
        The column to predict, of a file or a data frame.
    protocol : str, optional
        How rows are split, as for `suite.run`; without it, as the data set says.
    deep : bool
        Fit hist_gb with rows split at random and by groups or times that were found: minutes.
    near_duplicates : bool
        Look for rows that nearly repeat another: about 10 s.
    ignore : str or list of str
        Codes that are not reported, by name or number: ``"identifier"``, ``"SUI031"``.
    out : str or Path
        The output folder. Predictions on the same table that are in it serve to find labels that may be wrong.
    **columns
        What `suite.run` takes for columns: drop, keep, encode, read, missing, decimal, no_header, data_dir.

    Returns
    -------
    AuditReport
        Its ``findings`` stand the gravest first. Each has ``id``, ``code``, ``grade`` ("error", "warning" or
        "note"), ``text``, ``columns``, ``number``, ``effect``, ``rows`` and ``to_do``; ``grave`` leaves the notes out.

    Raises
    ------
    UsageError, DataError
        If what was asked for cannot be done as asked; `UnknownName` names what is nearest.

    Examples
    --------
    >>> suite.audit(df, target="churned").findings  # doctest: +SKIP
    """
    from suite.datasets.live.gather import gather

    try:
        for name in columns:
            if name not in options_of(DataConfig):
                raise UnknownName("option", name, sorted(options_of(DataConfig)))
        ignored = auditing.codes_named([ignore] if isinstance(ignore, str) else ignore)
        tables = gather(data, target)
        if len(tables) != 1:
            raise UsageError(f"one table is audited at a time, not {len(tables)}")
        ((source, column),) = tables
        folder = options_of(RunConfig)["out"].checked(out)
        found = auditing.audited(
            DataConfig(source=source, target=column, **columns),
            options_of(RunConfig)["protocol"].checked(protocol),
            Store(folder),
            _accuracy if deep else None,
            near_duplicates=near_duplicates,
        )
    except SuiteError as error:
        raise error.with_traceback(None) from None
    return auditing.without(found, ignored)


def _accuracy(config: RunConfig) -> float:
    """Return the mean accuracy of the one model of a run, whose records are thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        results = running.carry_out(replace(config, out=Path(folder), executor="inline"), unwatched)
    if failed := results.failed:
        why = failed[0].failure.message if failed[0].failure else failed[0].status
        raise UsageError(f"a deep audit: {failed[0].model} with {failed[0].protocol} has no score: {why}")
    scores = [record.metrics["accuracy"] or 0.0 for record in results.records if record.is_run]
    return sum(scores) / len(scores)


def export(
    model: str = "best",
    *,
    table: Any = None,
    out: str | Path | None = None,
    results: str | Path = "results",
    **options: Any,
) -> exporting.Export:
    """Save a model of a board as a folder, without pickle, to predict new tables with.

    It is fitted again as its record says, saved, read again by a fresh process, and compared with the stored
    predictions; then it is fitted on all rows.

    Parameters
    ----------
    model : str
        Its name on the board, such as ``"xgboost:max_depth=4"``; ``"best"`` is the one ranked first.
    table : str, Path, data frame or (X, y), optional
        The table, where it was moved, or was given in Python.
    out : str or Path, optional
        Where the model goes; without it, a folder named after the data and the model.
    results : str or Path
        The output folder of the run.
    **options
        ``variant``, which row of the model ("default", "portfolio", "tuned"); ``dataset``, ``target`` and ``protocol``,
        which board; ``metric``, what the best model is the best by; ``data_dir``; ``time_limit_s`` and
        ``memory_limit_gb`` of each of the fits.

    Returns
    -------
    Export
        Its ``folder`` is for `load_model`; ``python`` makes the estimator anew.

    Raises
    ------
    UsageError, DataError
        If there is no such model, its table is not here, or nothing can be written.
    ExportError
        If the model cannot be saved without pickle, or does not give what its record says.

    Examples
    --------
    >>> suite.export("xgboost", out="mine").folder  # doctest: +SKIP
    """
    from suite.datasets.live.gather import gather

    try:
        known = {field.name for field in fields(Request)} - {"model", "table", "out", "results"}
        for name in options:
            if name not in known:
                raise UnknownName("option", name, sorted(known | {"table", "out", "results"}))
        limits = [name for name in ("time_limit_s", "memory_limit_gb") if name in options]
        options |= {name: options_of(RunConfig)[name].checked(options[name]) for name in limits}
        for name, value in {"model": model, **options}.items():
            if name not in (*limits, "data_dir") and not isinstance(value, str | None):
                raise UsageError(f"{name} takes a name, not an object of type {type(value).__name__}")
        if table is not None:
            sources = gather(table, options.get("target"))
            if len(sources) != 1:
                raise UsageError(f"a model is of one table, not {len(sources)}")
            table = sources[0].table
        folder = options_of(RunConfig)["out"]
        request = Request(
            model=model,
            table=table,
            out=None if out is None else folder.checked(out),
            results=folder.checked(results, "results"),
            **options,
        )
        return exporting.export(request, lambda line: None)
    except SuiteError as error:
        raise error.with_traceback(None) from None


def compare(
    old: str | Path,
    new: str | Path,
    *,
    fail_on: Iterable[str] | str = (),
    metric: str = View.metric,
    positive: str | None = None,
    dataset: str | None = None,
    protocol: str | None = None,
    target: str | None = None,
) -> Comparison:
    """Say which models in one output folder are worse than in an earlier one, by the same rows.

    Nothing is fitted or written.

    Parameters
    ----------
    old, new : str or Path
        Output folders of two runs.
    fail_on : str or list of str
        What may get worse by how much before it breaks: ``"accuracy:0.5pt"``, ``"log_loss:2%"``, ``"fit:20%"``,
        ``"status"``. A change breaks if it is larger, its 95 % interval excludes zero, and so it is for all tests made.
    metric : str
        What verdicts are by.
    positive : str, optional
        The class that precision, recall and F1 are about.
    dataset, protocol, target : str, optional
        Only what stands on these boards.

    Returns
    -------
    Comparison
        ``passed``; ``breaches`` and ``remarks``, sentences; ``table()``, a row a model.

    Raises
    ------
    UsageError
        If one of them is no folder with records, they have nothing in common, or something asked for is not there.

    Examples
    --------
    >>> assert suite.compare("yesterday", "results", fail_on="accuracy:0.5pt").passed  # doctest: +SKIP
    """
    from suite.gating import compared

    try:
        asked = {"dataset": dataset, "protocol": protocol, "target": target}
        return compared(old, new, fail_on, metric, positive, asked)[0]
    except SuiteError as error:
        raise error.with_traceback(None) from None


def load_model(folder: str | Path) -> ExportedModel:
    """Return a model that `export` wrote: with ``predict``, ``predict_proba``, ``classes_`` and ``remarks``.

    Tables come to it as their source has them: a data frame, columns in any order. ``remarks`` says what is new in one.

    Raises
    ------
    UsageError
        If the folder is not as it was exported.

    Examples
    --------
    >>> suite.load_model("mine").predict(df)  # doctest: +SKIP
    """
    from suite.exports.model import ExportedModel

    try:
        return ExportedModel(folder)
    except SuiteError as error:
        raise error.with_traceback(None) from None


def configured(models: Any, data: Any, target: str | None, options: Mapping[str, Any]) -> RunConfig:
    """Return the configuration that a caller of `run`, or a command line, asks for; raises what `run` does."""
    from suite.datasets.live.gather import gather

    check_names(options)
    columns = {name: value for name, value in options.items() if name in options_of(DataConfig)}
    tables = tuple(
        DataConfig(source=source, target=column, **columns) for source, column in gather(data, target)
    )
    rest = {name: value for name, value in options.items() if name not in columns}
    return RunConfig(models=live.gather(models, registered=catalogue.MODELS), data=tables, **rest)


@contextlib.contextmanager
def _shown(watch: Watch) -> Iterator[Watch]:
    """Yield who watches a run: in a notebook a bar too."""
    from suite.report import notebook

    if not notebook.is_here():
        yield watch
        return
    with notebook.Bar() as bar:

        def both(event: Event) -> bool | None:
            bar.handle(event)
            return watch(event)

        yield both
