"""`suite verify`."""

from __future__ import annotations

from pathlib import Path

import click

from suite.commands.console import echo
from suite.commands.options import Command, taken_from
from suite.config import RunConfig
from suite.errors import UsageError


@click.command(
    "verify",
    cls=Command,
    examples=[
        ("Whether the figures in ./results are those of the predictions", "suite verify"),
        ("The same of another folder", "suite verify --out results"),
    ],
)
@taken_from(RunConfig, "out")
def command(out: str) -> int:
    """Compute every record's figures again, and the comparisons; name what was edited.

    They are computed from the predictions beside the records.
    """
    from suite.analysis.evidence import STATISTICS
    from suite.store import Store
    from suite.verify import verify
    from suite.writing import edited_statistics

    store = Store(Path(out))
    findings = verify(store)
    if not findings:
        raise UsageError(f"no record in {out}: nothing to verify")
    for finding in findings:
        if finding.verdict != "agrees":
            verdict = "cannot be checked" if finding.verdict == "unchecked" else finding.verdict
            echo(f"{verdict}: {finding.path}: {finding.reason}")
    agree = [finding for finding in findings if finding.verdict == "agrees"]
    failures = sum(bool(finding.reason) for finding in agree)
    line = "1 record agrees with its" if len(agree) == 1 else f"{len(agree)} records agree with their"
    echo(f"{line} predictions" + (f"; {failures} of them failed, without any" if failures else ""))
    wrong, others = edited_statistics(store)
    for name in others:
        echo(f"cannot be checked: {STATISTICS}/{name}.json: of no board as suite report shows it")
    for name in wrong:
        echo(f"edited: {STATISTICS}/{name}.json: not what the predictions give")
    return 1 if wrong or any(finding.verdict in ("edited", "unreadable") for finding in findings) else 0
