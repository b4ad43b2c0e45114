"""`suite run`."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any

import click

from suite.commands.boards import print_across, print_boards, say_unreadable
from suite.commands.candidates import offers
from suite.commands.console import console, print_json, print_text, say
from suite.commands.options import Headed, taken_from
from suite.config import DataConfig, RunConfig
from suite.errors import NotChecked, UsageError
from suite.events import Watch, unwatched


@click.command(
    "run",
    cls=Headed,
    examples=[
        (
            "Every model on a table of your own, and which of them wins",
            "suite run --all --data sales.csv --target bought",
        ),
        (
            "Three models on a bundled table, each fitted on five folds",
            "suite run logistic xgboost:max_depth=4 hist_gb --data iris --protocol cv5",
        ),
        ("What would run, and how long it may take", "suite run --all --data iris --dry-run"),
    ],
)
@click.argument("models", nargs=-1, metavar="[MODEL]...", shell_complete=offers("models"))
@click.option("--all", "all_models", is_flag=True, help="Every registered model.")
@click.option(
    "--data",
    multiple=True,
    default=["digits"],
    show_default=True,
    metavar="DATA",
    shell_complete=offers("data"),
    help="Data set or file; may be repeated.",
)
@taken_from(DataConfig)
@taken_from(RunConfig)
@click.option("--dry-run", is_flag=True, help="Show the data, the plan and what is done; run nothing.")
@click.option("--json", "as_json", is_flag=True, help="Records on standard output, one a line.")
@click.option("--verbose", is_flag=True, help="A line for every fit, also for those done before.")
@click.option(
    "--quiet", is_flag=True, help="The answer and errors only: nothing is said while the run goes on."
)
def command(dry_run: bool, as_json: bool, verbose: bool, quiet: bool, **asked: Any) -> int:
    """Compare MODELs on one data set or more, and write the boards.

    A MODEL is a registered name (`suite list models`), with parameters if you like (`xgboost:max_depth=4`),
    or a factory of your own: `package.module:factory`, `file.py:factory`. The boards always show `dummy` too, as the
    floor.
    """
    from suite import running
    from suite.models.catalogue import resolve
    from suite.records import to_json_line
    from suite.report.faces import TERMINAL

    if verbose and quiet:
        raise UsageError("--verbose and --quiet contradict each other: name one of them")
    config = configured(**asked)
    _hide_files(asked["data"])
    try:
        if dry_run:
            _show_plan(config, as_json)
            return 0
        with _sigterm_interrupts(), _shown(verbose, quiet) as watch:
            results = running.carry_out(config, watch)
    except NotChecked as error:
        _show_findings(error)
        raise
    say_unreadable(results.store)
    try:
        if as_json:
            for record in results.records:
                print_text(to_json_line(record) + "\n")
        else:
            print_boards(results.boards, TERMINAL._replace(confusion=config.confusion))
            print_across(results.boards)
        sys.stdout.flush()
    finally:
        if not quiet:
            say(f"Boards and records: {results.store.root}; page: {results.page}")
    named = {resolve(model).name for model in asked["models"] if model != "all"}
    # What is not installed is no failure of --all.
    return 1 if any(r.status != "skipped" or r.model in named for r in results.failed) else 0


def configured(
    models: tuple[str, ...], all_models: bool, data: tuple[str, ...], target: str | None, **options: Any
) -> RunConfig:
    """Return the configuration that a command line asks for."""
    from suite import api

    models = ("all", *models) if all_models else models
    return api.configured(models, data, target, options)


def _hide_files(data: tuple[str, ...]) -> None:
    """Keep the models' processes from reading off this one's command line where the data lie."""
    from suite.datasets.files.sources import split_part
    from suite.supervision.processes import mask

    files = [given for given in data if os.path.lexists(split_part(given)[0])]
    mask([*files, *filter(None, [os.environ.get("SUITE_DATA")])])


@contextlib.contextmanager
def _shown(verbose: bool, quiet: bool) -> Iterator[Watch]:
    """Yield what takes the events of a run and shows them on standard error."""
    if quiet:
        yield unwatched
        return
    from suite.report.display import Display

    with Display(console(stderr=True), verbose=verbose) as display:
        yield display.handle


@contextlib.contextmanager
def _sigterm_interrupts() -> Iterator[None]:
    """Let SIGTERM do what Ctrl-C does; only the main thread may take signals."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _show_plan(config: RunConfig, as_json: bool) -> None:
    from suite.nouns import plain
    from suite.planning.plan import make_plan

    plan = make_plan(config)
    if as_json:
        print_json(plain(item.work.cell) | {"done": item.record is not None} for item in plan.asked)
        return
    from suite.report.listing import data_parts, decidable, decides, plan_table

    out = console()
    for dataset in plan.datasets:
        for part in data_parts(dataset, width=out.width):
            out.print(part)
    out.print(plan_table([(item.work.cell, item.record, item.asked) for item in plan.cells]))
    if plan.searching:
        from suite.report.display import searches_sentence

        at_once = None if config.executor.startswith("dask:") else plan.budget.workers
        out.print(f"{searches_sentence(plan.searching, at_once)}.")
    out.print()
    records = plan.store.records()
    say_unreadable(plan.store)
    works = [item.work for item in plan.cells]
    sentences = [
        decidable(dataset, [work.split for work in works if work.dataset.name == dataset.name], records)
        for dataset in plan.datasets
    ]
    out.print(decides(sentences))


def _show_findings(error: NotChecked) -> None:
    from suite.report.blocks import Section
    from suite.report.listing import to_check
    from suite.report.terminal import Shown

    err = console(stderr=True)
    for name, found in error.findings.items():
        err.print(Shown(Section(name), to_check(found)))
