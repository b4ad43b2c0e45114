"""`suite compare`."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import click

from suite.commands.boards import chooses, say_unreadable
from suite.commands.console import console, echo, say
from suite.commands.options import taken_from
from suite.config import View
from suite.errors import UsageError

if TYPE_CHECKING:
    from suite.analysis.gate import Gate

STEP = "GITHUB_STEP_SUMMARY"


@click.command("compare")
@click.argument("old")
@click.argument("new")
@click.option(
    "--fail-on",
    multiple=True,
    metavar="KEY:TOLERANCE",
    help="Exit with 1 if this gets worse by more, and the change is more than chance: accuracy:0.5pt, log_loss:2%, any "
    "metric; fit, predict, latency or memory:20%; status, where a model has lost its score. May be repeated.",
)
@click.option("--junit", metavar="FILE", help="Write what was checked as JUnit XML.")
@click.option("--github", is_flag=True, help="Write a step summary and annotations for GitHub Actions.")
@chooses
@taken_from(View, "metric", "positive")
def command(
    old: str,
    new: str,
    fail_on: tuple[str, ...],
    junit: str | None,
    github: bool,
    metric: str,
    positive: str | None,
    **asked: str | None,
) -> int:
    """Say which models in the folder NEW are worse than in the folder OLD, by the same rows.

    Both are output folders of `suite run`. Without --fail-on it only says so, and exits with 0. Nothing is fitted;
    nothing is written but what --junit and --github ask for.
    """
    from suite.disk import write_text_atomic
    from suite.gating import compared
    from suite.report.gate import document
    from suite.report.junit import junit as as_junit
    from suite.report.terminal import rendered

    step = _summary_file() if github else None
    if junit is not None and (not junit or Path(junit).is_dir()):
        raise UsageError(f"--junit takes a file, not {junit!r}")
    found, stores = compared(old, new, fail_on, metric, positive, asked)
    if junit:
        write_text_atomic(Path(junit), as_junit(found.gate))
    if step:
        _append(step, found.gate)
    # What is printed may hold names of the user's that GitHub would take for commands, on whatever stream it is.
    token = secrets.token_hex(16)
    if github:
        echo(f"::stop-commands::{token}")
    for store in stores:
        say_unreadable(store, echo if github else say)
    out = console()
    for part in rendered(document(found.gate), out.width):
        out.print(part)
    if github:
        _annotate(found.gate, token)
    return 0 if found.passed else 1


def _summary_file() -> Path:
    path = os.environ.get(STEP)
    if not path:
        raise UsageError(f"--github is for a step of GitHub Actions, which sets {STEP}; it is not set here")
    return Path(path)


def _append(path: Path, gate: Gate) -> None:
    from suite.report.github import SUMMARY, summary

    try:
        with path.open("ab") as file:
            file.write(summary(gate, SUMMARY - file.tell()))
    except OSError as error:
        raise UsageError(f"cannot write to {path}, which {STEP} names: {error.strerror or error}") from error


def _annotate(gate: Gate, token: str) -> None:
    from suite.report.github import annotated

    echo(f"::{token}::")
    for line in annotated(gate):
        echo(line)
