"""The pool of workers, end to end: the same predictions as in one process, its limits, and what the parent imports."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from suite.commands import main
from suite.datasets import column_store
from suite.errors import UsageError
from suite.events import Event, Finished, Progress, Started
from suite.results import Results

Run = Callable[..., Results]
Start = Callable[..., "subprocess.Popen[str]"]


def digests(results: Results) -> list[str | None]:
    assert results.failed == []
    return [record.predictions_sha256 for record in results.records]


def test_workers_and_one_process_give_the_same_predictions_warm_or_fresh(run: Run) -> None:
    models = ["dummy", "naive_bayes", "knn"]
    pooled = run(*models, protocol="cv2", out="pooled")
    assert digests(run(*models, protocol="cv2", executor="inline", out="inline")) == digests(pooled)
    alone = run("knn", protocol="cv2", out="alone", timing="exclusive")
    assert digests(alone) == digests(pooled)[2::3]


def test_a_cell_is_started_told_of_and_finished_once(run: Run, tmp_path: Path) -> None:
    (tmp_path / "steps.py").write_text(
        "from suite.models.dummy import PriorClassifier\n"
        "def steps(task):\n"
        "    return PriorClassifier()\n"
        "steps.features = 'raw'\n"
    )
    events: list[Event] = []
    run("steps.py:steps", "dummy", watch=events.append)
    kinds = {
        name: [type(e) for e in events[1:] if e.cell.model == name] for name in ("steps.py:steps", "dummy")
    }
    assert list(kinds.values()) == [[Started, Finished]] * 2
    assert not any(isinstance(event, Progress) for event in events)


@pytest.mark.slow
@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one core has one worker")
def test_no_cell_waits_for_a_worker_that_has_its_library_and_hangs(home: Path, run: Run) -> None:
    (home / "mine.py").write_text(
        "import time\n"
        "from suite.models.dummy import PriorClassifier\n"
        "class Slow(PriorClassifier):\n"
        "    seconds = 3\n"
        "    def fit(self, X, y):\n"
        "        time.sleep(self.seconds)\n"
        "        return super().fit(X, y)\n"
        "class Hangs(Slow):\n"
        "    seconds = 600\n"
        "Slow.features = 'raw'\n"
    )
    done: list[str] = []

    def stop_after_three(event: Event) -> None:
        done.extend([event.cell.model] if isinstance(event, Finished) else [])
        if len(done) == 3:
            raise KeyboardInterrupt

    # The first worker imports while the second is slow; it then begins what hangs, and the others have to go elsewhere.
    with pytest.raises(KeyboardInterrupt):
        run("mine.py:Slow", "mine.py:Hangs", "dummy", "knn", time_limit_s=60, watch=stop_after_three)
    assert sorted(done) == ["dummy", "knn", "mine.py:Slow"]


def test_a_model_that_never_returns_and_ignores_being_asked_is_ended_at_its_limit(
    run: Run, faulty: Callable[[str], str]
) -> None:
    (record,) = run(faulty("ignores_sigterm"), time_limit_s=1).records
    assert record.status == "timeout"
    assert record.failure is not None
    assert record.failure.limit == 1


def test_the_parent_imports_no_library_of_the_models(home: Path) -> None:
    code = (
        "import sys\nfrom suite import api\n"
        "results = api.run(['dummy', 'lightgbm:n_estimators=2', 'xgboost:n_estimators=2'], 'iris',\n"
        "                  protocol='holdout', out='results')\n"
        "assert not results.failed, results.failed\n"
        "print([name for name in ('tensorflow', 'keras', 'xgboost', 'lightgbm') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.splitlines()[-1:] == ["[]"], done.stderr


def test_one_thread_budget_holds_for_the_whole_folder(run: Run) -> None:
    assert run("dummy", "knn", "naive_bayes", threads=1).records[0].resources.threads == 1
    assert run("dummy", protocol="holdout:0.5").records[0].resources.threads == 1
    if len(os.sched_getaffinity(0)) > 1:
        with pytest.raises(UsageError, match="run with 1 thread each and --threads asks for 2"):
            run("dummy", protocol="holdout:0.4", threads=2)
        with pytest.raises(UsageError, match="--threads asks for 2"):
            run("dummy", threads=2, fresh=True)
        everything = run("dummy", threads=2, fresh=True, out="other")
        assert everything.records[0].resources.threads == 2
        assert run("dummy", threads=1, fresh=True, out="other").records[0].resources.threads == 1


def test_a_fresh_run_with_other_threads_replaces_a_whole_folder_and_no_part_of_it(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run_with(threads: int, *models: str, fresh: bool = True) -> tuple[int, str]:
        flags = ["--data", "iris", "--protocol", "holdout", "--threads", str(threads), "--json"]
        code = main(["run", *models, *flags, *(["--fresh"] if fresh else []), "--executor", "inline"])
        return code, capsys.readouterr().err

    assert run_with(1, "dummy", "knn", fresh=False)[0] == 0
    code, err = run_with(2, "dummy", fresh=False)
    assert (code, err.count("\n")) == (2, 1)
    assert "with 1 thread each" in err
    code, err = run_with(2, "dummy")
    assert (code, err.count("\n")) == (2, 1)
    assert run_with(2, "dummy", "knn")[0] == 0
    assert {json.loads(p.read_text())["resources"]["threads"] for p in home.rglob("seed-*.json")} == {2}


def test_exclusive_timing_runs_one_cell_at_a_time(run: Run) -> None:
    records = run("dummy", "naive_bayes", timing="exclusive").records
    assert {record.timing.busy_workers for record in records} == {1}


def test_more_threads_than_cores_are_clamped_recorded_and_noted(home: Path, command: Start) -> None:
    process = command("run", "dummy", "--data", "iris", "--threads", "640", "--json")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    record = json.loads(out.splitlines()[0])
    assert record["resources"]["threads"] == len(os.sched_getaffinity(0))
    assert any("--threads 640: this machine has" in note for note in record["notes"])


@pytest.mark.slow
def test_one_core_is_enough(home: Path, command: Start) -> None:
    core = min(os.sched_getaffinity(0))
    process = command(
        *("run", "dummy", "naive_bayes", "--data", "iris", "--json"),
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert {json.loads(line)["resources"]["threads"] for line in out.splitlines()} == {1}
    assert {json.loads(line)["provenance"]["cores"] for line in out.splitlines()} == {1}


HIDDEN = """
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "lightgbm":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Hidden())
"""


def test_a_library_that_is_missing_or_broken_spoils_its_own_cells_only(
    home: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    shadow = home / "shadow"
    (shadow / "xgboost").mkdir(parents=True)
    (shadow / "xgboost" / "__init__.py").write_text(
        "raise ImportError('libgomp.so.1: cannot open shared object')"
    )
    (shadow / "usercustomize.py").write_text(HIDDEN)
    (shadow / "sitecustomize.py").write_text(HIDDEN)
    monkeypatch.setenv("PYTHONPATH", f"{shadow}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    records = {record.model: record for record in run("dummy", "xgboost", "lightgbm").records}
    assert records["dummy"].status == "ok"
    assert records["xgboost"].status == "error"
    assert records["xgboost"].failure is not None
    assert "libgomp" in records["xgboost"].failure.message
    assert records["lightgbm"].status in ("skipped", "error")
    assert records["lightgbm"].failure is not None
    assert "lightgbm" in records["lightgbm"].failure.message


def test_a_clock_that_jumps_back_makes_no_negative_duration(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings = iter(range(2_000_000_000, 0, -100))
    monkeypatch.setattr(time, "time", lambda: float(next(readings)))
    (record,) = run("dummy", executor="inline").records
    assert record.status == "ok"
    assert all(value is None or value >= 0 for value in dataclasses.astuple(record.timing))


def test_a_library_that_keeps_more_threads_than_it_was_given_is_noted(home: Path, run: Run) -> None:
    (home / "greedy.py").write_text(
        "from threadpoolctl import threadpool_limits\n"
        "from suite.models.dummy import PriorClassifier\n"
        "class Greedy(PriorClassifier):\n"
        "    def fit(self, X, y):\n"
        "        import sklearn.ensemble\n"
        "        threadpool_limits(limits=7)\n"
        "        return super().fit(X, y)\n"
        "def greedy():\n"
        "    return Greedy()\n"
        "greedy.features = 'raw'\n"
    )
    (record,) = run("greedy.py:greedy", threads=1).records
    assert record.status == "ok"
    assert any("pool of 7 threads where 1" in note for note in record.notes), record.notes


def test_a_factory_that_cannot_be_used_is_refused_and_one_that_prints_is_not(
    home: Path, command: Start, faulty: Callable[[str], str]
) -> None:
    (home / "raises.py").write_text("raise RuntimeError('no model today')\n")
    (home / "dummy.py").write_text(Path(faulty("").rpartition(":")[0]).read_text())
    refused = command("run", "raises.py:make", "dummy", "--data", "iris")
    _, err = refused.communicate(timeout=60)
    assert refused.returncode == 2
    assert "RuntimeError: no model today" in err
    assert err.count("\n") == 1
    # A module with the name of a registered model stands beside it, under its own reference.
    both = command("run", "dummy.py:Prior", "dummy", "--data", "iris", "--protocol", "holdout", "--json")
    out, err = both.communicate(timeout=60)
    assert both.returncode == 0, err
    assert [json.loads(line)["id"]["model"] for line in out.splitlines()] == ["dummy.py:Prior", "dummy"]


def test_a_home_that_cannot_be_written_to_does_not_stop_a_run(
    home: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "file"))
    assert run("dummy").failed == []


def test_a_worker_that_dies_before_it_is_ready_gets_its_cell_again_but_not_for_ever(
    home: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from suite.execution import slot

    monkeypatch.setattr(slot, "COMMAND", (sys.executable, "-c", "raise SystemExit('no start today')"))
    (record,) = run("dummy").records
    assert record.status == "crash"
    assert record.failure is not None
    assert "no start today" in record.failure.message


OVERWRITE = """
import os
from pathlib import Path
from suite.models.dummy import PriorClassifier

