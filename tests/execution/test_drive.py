"""The loop, with sources and placers that do what a test says, and a fit that is asked to stop where it really runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from suite import api
from suite.config import DataConfig, RunConfig
from suite.events import Event, Finished, Progress, Started
from suite.execution.drive import ATTEMPTS, Answer, Begun, Listed, Tell, drive
from suite.planning.plan import make_plan
from suite.schema import Assignment, FitOutput, Record, Resources, Work
from suite.store import Store


@pytest.fixture
def works(tmp_path: Path) -> list[Work]:
    """Three cells."""
    data = (DataConfig(source="iris"),)
    config = RunConfig(models=("dummy",), data=data, protocol="cv3", out=tmp_path / "out", threads=1)
    return make_plan(config).todo


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "out")


class Fake:
    """Runs one cell at a time, in the order given; a cell fails to begin as often as `fails` says."""

    def __init__(self, fails: int = 0) -> None:
        self.fails = fails
        self.placed: list[str] = []
        self.asked: list[bool | None] = []
        self._at_work: tuple[Work, Assignment] | None = None
        self.busy = 1

    def choose(self, waiting: Sequence[Work]) -> Work | None:
        return None if self._at_work else waiting[0]

    def place(self, work: Work, assignment: Assignment) -> None:
        self.placed.append(work.cell.key)
        self._at_work = work, assignment

    def wait(self, tell: Tell) -> None:
        assert self._at_work
        (work, assignment), self._at_work = self._at_work, None
        key, n, k = work.cell.key, len(assignment.test_rows), assignment.task.n_classes
        if self.fails:
            self.fails -= 1
            tell(Answer(key=key, output=None, message="no start today", log="the log"))
            return
        tell(Begun(key=key))
        self.asked.append(tell(Progress(cell=work.cell, step=1, values={"loss": 1.0})))
        tell(Answer(key=key, output=FitOutput(proba=np.full((n, k), 1 / k), labels=np.arange(k))))


def test_every_cell_is_placed_once_and_told_of_in_order(works: list[Work], store: Store) -> None:
    source, placer, events = Listed(works), Fake(), list[Event]()
    drive(source, placer, store, events.append)
    assert placer.placed == [work.cell.key for work in works] == list(source.records)
    # The next cell is placed before the last one is scored.
    one, two, three = works
    seen = [(type(event), event.cell) for event in events if not isinstance(event, Progress)]  # type: ignore[union-attr]
    assert seen == [
        (Started, one.cell),
        (Started, two.cell),
        (Finished, one.cell),
        (Started, three.cell),
        (Finished, two.cell),
        (Finished, three.cell),
    ]
    assert {record.timing.busy_workers for record in store.records()} == {1}


def test_a_source_may_have_nothing_now_and_more_after_a_record(works: list[Work], store: Store) -> None:
    class OneAfterTheOther(Listed):
        is_waiting = False

        def take(self) -> Work | None:
            work = None if self.is_waiting else super().take()
            self.is_waiting = self.is_waiting or work is not None
            return work

        def told(self, record: Record) -> None:
            self.is_waiting = False
            super().told(record)

    source, events = OneAfterTheOther(works), list[Event]()
    drive(source, Fake(), store, events.append)
    assert len(source.records) == 3
    assert [type(e) for e in events if not isinstance(e, Progress)] == [Started, Finished] * 3


@pytest.mark.parametrize(("fails", "status"), [(ATTEMPTS - 1, "ok"), (ATTEMPTS, "crash")])
def test_a_cell_that_does_not_begin_is_placed_again_but_not_for_ever(
    fails: int, status: str, works: list[Work], store: Store
) -> None:
    source, placer = Listed(works[:1]), Fake(fails)
    drive(source, placer, store)
    (record,) = source.records.values()
    assert (record.status, len(placer.placed)) == (status, ATTEMPTS)
    if status == "crash":
        assert record.failure is not None
        told = record.failure.kind, record.failure.message, record.failure.log
        assert told == ("Start", "no start today", "the log")


def test_only_false_asks_a_cell_to_stop(works: list[Work], store: Store) -> None:
    answers = iter([None, True, False])
    placer = Fake()
    drive(
        Listed(works),
        placer,
        store,
        lambda event: next(answers) if isinstance(event, Progress) else False,
    )
    assert placer.asked == [None, True, False]


def test_what_an_interruption_leaves_is_with_the_source(works: list[Work], store: Store) -> None:
    def stop(event: Event) -> None:
        if isinstance(event, Finished):
            raise KeyboardInterrupt

    source = Listed(works)
    with pytest.raises(KeyboardInterrupt):
        drive(source, Fake(), store, stop)
    assert list(source.records) == [works[0].cell.key] == [record.key for record in store.records()]


@pytest.mark.parametrize(
    "executor", ["local", *(pytest.param(e, marks=pytest.mark.slow) for e in ("inline", "dask"))]
)
def test_a_fit_stops_when_it_is_asked_to_is_noted_and_is_not_done_for_the_next_run(
    executor: str, home: Path
) -> None:
    def stop_at_three(event: Event) -> bool:
        return not (isinstance(event, Progress) and event.step >= 3)

    def stopped() -> Record:
        # By no fixture that looks for processes: Python's own, beside those that Dask starts, stays.
        options = {"protocol": "holdout", "executor": executor, "threads": 1, "watch": stop_at_three}
        (record,) = api.run("keras_baseline:epochs=30000", "iris", **options).records
        return record

    record = stopped()
    step = record.resources.stopped_at_step
    assert (record.status, record.attempt) == ("ok", 1)
    assert step is not None
    # Of a child it takes a moment until it has heard.
    assert step == 3 if executor == "inline" else 3 <= step < 30000
    assert [note for note in record.notes if "stop" in note] == [
        f"stopped on request after epoch {step} of 30000"
    ]
    # Whether it is done is read from the record, wherever it ran: one that imports TensorFlow again says no more.
    if executor == "inline":
        assert stopped().attempt == 2


def test_a_cell_that_is_proposed_twice_is_run_once(works: list[Work], store: Store) -> None:
    source, placer = Listed([*works, works[0], works[2]]), Fake()
    drive(source, placer, store)
    assert sorted(placer.placed) == sorted(work.cell.key for work in works)


def test_a_later_attempt_keeps_when_the_first_began_and_is_not_blamed_for_a_fit_cut_short(
    works: list[Work], store: Store
) -> None:
    class Other(Fake):
        """Stopped at a step, with other probabilities."""

        def wait(self, tell: Tell) -> None:
            assert self._at_work
            (work, assignment), self._at_work = self._at_work, None
            n, k = len(assignment.test_rows), assignment.task.n_classes
            proba = np.eye(k)[np.arange(n) % k]
            resources = Resources(stopped_at_step=3)
            output = FitOutput(proba=proba, labels=np.arange(k), resources=resources)
            tell(Answer(key=work.cell.key, output=output))

    drive(Listed(works[:1]), Other(), store)
    (stopped,) = store.records()
    drive(Listed(works[:1]), Fake(), store)
    (again,) = store.records()
    assert (again.attempt, again.first_at) == (2, stopped.provenance.started_at)
    assert again.predictions_sha256 != stopped.predictions_sha256
    assert not any("not deterministic" in note for note in again.notes)
