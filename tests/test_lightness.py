"""What must stay quick to start: a command that fits nothing imports no more than it needs.

What it may import outside the standard library is named here, so that a library nobody thought of is noticed too.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import version

import pytest

COMMANDS = {
    ("--version",): {"click"},
    ("--help",): {"click"},
    ("run", "--help"): {"click"},
    ("report", "--help"): {"click"},
    ("list", "models"): {"click", "rich"},
    ("list", "models", "--json"): {"click"},
    ("list", "datasets"): {"click", "rich"},
    ("list", "metrics"): {"click", "rich", "numpy"},
    ("list", "protocols"): {"click", "rich"},
    ("doctor",): {"click", "rich"},
    ("completion", "bash"): {"click"},
}
IMPORTS: dict[str, set[str]] = {
    "suite.commands": set(),
    "suite.api": {"numpy"},
    "suite.metrics": {"numpy"},
    # A worker is started before it is known which model it will fit.
    "suite.execution.worker, suite.fitting, suite.execution.parcel": {"numpy"},
}
WATCHED = """
import contextlib, io, json, sys
before = set(sys.modules)
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    code = 0
    {statements}
print(json.dumps([code, sorted(set(sys.modules) - before)]))
"""


def loaded(statements: str) -> list[str]:
    """Return the modules that statements import in a process of their own, which they must leave with 0."""
    child = subprocess.run(
        [sys.executable, "-c", WATCHED.format(statements=statements)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert child.returncode == 0, child.stderr
    code, modules = json.loads(child.stdout)
    assert code == 0
    return modules


def _major(package: str) -> int:
    return int(version(package).partition(".")[0])


def libraries(modules: Iterable[str]) -> set[str]:
    """Return the packages outside the standard library, suite left out, and what older ones bring along."""
    found = {name.partition(".")[0] for name in modules} - sys.stdlib_module_names - {"suite"}
    if _major("numpy") < 2:  # Its compiled modules name what Cython adds to each.
        found = {name for name in found if not re.match("_?cython_", name)}
    return found - {"attr"} if _major("rich") < 15 else found


@pytest.mark.parametrize("args", COMMANDS, ids=" ".join)
def test_a_command_that_fits_nothing_imports_only_what_it_shows_things_with(args: tuple[str, ...]) -> None:
    found = libraries(loaded(f"from suite.commands import main; code = main({[*args]!r})"))
    assert found == COMMANDS[args]


@pytest.mark.parametrize("modules", IMPORTS)
def test_an_import_brings_no_library_before_a_model_or_a_table_needs_it(modules: str) -> None:
    assert libraries(loaded(f"import {modules}")) == IMPORTS[modules]


def test_importing_suite_imports_itself_and_its_version_alone() -> None:
    """Not even of the standard library, which a user's `random.py` may shadow before `__main__` sets the path right."""
    assert loaded("import suite") == ["suite", "suite.version"]


def test_a_library_that_a_command_would_import_is_noticed() -> None:
    """The watch itself: of what lies in no standard library, each package is found, and is named once."""
    assert libraries(loaded("import json, click, click.testing, suite.errors")) == {"click"}