class Vandal(PriorClassifier):
    features = "raw"

    def fit(self, X, y):
        cache = Path(os.environ["XDG_CACHE_HOME"]) / "suite" / "columns"
        for path in cache.glob("*/columns"):
            path.chmod(0o600)
            with path.open("r+b") as file:
                file.write(bytes(path.stat().st_size))
        return super().fit(X, y)
"""


@pytest.mark.parametrize(
    ("workers", "large_bytes"),
    [
        pytest.param(1, column_store.LARGE_BYTES, marks=pytest.mark.slow),
        (2, 0),
    ],
)
def test_a_model_that_overwrites_the_stored_columns_changes_nobody_elses(
    home: Path, run: Run, monkeypatch: pytest.MonkeyPatch, workers: int, large_bytes: int
) -> None:
    monkeypatch.setattr(column_store, "LARGE_BYTES", large_bytes)
    (home / "vandal.py").write_text(OVERWRITE)
    alone = run("naive_bayes", protocol="cv3", out="alone", threads=1)
    beside = run("vandal.py:Vandal", "naive_bayes", protocol="cv3", threads=1, workers=workers)
    digests = [
        {r.split: r.predictions_sha256 for r in results.records if r.model == "naive_bayes"}
        for results in (alone, beside)
    ]
    assert digests[0] == digests[1]
    assert beside.failed == []


def test_columns_that_were_overwritten_between_two_runs_are_written_anew(home: Path, run: Run) -> None:
    (first,) = run("naive_bayes", threads=1).records
    (path,) = (home / "cache" / "suite" / "columns").glob("*/columns")
    path.chmod(0o600)
    path.write_bytes(bytes(path.stat().st_size))
    (second,) = run("naive_bayes", threads=1, fresh=True).records
    assert first.predictions_sha256 == second.predictions_sha256
