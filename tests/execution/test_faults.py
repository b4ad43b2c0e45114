"""Every fault that a model can have, in one folder: each cell ends as it should, and the others are ok."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from suite import api, threads
from suite.schema import Failure, Record
from suite.supervision.processes import descendants

FAULTY = Path(__file__).with_name("faulty_models.py")
# What hangs takes the whole of its limit; what ends by itself gets enough of one.
LIMIT_S, ENOUGH_S, LIMIT_GB = 1.0, 60.0, 0.3
HANGS = ["sleeps", "spins", "hangs_in_c", "ignores_sigterm", "grows_and_hangs", "breeds_and_sleeps"]
CRASHES = {
    "segfaults": "SIGSEGV in faulty_models.py, line ",
    "aborts": "SIGABRT in faulty_models.py, line ",
    "exits_at_once": "code 3",
    "exits": "a last word",
    "is_killed": "SIGKILL",
    "breeds_and_crashes": "code 3",
}
GROWS = ["grows", "grows_and_aborts", "shares"]
INVALID = {
    "says_nan": "NaN",
    "says_infinity": "infinity",
    "says_negative": "negative",
    "does_not_sum_to_one": "do not sum to 1",
    "has_few_rows": "shape",
    "has_few_columns": "shape",
    "has_many_columns": "shape",
    "is_a_vector": "shape",
    "is_text": "not real numbers",
}
FINE = ["dummy", "naive_bayes"]
REPORTS = ["Reports", "ReportsToo"]
ODD = ["floods", "breeds", "Reversed", "Straight", "Disagrees", "Mutates", "Random", "Remembers", *REPORTS]

pytestmark = pytest.mark.timeout(600)


def processes(words: str) -> list[int]:
    """Return the processes with these words in their command line."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if words in line and int(folder.name) != os.getpid():
                found.append(int(folder.name))
    return found


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Record]]:
    """What ends by itself, and then what hangs: run once, looked at by every test of this module.

    The run is begun with other numbers of threads in its environment, which no child may go by.
    """
    home = tmp_path_factory.mktemp("faults")
    ends, hangs = (
        [f"{FAULTY}:{name}" for name in names] for names in ([*CRASHES, *GROWS, *INVALID, *ODD], HANGS)
    )
    options = {"protocol": "holdout", "memory_limit_gb": LIMIT_GB, "threads": 1, "out": "results"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(home / "cache"))
        patch.chdir(home)
        for name in (name for name in threads.environment(1) if name.endswith("_NUM_THREADS")):
            patch.setenv(name, "7")
        ended = api.run([*FINE, *ends], "iris", time_limit_s=ENOUGH_S, **options)
        hung = api.run(hangs, "iris", time_limit_s=LIMIT_S, **options)
        yield [*ended.records, *hung.records]


def record_of(records: list[Record], name: str) -> Record:
    return next(record for record in records if record.model in (name, f"{FAULTY}:{name}"))


def failure_of(records: list[Record], name: str) -> Failure:
    failure = record_of(records, name).failure
    assert failure is not None
    return failure


@pytest.mark.parametrize("name", HANGS)
def test_a_model_that_never_returns_is_ended_at_its_limit(records: list[Record], name: str) -> None:
    assert record_of(records, name).status == "timeout"
    assert failure_of(records, name).limit == LIMIT_S


@pytest.mark.parametrize("name", CRASHES)
def test_a_model_that_ends_its_process_is_a_crash_that_says_how(records: list[Record], name: str) -> None:
    assert record_of(records, name).status == "crash"
    assert CRASHES[name] in failure_of(records, name).message


def test_the_log_of_a_crash_holds_its_stack_and_no_list_of_modules(records: list[Record]) -> None:
    log = failure_of(records, "segfaults").log
    assert "Fatal Python error: Segmentation fault" in log
    assert "faulty_models.py" in log
    assert "Extension modules" not in log


@pytest.mark.parametrize("name", GROWS)
def test_a_model_that_takes_too_much_memory_is_out_of_memory(records: list[Record], name: str) -> None:
    assert record_of(records, name).status == "out_of_memory"
    failure = failure_of(records, name)
    assert failure.limit == 1000 * LIMIT_GB
    assert isinstance(failure.peak_mb, float)
    assert failure.peak_mb > 500 * LIMIT_GB


@pytest.mark.parametrize("name", INVALID)
def test_probabilities_that_are_none_are_invalid_output(records: list[Record], name: str) -> None:
    assert record_of(records, name).status == "invalid_output"
    assert INVALID[name] in failure_of(records, name).message


@pytest.mark.parametrize("name", [*FINE, *ODD])
def test_the_other_cells_of_the_run_are_ok(records: list[Record], name: str) -> None:
    record = record_of(records, name)
    assert (record.status, record.failure) == ("ok", None)
    assert record.metrics["accuracy"] is not None


def test_no_process_of_the_run_is_left(records: list[Record]) -> None:
    ours = set(descendants(os.getpid()))
    assert not ours & set(processes("suite.execution.worker"))
    assert processes("sleep 611.7") == []


def test_processes_that_a_model_left_behind_are_noted(records: list[Record]) -> None:
    assert any("left 2 processes running" in note for note in record_of(records, "breeds").notes)


def test_columns_in_another_order_are_realigned(records: list[Record]) -> None:
    assert record_of(records, "Reversed").metrics == record_of(records, "Straight").metrics
    assert (record_of(records, "Reversed").metrics["accuracy"] or 0) > 0.8


def test_a_predict_that_disagrees_with_the_probabilities_is_noted(records: list[Record]) -> None:
    assert any(
        "disagrees with its probabilities in 30 of 30" in n for n in record_of(records, "Disagrees").notes
    )


def test_a_model_that_changes_its_rows_changes_nobody_elses(records: list[Record]) -> None:
    alone = api.run("naive_bayes", "iris", protocol="holdout", out="alone", threads=1, executor="inline")
    beside = record_of(records, "naive_bayes")
    assert beside.predictions_sha256 == alone.records[0].predictions_sha256


def test_a_model_that_remembers_the_order_of_rows_scores_at_chance(records: list[Record]) -> None:
    assert (record_of(records, "Remembers").metrics["accuracy"] or 0) < 0.6


def test_a_child_is_held_to_its_threads_and_cores(records: list[Record]) -> None:
    notes = record_of(records, "Reports").notes
    assert {"cores 1", "omp 1", "pools 1"} <= set(notes)
    assert record_of(records, "Reports").resources.threads == 1


def test_every_factory_has_a_process_of_its_own_that_is_gone_afterwards(records: list[Record]) -> None:
    notes = [record_of(records, name).notes for name in REPORTS]
    pids = [int(note.removeprefix("pid ")) for told in notes for note in told if note.startswith("pid ")]
    # Neither this one, nor one another's, nor one in which an entry of suite's or another factory was fitted.
    assert len({os.getpid(), *pids}) == 3
    assert all("warmed up 1" in told for told in notes)
    assert not [note for told in notes for note in told if note.startswith("fitted before")]
    assert not set(pids) & set(processes("suite.execution.worker"))


def test_busy_workers_and_load_stand_beside_each_timing(records: list[Record]) -> None:
    timing = record_of(records, "dummy").timing
    assert (timing.busy_workers or 0) >= 1
    assert timing.load is not None
