"""What must stay quick to start: no heavy library is imported by commands that fit nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    *("tensorflow", "keras", "sklearn", "xgboost", "lightgbm", "pandas", "scipy", "matplotlib", "dask"),
    *("cloudpickle", "narwhals", "IPython"),
)

LIGHT = [
    ["list", "models"],
    ["list", "datasets"],
    ["list", "metrics"],
    ["list", "protocols"],
    ["run", "--help"],
    ["doctor"],
    ["completion", "bash"],
]


@pytest.mark.parametrize("args", LIGHT, ids=" ".join)
def test_a_command_that_fits_nothing_imports_no_heavy_library(args: list[str]) -> None:
    code = (
        "import sys\nfrom suite.commands import main\n"
        f"code = main({args!r})\n"
        f"heavy = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "sys.exit(f'imported {heavy}' if heavy or code else 0)"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr


@pytest.mark.parametrize(
    "line",
    [
        *("suite run ", "suite run --data ", "suite run --data t.csv --target ", "suite run --metric "),
        *("suite run --protocol grouped:", "suite show ", "suite show board --data ", "suite export "),
        *("suite compare a b --fail-on ", "suite audit t.csv --ignore ", "suite predict m t.csv --id "),
        *("suite ", "suite run --"),
    ],
)
def test_completing_imports_no_heavy_library(line: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,2\n3,4\n")
    board = tmp_path / "results/records/iris-1/holdout/holdout-42/knn"
    board.mkdir(parents=True)
    (board / "seed-0-a.json").write_text('{"id": {"dataset": "iris", "model": "knn"}}')
    code = (
        "import sys\nfrom suite.commands import main\ntry:\n    main()\nexcept SystemExit:\n    pass\n"
        f"sys.exit(str([name for name in {HEAVY!r} if name in sys.modules]).strip('[]') or 0)"
    )
    environment = {**os.environ, "COMP_LINE": line, "_SUITE_COMPLETE": "zsh_complete"}
    child = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=False,
        env=environment,
        cwd=tmp_path,
        text=True,
    )
    assert (child.returncode, child.stderr) == (0, "")
    assert child.stdout.strip()


@pytest.mark.parametrize(("args", "absent"), [(["run", "--help"], "rich"), (["list"], "numpy")], ids=str)
def test_help_loads_no_rich_and_a_list_of_models_no_numpy(args: list[str], absent: str) -> None:
    code = (
        f"import sys\nfrom suite.commands import main\ncode = main({args!r})\n"
        f"sys.exit(code or int({absent!r} in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


def test_a_worker_imports_no_library_before_a_model_needs_it() -> None:
    code = (
        "import sys, suite.execution.worker, suite.fitting, suite.execution.parcel\n"
        f"sys.exit(str([name for name in {HEAVY!r} if name in sys.modules]).strip('[]') or 0)"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (child.returncode, child.stderr) == (0, "")


def test_importing_suite_imports_only_the_standard_library() -> None:
    code = "import sys, suite\nassert 'numpy' not in sys.modules and 'rich' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
