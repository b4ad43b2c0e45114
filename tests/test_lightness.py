"""What must stay quick to start: no heavy library is imported by commands that fit nothing."""

from __future__ import annotations

import subprocess
import sys

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
