"""Tables made from nothing but numbers: ordinary ones, and what is planted in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from suite.datasets.columns.column_reading import ColumnReading
from suite.datasets.columns.typed import Column, type_of
from suite.datasets.columns.typed import typed as typed_column


def type_column(values: pd.Series[Any]) -> Column:
    """A column typed as its source has it; text is categorical, whatever is written there."""
    return typed_column(ColumnReading(name=str(values.name), read_as=type_of(values)), values)


def typed(columns: dict[str, Any]) -> dict[str, Any]:
    """Columns as the audits get them."""
    return {name: type_column(pd.Series(values)) for name, values in columns.items()}


def ordinary(seed: int, least: int = 12) -> tuple[dict[str, Any], np.ndarray, tuple[str, ...]]:
    """An ordinary table: every kind of measurement, some of which have to do with the class; now and then sorted."""
    rng = np.random.default_rng(seed)
    n = int(rng.choice([n for n in (12, 20, 25, 60, 150, 700, 5000) if n >= least]))
    n_classes = int(rng.choice([2, 2, 3, 5, 10]))
    y = rng.choice(n_classes, n, p=rng.dirichlet(np.full(n_classes, 3.0)))
    if seed % 3 == 0:
        y = np.sort(y)
    columns: dict[str, Any] = {
        "reading": rng.normal(size=n),
        "separated": rng.normal(y * 2.0, 1.0),
        "score": rng.integers(0, 101, n),
        "visits": rng.poisson(4, n),
        "number_of_calls": rng.poisson(30 + 5 * y),
        "spend": rng.lognormal(4 + 0.3 * y, 1.5).round(),
        "age": rng.normal(40, 12, n).round().clip(18, 95),
        "year": np.sort(rng.integers(1950, 2021, n)),
        "since": 1950 + np.arange(n) % 70,
        "month": np.arange(n) + 1,
        "income": np.cumsum(rng.integers(1, 900, n)),
        "world_rank": rng.permutation(n) + 1,
        "amount": rng.choice(2 * n, n, replace=False),
        "code": rng.choice(2 * n, n, replace=False),
        "agrees": rng.integers(1, 6, n),
        "humidity": rng.integers(20, 100, n),
        "paid": rng.integers(0, 2, n).astype(bool),
        "colour": rng.choice(["red", "green", "blue"], n),
        "town": rng.choice([f"town {i}" for i in range(25)], n),
        "zip": rng.integers(10_000, 99_999, n),
        "seen": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), unit="D"),
        "follow_up": np.where(rng.random(n) < 0.8, np.nan, rng.normal(y * 2.0, 1.0)),
        "answer": np.where(rng.random(n) < 0.1 + 0.5 * (y == 0), rng.choice(["yes", "no"], n), None),
        "stage": np.where(rng.random(n) < 0.3, None, rng.choice(["a", "b", "c"], n)),
        "holes": np.where(rng.random(n) < 0.4, np.nan, rng.normal(size=n)),
    }
    if seed % 3 == 0:
        # What follows the rows of a sorted file does give the class away.
        for name in ("year", "since", "month", "income"):
            del columns[name]
    return typed(columns), y.astype(np.int16), tuple(map(str, range(n_classes)))


@pytest.fixture(name="typed")
def fixture_typed() -> Callable[[dict[str, Any]], dict[str, Any]]:
    return typed


@pytest.fixture(name="ordinary")
def fixture_ordinary() -> Callable[..., tuple[dict[str, Any], np.ndarray, tuple[str, ...]]]:
    return ordinary


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)
