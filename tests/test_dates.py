from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from suite.dates import PARTS, Calendar
from suite.features import native, scaled
from suite.schema import Task

WRITTEN = [
    "1969-12-31 23:59:59",
    "1970-01-01",
    "2024-02-29 13:30",
    "2023-12-31 06:00",
    "9999-12-31",
    "0001-01-01",
]
TIMES = np.array(WRITTEN, "M8[s]")


def seconds() -> pd.DataFrame:
    return pd.DataFrame({"since": [*TIMES.astype(np.int64).astype(float), np.nan, 1e300]})


def test_parts_are_those_of_the_calendar_and_gaps_stay() -> None:
    parts = Calendar().fit_transform(seconds())
    dates = pd.Series(TIMES).dt
    for name, found in zip(PARTS, parts.T, strict=True):
        assert found[:6].tolist() == getattr(dates, name.replace("weekday", "day_of_week")).tolist(), name
    assert np.isnan(parts[6:]).all()


def test_the_course_of_a_year_a_week_and_a_day_is_a_circle() -> None:
    days = pd.date_range("2021-01-01", periods=366 * 24, freq="h")
    X = pd.DataFrame({"since": days.astype("M8[s]").astype("int64").astype(float)})
    turns = Calendar(cyclic=True).fit_transform(X)
    assert turns.shape == (len(X), 6)
    np.testing.assert_allclose(turns[:, :3] ** 2 + turns[:, 3:] ** 2, 1, atol=1e-6)
    np.testing.assert_allclose(turns[0, [1, 2]], turns[7 * 24, [1, 2]], atol=1e-5)
    np.testing.assert_allclose(turns[0, [0, 3]], turns[365 * 24, [0, 3]], atol=0.02)
    assert not np.allclose(turns[0, [0, 3]], turns[182 * 24, [0, 3]], atol=1)


@pytest.mark.parametrize("scaling", ["standard", "quantile"])
def test_features_of_dates_are_finite_and_beside_the_seconds(scaling: str) -> None:
    X, y = seconds(), np.arange(8) % 2
    X.loc[7, "since"] = 3e38
    task = Task(
        kinds=("datetime",), levels=(0,), n_train=8, n_features=1, n_classes=2, validation=np.array([7])
    )
    matrix = scaled(task, scaling=scaling).fit_transform(X, y)
    assert matrix.shape == (8, 1 + 1 + 6)
    assert np.isfinite(matrix).all()
    assert list(native(task).fit_transform(X, y)) == ["f0", "d0", "d1", "d2", "d3"]
