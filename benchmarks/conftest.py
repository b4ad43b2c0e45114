"""Shared by the benchmarks: `digits` as a cell and a job for any model, and how what was measured is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from pytest_benchmark.session import PerformanceRegression

from suite import threads
from suite.provenance import usable_cores
from suite.schema import Job, Work

COLUMNS = {
    "fit digits": "fit",
    "predict digits (360 rows)": "360 rows",
    "predict one row of digits": "one row",
}
"""The groups that the table of models shows side by side."""
Saved = Mapping[str, Mapping[str, Any]]
_measured = pytest.StashKey[list[dict[str, Any]]]()
_saved = pytest.StashKey[Saved]()
_elsewhere = pytest.StashKey[str]()


@pytest.fixture(scope="session", autouse=True)
def _cores() -> Iterator[None]:
    """Give every benchmark the cores, the threads and the settings that a run gives its fits."""
    with threads.pinned(usable_cores()):
        yield


@pytest.fixture(scope="session")
def digits_work() -> Callable[[str], Work]:
    """Return a function from a model's name to its cell on the holdout split of `digits`."""
    from suite.config import DataConfig
    from suite.datasets.catalogue import load
    from suite.models.catalogue import resolve
    from suite.planning.cells import cells_of
    from suite.protocol import Protocol

    dataset = load(DataConfig(source="digits"))
    split = Protocol.parse("holdout").splits(dataset)[0]
    return lambda model: cells_of([resolve(model)], dataset, [split], seeds=1)[0]


@pytest.fixture(scope="session")
def digits_job(digits_work: Callable[[str], Work]) -> Callable[[str], Job]:
    """Return a function from a model's name to the job of its cell."""
    from suite.datasets.column_store import plain_columns
    from suite.execution.assignment import assign, job_of

    def job(model: str) -> Job:
        work = digits_work(model)
        return job_of(work, assign(work), plain_columns(work.dataset.X), usable_cores(), None)

    return job


def pytest_configure(config: pytest.Config) -> None:
    if config.option.benchmark_compare and config.option.benchmark_sort == "min":
        config.option.benchmark_sort = "name"  # what was saved beside what is new


def pytest_benchmark_update_machine_info(machine_info: dict[str, Any]) -> None:
    """Leave out the clock of the moment, which differs on one machine too, and a page of flags."""
    for name in ("hz_actual", "hz_actual_friendly", "flags"):
        machine_info["cpu"].pop(name, None)


@pytest.hookimpl(tryfirst=True)
def pytest_benchmark_compare_machine_info(
    config: pytest.Config, machine_info: dict[str, Any], compared_benchmark: dict[str, Any]
) -> None:
    """Keep what was saved, and say where if not here."""
    config.stash[_saved] = {bench["fullname"]: bench for bench in compared_benchmark["benchmarks"]}
    here, there = (
        (
            f"{info['node']}, {info['cpu'].get('brand_raw', info['machine'])}, "
            f"{info['cpu'].get('count', '?')} cores, Python {info['python_version']}"
        )
        for info in (machine_info, compared_benchmark["machine_info"])
    )
    if here != there:
        config.stash[_elsewhere] = (
            f"Saved on {there}.\nThis is {here}.\nTimes of two machines do not compare."
        )
    # The plugin would say so in two pages, or fail where the storage is not below this folder.
    compared_benchmark["machine_info"] = machine_info


@pytest.hookimpl(wrapper=True)
def pytest_benchmark_group_stats(config: pytest.Config, group_by: str) -> Iterator[Any]:
    """Name a benchmark by what its group does not say: the model, or the part of the harness."""
    groups = yield
    if group_by == "group":
        for _, benchmarks in groups:
            for bench in benchmarks:
                bench["name"] = bench["param"] or bench["name"]
        # Copies: the plugin's tables write "(NOW)" into the names.
        config.stash[_measured] = [
            dict(b) for _, benchmarks in groups for b in benchmarks if b["path"] is None
        ]
    return groups


@pytest.hookimpl(wrapper=True)
def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> Iterator[None]:
    """Show time and accuracy of each model in one row, below the plugin's tables, even where these fail the run."""
    fault = None
    try:
        yield
    except PerformanceRegression as error:
        fault = error
    for line in _table(config.stash.get(_measured, []), config.stash.get(_saved, {})):
        terminalreporter.write_line(line)
    if elsewhere := config.stash.get(_elsewhere, ""):
        terminalreporter.write_line(elsewhere, yellow=True)
    if fault:
        pytest.exit(str(fault), returncode=1)  # in place of a traceback


def _table(benchmarks: list[dict[str, Any]], saved: Saved) -> Iterator[str]:
    """Yield the lines of the table of models, the most accurate first; changes where something was saved."""
    rows: dict[str, dict[str, str]] = {}
    for bench in benchmarks:
        if column := COLUMNS.get(bench["group"]):
            row = rows.setdefault(bench["name"], {})
            before = saved.get(bench["fullname"])
            row[column] = f"{1e3 * bench['median']:,.2f}"
            if before:
                row[column] += f" ({bench['median'] / before['stats']['median'] - 1:+.0%})"
            if "accuracy" in bench["extra_info"]:
                row["accuracy"] = f"{bench['extra_info']['accuracy']:.4f}"
                was = before["extra_info"].get("accuracy") if before else None
                if was is not None:
                    row["accuracy"] += f" ({bench['extra_info']['accuracy'] - was:+.4f})"
    if not rows:
        return
    names = [*COLUMNS.values(), "accuracy"]
    widths = [max(10, *(len(row.get(name, "")) for row in rows.values())) for name in names]
    first = max(map(len, rows))
    against = ", in brackets what has changed" if saved else ""
    yield f"Models on digits: median ms to fit, and to predict; accuracy on 360 rows{against}"
    yield "  ".join(["model".ljust(first), *(n.rjust(w) for n, w in zip(names, widths, strict=True))])
    for model, row in sorted(rows.items(), key=lambda item: item[1].get("accuracy", ""), reverse=True):
        figures = (row.get(name, "-").rjust(width) for name, width in zip(names, widths, strict=True))
        yield "  ".join([model.ljust(first), *figures])
