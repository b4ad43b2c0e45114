"""Which faults do the tests miss: plant some in a module, one at a time, and run the tests that mirror it.

``python benchmarks/mutants.py analysis/tied.py scoring.py`` plants up to 30 faults in each module and prints those that
no test noticed. `docs/testing.md` says how to set it up and what was found. The faults are cosmic-ray's, drawn by a
fixed seed, at most one at a place; those that change annotations alone are left out. They are planted in a copy of the
source, and each run of the tests is a fork of this process, which has the heavy libraries already.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEAVY = (
    "numpy",
    "pandas",
    "scipy.stats",
    "sklearn.ensemble",
    "sklearn.linear_model",
    "sklearn.metrics",
    "hypothesis",
)
SLACK_S = 20.0


def tests_of(module: str) -> Path:
    """Return the test file that mirrors a module, or else its package."""
    path = ROOT / "tests" / module
    own = path.with_name(f"test_{path.name}")
    return own if own.exists() else path.parent.with_name(f"test_{path.parent.name}.py")


def mutants(source: Path, n: int, seed: int) -> list[tuple[int, str]]:
    """Return up to `n` mutants of a file, each as its line and its whole text."""
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator, operator_names

    text = source.read_text()
    tree, plain, places = get_ast(text), _bare(text), defaultdict(list)
    for name in operator_names():
        if get_operator(name).arguments():
            continue
        operator = get_operator(name)()
        found = [start for node in ast_nodes(tree) for start, _ in operator.mutation_positions(node)]
        for occurrence, start in enumerate(found):
            places[start].append((operator, occurrence))
    rng, picked = random.Random(seed), []
    for start in rng.sample(sorted(places), len(places)):
        operator, occurrence = rng.choice(places[start])
        try:
            mutant = mutate_code(text, operator, occurrence)
        except AttributeError:  # `except errors.Name`, which cosmic-ray finds and cannot change
            continue
        if len(picked) < n and mutant is not None and _bare(mutant) not in (plain, None):
            picked.append((start[0], mutant))
    return sorted(picked)


def _bare(text: str) -> str | None:
    """Return code without its annotations; None if it is no code."""
    try:
        tree = ast.parse(text)
    except SyntaxError:  # `*` of an argument is not always one of a product
        return None
    for node in ast.walk(tree):
        for name in ("annotation", "returns"):
            if getattr(node, name, None) is not None:
                setattr(node, name, ast.Constant(None))
    return ast.dump(tree)


def passes(tests: list[str], log: Path, limit_s: float) -> bool:
    """Run tests in a fork; tell whether they pass in time."""
    child = os.fork()
    if child == 0:
        os.setsid()
        where = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(where, 1)
        os.dup2(where, 2)
        code = 70
        try:
            import pytest
            from hypothesis import Phase, settings

            # The same examples in every run; what fails need not be made small.
            quick = (Phase.explicit, Phase.generate)
            settings.register_profile("mutants", derandomize=True, database=None, phases=quick)
            settings.load_profile("mutants")
            loaded = ("-W", "ignore::pytest.PytestAssertRewriteWarning")
            code = int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *loaded, *tests]))
        except BaseException:
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    until = time.monotonic() + limit_s
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status == 0
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def main() -> None:
    """Print each fault that survives, and a count for each module."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("modules", nargs="+", help="relative to src/suite")
    parser.add_argument("-n", type=int, default=30, help="faults a module, at most")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--tests", action="append", help="test files; by default those that mirror the module"
    )
    asked = parser.parse_args()
    for name in HEAVY:
        __import__(name)
    with tempfile.TemporaryDirectory() as scratch:
        copy, log = Path(scratch, "src"), Path(scratch, "log")
        shutil.copytree(ROOT / "src", copy, ignore=shutil.ignore_patterns("__pycache__"))
        # A file that is written anew within a second would be taken for the one before.
        sys.dont_write_bytecode = True
        os.environ |= {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
        sys.path.insert(0, str(copy))
        os.chdir(ROOT)
        for module in asked.modules:
            tests = asked.tests or [str(tests_of(module))]
            planted = copy / "suite" / module
            text, begun = planted.read_text(), time.monotonic()
            if not passes(tests, log, 600.0):
                sys.exit(f"{module}: its tests fail without a fault\n{log.read_text()[-3000:]}")
            limit_s = 3 * (time.monotonic() - begun) + SLACK_S
            found, survived = mutants(planted, asked.n, asked.seed), 0
            for line, mutant in found:
                planted.write_text(mutant)
                if passes(tests, log, limit_s):
                    survived += 1
                    changes = difflib.unified_diff(text.splitlines(), mutant.splitlines(), n=0, lineterm="")
                    print(f"{module}:{line}", *list(changes)[3:], sep="\n    ", flush=True)
            planted.write_text(text)
            n = len(found)
            print(f"{module}: {n} planted, {n - survived} killed, {survived} survived", flush=True)


if __name__ == "__main__":
    main()
