"""Where commands print: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console


def console(*, stderr: bool = False) -> Console:
    """Return a console on standard output, or on standard error."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False)


def say(line: str) -> None:
    """Write a line on standard error."""
    from suite.report.text import inert

    sys.stderr.write(f"{inert(line)}\n")


def print_json(items: Iterable[Any]) -> None:
    """Write items as JSON on standard output, one a line."""
    for item in items:
        sys.stdout.write(json.dumps(item) + "\n")
