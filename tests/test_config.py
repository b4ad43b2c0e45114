from __future__ import annotations

from typing import Any

import pytest

from suite.config import DataConfig, RunConfig
from suite.errors import UsageError

DATA = (DataConfig(source="digits"),)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"models": ()}, "no model named"),
        ({"data": ()}, "no data set"),
        ({"seeds": 0}, "--seeds"),
        ({"threads": -1}, "--threads"),
        ({"time_limit_s": 0.0}, "--time-limit"),
        ({"time_limit_s": float("nan")}, "--time-limit"),
        ({"time_limit_s": float("inf")}, "--time-limit"),
        ({"memory_limit_gb": float("inf")}, "--memory-limit"),
        ({"memory_limit_gb": 1e11}, "--memory-limit"),
        ({"seeds": 10**9}, "--seeds"),
        ({"executor": "inline:"}, "--executor"),
        ({"executor": "local:2"}, "--executor"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(fields: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        RunConfig(**{"models": ("dummy",), "data": DATA, **fields})


def test_a_run_without_a_time_limit_is_allowed() -> None:
    assert RunConfig(models=("dummy",), data=DATA, time_limit_s=None).time_limit_s is None
