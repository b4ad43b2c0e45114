"""Where commands write: results on standard output, everything else on standard error. Nothing else writes there."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from suite.commands.streams import below
from suite.harmless import one_line

if TYPE_CHECKING:
    from rich.console import Console


def console(*, stderr: bool = False) -> Console:
    """Return a console on standard output, or on standard error."""
    from suite.report.screen import Screen

    return Screen(below(sys.stderr if stderr else sys.stdout))


def echo(line: str) -> None:
    """Write a line on standard output."""
    sys.stdout.write(f"{one_line(line)}\n")


def say(line: str) -> None:
    """Write a line on standard error."""
    sys.stderr.write(f"{one_line(line)}\n")


def complain(message: str, code: int) -> int:
    """Say what ended a command early, and return its exit code."""
    say(f"suite: {message}")
    return code


def print_text(text: str, *, stderr: bool = False) -> None:
    """Write lines that are of suite's own making, or JSON, as they are."""
    (sys.stderr if stderr else sys.stdout).write(text)


def print_json(items: Iterable[Any]) -> None:
    """Write items as JSON on standard output, one a line."""
    for item in items:
        print_text(json.dumps(item) + "\n")
