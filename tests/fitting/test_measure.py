"""What is read off a fitted model: of one row, of the whole model, and of what it says."""

from __future__ import annotations

import pickle
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from suite.fitting import measure

X = pd.DataFrame({"a": np.arange(7.0), "b": np.arange(7.0) ** 2})


class Watched:
    """Keeps the rows of every call."""

    classes_ = np.array([0, 1])

    def __init__(self) -> None:
        self.asked: list[pd.DataFrame] = []

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        self.asked.append(X)
        return np.full((len(X), 2), 0.5)


@pytest.fixture(autouse=True)
def as_many_calls_as_in_a_run(latency_calls: range, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "LATENCY_CALLS", latency_calls)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that shows the sum of this list."""
    ticks: list[float] = []
    monkeypatch.setattr(measure.time, "perf_counter", lambda: sum(ticks))
    return ticks


def test_latency_is_that_of_one_row_and_every_row_has_its_turn() -> None:
    model = Watched()
    (p50, p95), notes = measure.latency_ms(model, X)
    assert notes == ()
    assert p50 is not None
    assert p95 is not None
    assert 0 < p50 <= p95
    assert {rows.shape for rows in model.asked} == {(1, 2)}
    assert [rows["a"].item() for rows in model.asked[:9]] == [0, 0, 1, 2, 3, 4, 5, 6, 0]


def test_the_first_call_is_not_counted(clock: list[float]) -> None:
    class Slow(Watched):
        def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
            clock.append(0.5 if not self.asked else 0.005)
            return super().predict_proba(X)

    (p50, p95), _ = measure.latency_ms(Slow(), X)
    assert (p50, p95) == (pytest.approx(5.0), pytest.approx(5.0))


@pytest.mark.parametrize(
    ("seconds", "calls"),
    [
        (0.0, 200),  # at most
        (0.0101, 25),  # as many as the budget holds
        (0.03, 20),  # at least, beyond the budget
        (0.3, 4),  # unless they take too long
        (5.0, 1),
    ],
)
def test_calls_are_as_many_as_their_time_allows(clock: list[float], seconds: float, calls: int) -> None:
    class Slow(Watched):
        def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
            clock.append(seconds)
            return super().predict_proba(X)

    model = Slow()
    measure.latency_ms(model, X)
    assert len(model.asked) == 1 + calls


def test_median_and_95th_percentile_are_of_the_calls(clock: list[float]) -> None:
    durations: Iterator[float] = iter([9.0, *(1e-3 * i for i in range(1, 23)), *[1.0] * 300])

    class Uneven(Watched):
        def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
            clock.append(next(durations))
            return super().predict_proba(X)

    (p50, p95), _ = measure.latency_ms(Uneven(), X)
    # 1 to 22 ms: these use up the budget.
    assert (p50, p95) == (pytest.approx(11.5), pytest.approx(20.95))


def test_the_size_is_that_of_the_pickled_model_and_none_where_there_is_none() -> None:
    model = {"weights": np.arange(100_000.0), "name": "a"}
    assert measure.pickled_mb(model) == pytest.approx(len(pickle.dumps(model, protocol=5)) / 1e6, rel=1e-3)
    assert measure.pickled_mb(lambda: None) is None


@pytest.mark.parametrize(
    ("said", "rows"), [(12, 12), (np.int64(12), 12), (0, 0), (50, 50), (51, 0), (-1, 0), ("12", 0), (None, 0)]
)
def test_rows_held_out_are_counted_where_a_model_says_so_plainly(said: object, rows: int) -> None:
    model = Watched()
    model.n_validation_ = said
    assert measure.n_validation(model, 50) == rows


def test_a_predict_that_disagrees_is_counted_by_rows_and_by_the_models_own_labels() -> None:
    class Says(Watched):
        classes_ = np.array(["no", "yes"])

        def predict(self, X: pd.DataFrame) -> list[str]:
            return ["yes", "no", "yes"]

    proba = np.array([[0.1, 0.9], [0.6, 0.4], [0.7, 0.3]])
    (note,) = measure.disagreement(Says(), X[:3], proba)
    assert note.startswith("its predict disagrees with its probabilities in 1 of 3 rows")
    assert measure.disagreement(Says(), X[:3], proba[[0, 1, 0]]) == ()
