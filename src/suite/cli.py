"""The commands: read the arguments, call `api`, print. The only Console, and the exit codes."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from suite.config import COLUMN_OPTIONS, DataConfig, RunConfig, folder_of
from suite.errors import NotChecked, SuiteError, UsageError
from suite.report.lossy import degrade
from suite.version import __version__

if TYPE_CHECKING:
    from rich.console import Console

    from suite.planning import Plan
    from suite.results import Results
    from suite.schema import Record


def _folder(ctx: Any, param: Any, value: str) -> Path:
    return folder_of("--out", value)


OUT = click.option(
    "--out", type=click.Path(), default="results", show_default=True, callback=_folder, help="Output folder."
)


def main(args: list[str] | None = None) -> int:
    """Run a command; return its exit code (0 ok, 1 a cell failed, 2 usage, 3 nothing ran, 130 interrupted)."""
    degrade(sys.stdout, sys.stderr)
    try:
        code = cli.main(args=args, prog_name="suite", standalone_mode=False)
    except NotChecked as error:
        _show_findings(error)
        return _complain(str(error), error.exit_code)
    except SuiteError as error:
        return _complain(str(error), error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        return _complain("interrupted; what was finished is kept", 130)
    except click.ClickException as error:
        return _complain(error.format_message(), 2)
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    return code if isinstance(code, int) else 0


def _complain(message: str, code: int) -> int:
    sys.stderr.write(f"suite: {' '.join(message.split())}\n")
    return code


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True)
@click.version_option(__version__, prog_name="suite")
def cli() -> None:
    """Which model family wins on your table, and is the win real?"""


def _model_names(ctx: Any, param: Any, incomplete: str) -> list[str]:
    from suite.models.catalogue import MODELS

    return [name for name in MODELS if name.startswith(incomplete)]


def _column_options(command: Any) -> Any:
    """Add what one may say of how a table is read: the fields of `DataConfig`."""
    options = [
        click.option(
            "--data-dir", type=click.Path(path_type=Path), help="Where music_genre is looked for first."
        ),
        click.option("--drop", multiple=True, metavar="COLUMN", help="Leave a column out."),
        click.option(
            "--keep", multiple=True, metavar="COLUMN", help="Keep a column that is dropped by default."
        ),
        click.option("--encode", multiple=True, metavar="COLUMN", help="Target-encode a column."),
        click.option(
            "--read",
            multiple=True,
            metavar="COLUMN=HOW",
            help="Read a column as number, number:, (decimal comma), date, date:%d/%m/%Y, time, category, text, drop.",
        ),
        click.option(
            "--missing", multiple=True, metavar="[COLUMN=]WORD", help="What stands for a missing value."
        ),
        click.option("--decimal", metavar="MARK", help="Decimal mark of the whole file: . or ,"),
        click.option(
            "--no-header", is_flag=True, help="The first row is data; columns become column_1, column_2, ..."
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@cli.command()
@click.argument("models", nargs=-1, metavar="[MODEL]...", shell_complete=_model_names)
@click.option("--all", "all_models", is_flag=True, help="Every registered model.")
@click.option("--data", multiple=True, default=["digits"], show_default=True, help="Data set or file.")
@click.option("--target", help="Column to predict, for files.")
@_column_options
@click.option(
    "--protocol",
    help="holdout, cv5, grouped:COLUMN, time:COLUMN ... (suite list protocols); default: the data set's own.",
)
@click.option("--seeds", type=int, default=1, show_default=True, help="Seeds per model and split.")
@click.option(
    "--time-limit", "time_limit_s", type=float, default=600.0, show_default=True, help="Seconds a cell."
)
@click.option(
    "--memory-limit",
    "memory_limit_gb",
    type=float,
    help="GB (10**9 bytes) a cell; default: 80 % of the machine's memory, divided by the workers.",
)
@click.option("--workers", type=int, help="Cells at once; default: as many as the cores have room for.")
@click.option(
    "--threads", type=int, help="Threads of every cell; default: 1 if there are more cells than cores."
)
@click.option(
    "--executor",
    default="local",
    show_default=True,
    help="local, inline (no isolation), dask or dask:ADDRESS.",
)
@click.option(
    "--timing",
    type=click.Choice(["shared", "exclusive"]),
    default="shared",
    help="exclusive: a cell at a time.",
)
@click.option("--metric", default="accuracy", show_default=True, help="What the leaderboard is sorted by.")
@click.option("--confusion", default="best", show_default=True, help="best, all, or a model's name.")
@OUT
@click.option("--fresh", is_flag=True, help="Run cells again that are done.")
@click.option("--strict", is_flag=True, help="Stop if there is something to check about a table first.")
@click.option("--dry-run", is_flag=True, help="Show the data, the plan and what is done; run nothing.")
@click.option("--json", "as_json", is_flag=True, help="Records on standard output, one a line.")
def run(models: tuple[str, ...], all_models: bool, dry_run: bool, as_json: bool, **options: Any) -> int:
    """Compare MODELs on one data set or more, and write the boards.

    A MODEL is a registered name (`suite list models`), with parameters if you like (`xgboost:max_depth=4`),
    or a factory of your own: `package.module:factory`, `file.py:factory`.
    """
    from suite import api, planning
    from suite.events import Event, Waiting
    from suite.models import catalogue
    from suite.report.text import plain

    config = _config(models, all_models, options)
    if dry_run:
        return _show_plan(planning.make_plan(config), as_json)
    console = _console(stderr=as_json)

    def say(event: Event) -> None:
        if isinstance(event, Waiting):
            console.print(plain(event.reason), soft_wrap=True)

    with _sigterm_interrupts(), api.held(config, say), api.started(config) as pool:
        plan = planning.make_plan(config)
        from suite.report.display import Display

        with Display(console, len(plan.cells), api.estimate(plan, config)) as display:
            results = api.execute(config, display.handle, plan, pool)
    if as_json:
        _print_json(results.records)
    else:
        _show(console, results, config.confusion)
    named = {catalogue.resolve(model).name for model in models}
    # What is not installed is no failure of --all.
    return 1 if any(r.status != "skipped" or r.model in named for r in results.failed) else 0


@contextlib.contextmanager
def _sigterm_interrupts() -> Iterator[None]:
    """Have SIGTERM do what Ctrl-C does."""

    def interrupt(number: int, frame: Any) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, interrupt)
    except ValueError:
        # Only the main thread may take signals.
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _config(models: tuple[str, ...], all_models: bool, options: dict[str, Any]) -> RunConfig:
    if all_models:
        from suite.models.catalogue import MODELS

        models = (*MODELS, *models)
    from suite.datasets.catalogue import is_file

    sources, target = options.pop("data"), options.pop("target")
    columns = {name: options.pop(name) for name in COLUMN_OPTIONS}
    files = any(is_file(source) for source in sources)
    data = tuple(
        DataConfig(source=source, target=target if is_file(source) or not files else None, **columns)
        for source in sources
    )
    return RunConfig(models=models, data=data, **options)


def _show_plan(plan: Plan, as_json: bool) -> int:
    if as_json:
        from suite.records import plain

        for item in plan.cells:
            sys.stdout.write(json.dumps(plain(item.work.cell) | {"done": item.record is not None}) + "\n")
        return 0
    from suite.report.listing import data_parts, plan_table

    console = _console()
    for dataset in plan.datasets:
        for part in data_parts(dataset, width=console.width):
            console.print(part)
    console.print(plan_table([(item.work.cell, item.record) for item in plan.cells]))
    return 0


def _show_findings(error: NotChecked) -> None:
    from suite.report.terminal import to_check
    from suite.report.text import plain

    console = _console(stderr=True)
    for name, found in error.findings.items():
        console.print(plain(name))
        console.print(to_check(found, width=console.width, most=len(found)))


def _show(console: Console, results: Results, confusion: str) -> None:
    from suite.report.terminal import board_parts

    for board in results.boards:
        for part in board_parts(board, confusion=confusion, width=console.width):
            console.print(part)
    console.print(f"Boards and records: {results.store.root}", style="dim", markup=False, highlight=False)


def _print_json(records: list[Record]) -> None:
    from suite.store import to_json_line

    for record in records:
        sys.stdout.write(to_json_line(record) + "\n")


def _console(stderr: bool = False) -> Console:
    from rich.console import Console

    return Console(stderr=stderr, highlight=False)


@cli.command()
@click.argument("source", metavar="DATA")
@click.option("--target", help="Column to predict, for files.")
@_column_options
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="One JSON object a column, one a line; the last line is of the table: rows, classes, findings, notes.",
)
def inspect(source: str, target: str | None, as_json: bool, **columns: Any) -> None:
    """Show how every column of DATA is read, and what becomes of it. Fits nothing and writes nothing."""
    from suite.datasets import inspection
    from suite.datasets.catalogue import load

    dataset = load(DataConfig(source=source, target=target, **columns))
    rows = [row._asdict() for row in inspection.rows(dataset)]
    if as_json:
        for line in [*rows, inspection.about(dataset)]:
            sys.stdout.write(json.dumps(line) + "\n")
        return
    from suite.report.listing import inspection_table

    console = _console()
    for finding in dataset.findings:
        console.print(f"! {finding.text}", markup=False)
    classes = f"{len(dataset.classes)} classes of {dataset.target}"
    title = f"{dataset.name}: {len(dataset.y):,} rows, {dataset.X.shape[1]} features, {classes}"
    console.print(inspection_table(title, rows, [*dataset.notes, inspection.HOW]))


@cli.command("list")
@click.argument("what", type=click.Choice(["models", "datasets", "metrics", "protocols"]), default="models")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_(what: str, as_json: bool) -> None:
    """Show what there is: models, datasets, metrics or protocols."""
    from suite.report import listing

    rows, table = _listing(what, listing)
    if as_json:
        for row in rows:
            sys.stdout.write(json.dumps(row) + "\n")
    else:
        _console().print(table)


def _listing(what: str, listing: Any) -> tuple[list[dict[str, Any]], Any]:
    if what == "models":
        from suite.models.catalogue import MODELS

        rows = [
            {"name": m.name, "family": m.family, "summary": m.summary, "params": dict(m.params)}
            for m in MODELS.values()
        ]
    elif what == "datasets":
        from suite.datasets.catalogue import DATASETS

        rows = [
            {"name": d.name, "protocol": d.protocol, "summary": d.summary, "options": dict(d.options)}
            for d in DATASETS.values()
        ]
    elif what == "metrics":
        from suite.metrics import METRICS

        rows = [
            {"name": m.name, "label": m.label, "better": "higher" if m.higher_is_better else "lower"}
            for m in METRICS.values()
        ]
    else:
        from suite.protocol import PROTOCOLS

        rows = [{"name": name, "summary": summary} for name, summary in PROTOCOLS.items()]
    return rows, listing.listing_table(what, rows)


@cli.command()
@OUT
@click.option("--metric", default="accuracy", show_default=True, help="What the leaderboard is sorted by.")
def report(out: Path, metric: str) -> None:
    """Write the boards again from the records in a folder; nothing is fitted."""
    from suite.results import write_boards
    from suite.store import Store

    store = Store(out)
    console = _console()
    for board in write_boards(store, metric):
        console.print(str(store.root / board.folder / "LEADERBOARD.md"), markup=False)
    for path, reason in store.unreadable.items():
        console.print(f"left out {path}: {reason}", markup=False)


@cli.command()
@OUT
def verify(out: Path) -> int:
    """Compute every record's figures again from its predictions, and name what was edited."""
    from suite.store import Store
    from suite.verify import verify as check

    findings = check(Store(out))
    if not findings:
        raise UsageError(f"no record in {out}: nothing to verify")
    console = _console()
    words = {"edited": "edited", "unreadable": "unreadable", "unchecked": "cannot be checked"}
    for finding in findings:
        if finding.verdict in words:
            line = f"{words[finding.verdict]}: {finding.path}: {finding.reason}"
            console.print(line, markup=False, soft_wrap=True)
    agree = [finding for finding in findings if finding.verdict == "agrees"]
    failures = sum(bool(finding.reason) for finding in agree)
    line = "1 record agrees with its" if len(agree) == 1 else f"{len(agree)} records agree with their"
    console.print(f"{line} predictions" + (f"; {failures} of them failed, without any" if failures else ""))
    return 1 if any(finding.verdict in ("edited", "unreadable") for finding in findings) else 0


