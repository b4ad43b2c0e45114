"""`suite audit`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from suite.commands.candidates import offers
from suite.commands.console import console, print_json, say
from suite.commands.options import Headed, taken_from
from suite.config import DataConfig, RunConfig

if TYPE_CHECKING:
    from suite.schema import AuditReport, Finding


@click.command(
    "audit",
    cls=Headed,
    examples=[
        ("What to look at before any model is fitted", "suite audit sales.csv --target bought"),
        (
            "In a script: exit code 2 if there is something grave",
            "suite audit sales.csv --target bought --strict",
        ),
        ("Leave out what is known", "suite audit sales.csv --target bought --ignore identifier"),
    ],
)
@click.argument("source", metavar="DATA", shell_complete=offers("data"))
@taken_from(DataConfig)
@taken_from(RunConfig, "protocol", "out")
@click.option("--strict", is_flag=True, help="End with exit code 2 if anything is a warning or graver.")
@click.option(
    "--ignore",
    multiple=True,
    metavar="CODE",
    shell_complete=offers("code"),
    help="Leave a finding out, by name or number.",
)
@click.option("--deep", is_flag=True, help="Fit hist_gb at random and by the groups or times found: minutes.")
@click.option("--near-duplicates", is_flag=True, help="Look for rows that nearly repeat another: about 10 s.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="One JSON object a finding, one a line; the last line is of the table.",
)
def command(source: str, target: str | None, strict: bool, as_json: bool, out: str, **asked: Any) -> None:
    """Say what in DATA would make scores mean something else, and by how much.

    Repeated rows, columns that tell the class or name groups, drift, junk. Findings stand the gravest first, and are
    kept in the output folder, where boards find them.
    """
    from suite import api
    from suite.errors import NotChecked
    from suite.store import AUDITS

    report = api.audit(source, target, out=out, **asked)
    if as_json:
        print_json([*map(_plain, report.findings), _about(report)])
    else:
        from suite.report.listing import audit_parts

        screen = console()
        for part in audit_parts(report, width=screen.width):
            screen.print(part)
    say(f"Kept in {Path(out) / AUDITS}")
    if strict and report.grave:
        raise NotChecked({report.dataset: report.grave})


def _plain(finding: Finding) -> dict[str, Any]:
    told = asdict(finding)
    return told | {"id": finding.id, "severity": finding.grade, "advice": finding.to_do}


def _about(report: AuditReport) -> dict[str, Any]:
    told = asdict(report)
    del told["findings"], told["twins"]
    told["table"] = told.pop("dataset")
    counts = dict.fromkeys(("error", "warning", "note"), 0)
    for finding in report.findings:
        counts[finding.grade] += 1
    return told | {"found": counts}
