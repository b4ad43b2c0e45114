"""What `docs/evidence.md` says of intervals, tests and the tied group, on a smaller run."""

from __future__ import annotations

import importlib.util
import math
import sys
from pathlib import Path
from statistics import fmean
from types import ModuleType
from typing import Any

import pytest

from suite.analysis.comparison import FEW_ROWS, FEW_ROWS_OTHERWISE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SIZES = (360, 1000)
REPEATS = 100
ERROR = math.sqrt(0.05 * 0.95 / REPEATS)
"""Of a share of 5 % or 95 %, as if the models of one test set said the same."""


@pytest.fixture(scope="module")
def evidence() -> ModuleType:
    path = Path(__file__).parents[2] / "benchmarks" / "evidence.py"
    spec = importlib.util.spec_from_file_location("evidence", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["evidence"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module", params=[2, 3])
def judged(request: pytest.FixtureRequest, evidence: ModuleType) -> dict[int, Any]:
    whole = evidence.population(request.param, seed=request.param)
    return evidence.judge(whole, SIZES, REPEATS, seed=2, with_sets=False)


def _undoubted(n_rows: int, tally: Any) -> list[str]:
    few = {metric: FEW_ROWS.get(metric, FEW_ROWS_OTHERWISE) for metric in tally.held}
    assert len(few) > 8
    return [metric for metric in few if n_rows >= few[metric]]


def test_intervals_hold_the_truth_19_times_in_20(judged: dict[int, Any]):
    for n_rows, outcome in judged.items():
        for tally in (outcome.single, outcome.pair):
            for metric in _undoubted(n_rows, tally):
                assert 0.93 - 2 * ERROR <= tally.share(metric) <= 0.97 + 2 * ERROR, metric


def test_equally_good_models_are_called_different_once_in_20_at_most(judged: dict[int, Any]):
    for n_rows, outcome in judged.items():
        for metric in _undoubted(n_rows, outcome.false):
            assert outcome.false.share(metric) <= 0.05 + ERROR, metric


def test_the_tied_group_holds_the_truly_best(judged: dict[int, Any]):
    for n_rows, outcome in judged.items():
        for kind in ("tied", "tied of equals"):
            shares = {m: outcome.tied[kind].share(m) for m in _undoubted(n_rows, outcome.tied[kind])}
            assert fmean(shares.values()) >= 0.95 - 2 * ERROR
            # The least of ten and more lies further out by chance.
            assert min(shares.values()) >= 0.95 - 3 * ERROR, shares


def test_the_tied_group_is_hardly_larger_than_holms(judged: dict[int, Any]):
    for outcome in judged.values():
        sizes = {name: outcome.size[name]["accuracy"] for name in ("tied", "Holm")}
        # A model whose difference to the leader is not real by the test of the pair stays as well.
        assert sum(sizes["tied"]) <= 1.15 * sum(sizes["Holm"])


@pytest.mark.parametrize("rule", ["cv5", "cv5x3"])
def test_folds_of_500_rows_hold_as_well(evidence: ModuleType, rule: str):
    found = evidence.folds(500, REPEATS, rule, "linear", seed=7)
    assert found["single"] >= 0.93 - 2 * ERROR
    assert found["false"] <= 0.05 + 2 * ERROR
