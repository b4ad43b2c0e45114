"""`suite doctor`."""

from __future__ import annotations

import dataclasses

import click

from suite.commands.console import console, print_json
from suite.commands.options import Command


@click.command(
    "doctor",
    cls=Command,
    examples=[
        ("What is there, what is absent, and how to get it", "suite doctor"),
        ("For a script: exit code 1 where there is a problem", "suite doctor --json"),
    ],
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="One JSON array; each item has label, value, problem and note ('' if none).",
)
def command(as_json: bool) -> int:
    """Show versions, cores, disk, what is absent, and what would get in the way.

    What is optional and absent is no problem: it is said what does not work without it, and how to get it.
    """
    from suite.doctor import examine

    checks = examine()
    if as_json:
        print_json([[dataclasses.asdict(check) for check in checks]])
    else:
        from suite.report.listing import doctor_table

        console().print(doctor_table([dataclasses.astuple(check) for check in checks]))
    return 1 if any(check.problem for check in checks) else 0