@cli.command()
@click.argument("name", metavar="music_genre|openml:ID")
def fetch(name: str) -> None:
    """Download a data set that is not in the installed packages. The only command that uses the network."""
    if name.startswith("openml:"):
        from suite.datasets.files import openml

        path = openml.fetch_openml_table(openml.parse_id(name))
    elif name == "music_genre":
        from suite.datasets.entries import music_genre

        path = music_genre.fetch()
    else:
        raise UsageError(f"nothing to fetch under the name {name!r}; did you mean music_genre or openml:ID?")
    _console().print(f"kept as {path}", markup=False)


@cli.command()
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="One JSON array; each item has label, value and problem ('' if none).",
)
def doctor(as_json: bool) -> int:
    """Show versions, cores, threads, free disk, and what would get in the way."""
    from suite.doctor import examine

    findings = examine()
    if as_json:
        sys.stdout.write(json.dumps([dataclasses.asdict(f) for f in findings]) + "\n")
    else:
        from suite.report.listing import doctor_table

        _console().print(doctor_table([(f.label, f.value, f.problem) for f in findings]))
    return 1 if any(f.problem for f in findings) else 0


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that completes commands and model names in a shell."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    sys.stdout.write(kind(cli, {}, "suite", "_SUITE_COMPLETE").source() + "\n")
