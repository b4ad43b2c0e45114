"""What the harness adds to a bare fit and predict of the same estimator on the same rows.

Each part contains the one before:

- `bare`: build, fit on the train rows, predict the test rows;
- `fit_predict`: the same on the side that never sees a test label, with thread limits, memory readings, the check of
  the probabilities, and what is measured of the fitted model;
- `cell`: the same as one cell of a run, in this process: rows taken from the table, fitted, scored, record and
  predictions stored.

The latency of one row, which a cell takes a quarter of a second to measure, is called once here. The three take turns,
with the same threads, so that all meet the same machine; what each turn took is then given to the benchmarks by a clock
that stands still but for that.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from suite.fitting import fit_predict, measure, warm_up
from suite.models.catalogue import MODELS
from suite.schema import Context, Job, Work

MODEL = "naive_bayes"
PARTS = ("bare", "fit_predict", "cell")
ROUNDS = 20

_now = 0.0


def replayed() -> float:
    """Return the time of the clock that only `bench_harness` moves on."""
    return _now


@pytest.fixture(scope="module")
def taken(
    digits_work: Callable[[str], Work],
    digits_job: Callable[[str], Job],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, list[float]]:
    """Return the seconds of every round of every part."""
    from suite import threads
    from suite.execution.drive import Listed, drive
    from suite.execution.inline import Inline
    from suite.store import Store

    work, job = digits_work(MODEL), digits_job(MODEL)
    warm_up(MODELS[MODEL], job.threads)

    def bare(store: Store) -> None:
        model = MODELS[MODEL].build(job.task, Context(seed=job.seed, threads=job.threads), **job.params)
        model.fit(job.X_train, job.y_train)
        model.predict_proba(job.X_test)

    def cell(store: Store) -> None:
        drive(Listed([work]), placer, store)

    parts = dict(zip(PARTS, (bare, lambda store: fit_predict(job), cell), strict=True))
    taken: dict[str, list[float]] = {part: [] for part in PARTS}
    with (
        pytest.MonkeyPatch.context() as patch,
        Inline(job.threads, None) as placer,
        threads.limited(job.threads),
    ):
        patch.setattr(measure, "LATENCY_CALLS", range(1, 1))
        for number in range(ROUNDS + 1):
            for turn in range(len(PARTS)):
                part = PARTS[(number + turn) % len(PARTS)]
                store = Store(tmp_path_factory.mktemp(part))
                start = time.perf_counter()
                parts[part](store)
                taken[part].append(time.perf_counter() - start)
    return {part: seconds[1:] for part, seconds in taken.items()}


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.benchmark(group=f"harness, by {MODEL} on digits", timer=replayed)
def bench_harness(benchmark: Any, part: str, taken: dict[str, list[float]]) -> None:
    """One part, beside what it contains."""
    seconds = iter(taken[part])

    def replay() -> None:
        global _now
        _now += next(seconds)

    benchmark.pedantic(replay, rounds=ROUNDS)
