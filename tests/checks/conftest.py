"""Tables made from nothing but numbers: ordinary ones, and what is planted in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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


def clean_table(seed: int, n: int = 0) -> pd.DataFrame:
    """An honest table of 60 to 2,000 rows and 2 to 8 classes, of which several columns tell something; target `y`."""
    rng = np.random.default_rng(seed)
    n = n or int(rng.choice([60, 100, 200, 500, 1000, 2000]))
    k = int(rng.integers(2, 9))
    if n < 30 * k:
        k = max(2, n // 30)
    y = rng.choice(k, n, p=rng.dirichlet(np.full(k, 5.0)))
    y[: 3 * k] = np.arange(3 * k) % k
    rng.shuffle(y)
    words = np.array([f"word{i}" for i in range(400)])
    columns = {
        "height": rng.normal(size=n),
        "signal": rng.normal(0.8 * y, 1.0),
        "mixed": rng.normal(np.cos(2.0 * y), 0.8),
        "spend": rng.lognormal(3 + 0.2 * y, 1.0).round(2),
        "visits": rng.poisson(3 + y),
        "calls": rng.poisson(40, n),
        "age": rng.normal(40 + y, 12, n).round().clip(18, 95),
        "grade": rng.integers(1, 6, n),
        "half": (rng.normal(5, 2, n) * 2).round() / 2,
        "colour": rng.choice(["red", "green", "blue"], n),
        "plan": np.where(
            rng.random(n) < 0.4, np.char.add("p", (y % 3).astype(str)), rng.choice(["p0", "p1", "p2"], n)
        ),
        "town": rng.choice([f"town {i}" for i in range(40)], n),
        "remark": rng.choice(words, n),
        "code": rng.integers(1000, 9999, n),
        "member": rng.choice(["true", "false"], n),
        "seen": (pd.Timestamp("2021-03-01") + pd.to_timedelta(rng.integers(0, 800, n), unit="D")).strftime(
            "%Y-%m-%d"
        ),
        "since": rng.integers(1990, 2024, n),
        "holes": np.where(rng.random(n) < 0.4, np.nan, rng.normal(y * 0.3, 1.0)),
        "stage": np.where(rng.random(n) < 0.3, None, rng.choice(["a", "b", "c"], n)),
    }
    names = list(columns)
    kept = sorted(rng.choice(len(names), int(rng.integers(3, len(names) + 1)), replace=False))
    frame = pd.DataFrame({names[i]: columns[names[i]] for i in kept})
    return frame.assign(y=np.array([f"class {code}" for code in y]))


def planted(table: pd.DataFrame, seed: int) -> Iterator[tuple[str, pd.DataFrame]]:
    """Every fault, each planted in a table of its own, with the code that has to find it."""
    rng, n = np.random.default_rng(9000 + seed), len(table)
    y = pd.factorize(table.y)[0]
    noisy = np.where(rng.random(n) < 0.08, rng.integers(0, y.max() + 1, n), y)
    but_one = table.y.to_numpy(copy=True)
    but_one[n // 2] = table.y[table.y != but_one[n // 2]].iloc[0]
    yield "target-copy", table.assign(copy=table.y.str.upper())
    yield "target-copy", table.assign(copy=y)
    yield "target-copy", table.assign(copy=but_one)
    yield "shifted-target", table.assign(copy=np.roll(y, 1))
    yield "noisy-copy", table.assign(leak=[f"outcome {code}" for code in noisy])
    yield "noisy-copy", table.assign(leak=y + rng.normal(0, 0.2, n))
    yield "identifier", table.assign(account=rng.permutation(n))
    yield "class-order", table.sort_values("y")
    twice = table.sample(n // 20, random_state=1)
    shuffled = {"frac": 1, "random_state": 2, "ignore_index": True}
    yield "repeated-rows", pd.concat([table, twice]).sample(**shuffled)
    yield "conflicting-labels", pd.concat([table, twice.assign(y=np.roll(twice.y, 1))]).sample(**shuffled)
    honest, when, x = table.drop(columns="y"), rng.integers(0, 1000, n), rng.normal(size=n)
    day = (pd.Timestamp("2020-01-01") + pd.to_timedelta(when, unit="D")).strftime("%Y-%m-%d")
    turned = np.where(rng.random(n) < 0.1, rng.integers(0, 2, n), np.where(when < 750, x > 0, x < 0))
    yes = np.array(["no", "yes"])
    yield "time-drift", honest.assign(when=day, x=x, y=yes[turned])
    yield "time-drift", honest.assign(when=day, y=yes[(rng.random(n) < when / 1000).astype(int)])
    yield "row-drift", honest.assign(x=x, y=yes[turned]).iloc[np.argsort(when)].reset_index(drop=True)
    for size in (8, 25):
        group = rng.integers(0, n // size, n)
        of_group, level = rng.integers(0, 2, n // size)[group], rng.normal(size=n // size)[group]
        told = honest.assign(
            x=level + rng.normal(0, 0.1, n), y=yes[np.where(rng.random(n) < 0.05, 1 - of_group, of_group)]
        )
        yield "group-column", told.assign(subject=[f"s{code}" for code in group])
        yield "group-column", told.assign(patient=group * 37 + 1000)


@pytest.fixture(name="clean_table")
def fixture_clean_table() -> Callable[..., pd.DataFrame]:
    return clean_table


@pytest.fixture(name="planted")
def fixture_planted() -> Callable[[pd.DataFrame, int], Iterator[tuple[str, pd.DataFrame]]]:
    return planted


@pytest.fixture(name="typed")
def fixture_typed() -> Callable[[dict[str, Any]], dict[str, Any]]:
    return typed


@pytest.fixture(name="ordinary")
def fixture_ordinary() -> Callable[..., tuple[dict[str, Any], np.ndarray, tuple[str, ...]]]:
    return ordinary


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)
