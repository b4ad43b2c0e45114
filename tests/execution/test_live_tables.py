"""Tables given in Python, end to end: equal records from any library, nothing of them in the results, anywhere."""

from __future__ import annotations

import asyncio
import inspect
import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import suite
from suite.commands import main
from suite.errors import ModelFailedWarning, UsageError
from suite.events import Event, Started
from suite.results import Results
from suite.store import Store

Run = Callable[..., Results]
MARK = "eb1c5a0e-not-for-the-results"


def _frame(rows: int = 60) -> pd.DataFrame:
    random = np.random.default_rng(0)
    whole = random.integers(0, 9, rows)
    return pd.DataFrame(
        {
            "whole": whole,
            "real": np.where(whole > 7, np.nan, random.normal(size=rows)),
            "word": np.where(whole % 2, "a word", None),
            "when": pd.date_range("2020-01-01", periods=rows, freq="D"),
            "label": np.where(whole + random.normal(size=rows) > 4, "yes", "no"),
        }
    )


def _told(results: Results) -> list[Any]:
    return [
        (r.key, r.dataset, r.fingerprint, r.metrics, r.predictions_sha256, r.features, r.notes)
        for r in results.records
    ]


def test_a_table_of_any_library_gives_the_same_records_and_runs_once(run: Run) -> None:
    polars = pytest.importorskip("polars", reason="frames of Polars are run where it is installed")
    pytest.importorskip("pyarrow", reason="tables of Arrow are run where it is installed")
    frame = _frame()
    other = polars.DataFrame(frame.astype(object).where(frame.notna(), None).to_dict("list"))
    began: list[Event] = []
    runs = [
        run("hist_gb", "logistic", data=table, target="label", watch=began.append, executor="inline")
        for table in (frame, other, other.to_arrow(), (other.drop("label"), frame["label"]))
    ]
    assert all(_told(results) == _told(runs[0]) for results in runs)
    assert [record.status for record in runs[0].records] == ["ok", "ok"]
    assert sum(isinstance(event, Started) for event in began) == 2


def test_a_frame_of_numbers_and_its_array_give_the_same_records(run: Run) -> None:
    X, y = np.random.default_rng(0).normal(size=(40, 3)), np.arange(40) % 2
    frame = pd.DataFrame(X, columns=["x0", "x1", "x2"]).assign(target=y)
    one, other = (run("logistic", data=d, executor="inline", fresh=True) for d in ((X, y), (frame, "target")))
    told, again = _told(one), _told(other)
    assert told[0][:5] == again[0][:5]


def test_no_row_is_in_the_results_and_the_board_says_where_the_table_was(run: Run, home: Path) -> None:
    frame = _frame().assign(secret=[f"{MARK} {i % 3}" for i in range(60)])
    results = run("hist_gb", data={"mine": frame}, target="label")
    assert [record.status for record in results.records] == ["ok"]
    (record,) = results.records
    assert (record.features.live, record.features.file) == (True, None)
    written = [path for path in (home / "results").rglob("*") if path.is_file()]
    assert {path.suffix for path in written if path.name != ".lock"} == {
        ".html",
        ".json",
        ".md",
        ".npz",
        ".svg",
    }
    assert not any(MARK.encode() in path.read_bytes() for path in written)
    board = (home / "results" / "mine" / "holdout" / "LEADERBOARD.md").read_text()
    assert "```sh\n# a table given in Python: mine\n```" in board
    # The features are in the cache, and nowhere else.
    elsewhere = [p for p in home.rglob("*") if p.is_file() and MARK.encode() in p.read_bytes()]
    assert elsewhere
    assert all("columns" in str(path) for path in elsewhere)


def test_another_table_of_the_same_name_is_another_state(run: Run) -> None:
    frame = _frame()
    run("dummy", data=frame, target="label", executor="inline")
    results = run("dummy", data=frame[:50], target="label", executor="inline")
    assert len(list(results.store.records())) == 2
    assert results.records[0].n_train + results.records[0].n_test == 50


def test_commands_take_a_folder_that_holds_tables_given_in_python(run: Run, home: Path) -> None:
    run("dummy", data=_frame(), target="label", threads=1, executor="inline")
    assert [main([name]) for name in ("report", "verify")] == [0, 0]


SCRIPT = """
import numpy as np
import suite
X = np.random.default_rng(0).normal(size=(40, 3))
results = suite.run(["dummy", "logistic"], (X, np.arange(40) % 2))
print([r.status for r in results.records])
"""


@pytest.mark.slow
def test_a_script_needs_no_main_guard_and_nothing_is_printed_beside(home: Path) -> None:
    (home / "script.py").write_text(SCRIPT)
    environment = {**os.environ, "PYTHONPATH": str(Path(suite.__file__).parents[1])}
    child = subprocess.run(
        [sys.executable, "script.py"],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment,
        check=False,
    )
    assert (child.stdout, child.stderr) == ("['ok', 'ok']\n", "")


def test_a_table_runs_in_a_thread_and_under_an_event_loop(run: Run) -> None:
    found: list[Results] = []

    def work(name: str) -> None:
        found.append(run("dummy", data={name: _frame()}, target="label"))

    async def main() -> None:
        work("under a loop")

    thread = threading.Thread(target=work, args=["in a thread"])
    thread.start()
    thread.join(60)
    asyncio.run(main())
    assert [(r.dataset, r.status) for results in found for r in results.records] == [
        ("in a thread", "ok"),
        ("under a loop", "ok"),
    ]


class Fails:
    """A model that cannot be fitted."""

    def fit(self, X: Any, y: Any) -> Any:
        raise ValueError("no luck")

    def predict_proba(self, X: Any) -> Any:
        return X


def test_a_model_that_failed_is_warned_of_once_where_the_run_was_asked_for(home: Path) -> None:
    with pytest.warns(ModelFailedWarning) as caught:
        results = suite.run(["dummy", {"bad": Fails()}], "iris", protocol="cv2", executor="inline")
    (warning,) = caught
    assert str(warning.message) == "2 fits without a score: bad (error: ValueError: no luck; and 1 more)"
    assert warning.filename == __file__
    assert "no luck" in repr(results)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        suite.run("dummy", "iris", protocol="cv2", executor="inline")


@pytest.mark.slow
def test_the_command_line_does_not_warn(home: Path, command: Any) -> None:
    (home / "bad.py").write_text(inspect.getsource(Fails).replace(": Any", "").replace(" -> Any", ""))
    process = command("run", "bad.py:Fails", "--data", "iris", "--protocol", "holdout")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1, out + err
    assert "Warning" not in out + err


def test_strict_and_reading_options_take_a_table_too(run: Run) -> None:
    results = run("dummy", data=_frame(), target="label", drop="when", executor="inline")
    assert results.records[0].features.chosen == {"drop": ("when",)}
    with pytest.raises(UsageError, match="'nope'"):
        run("dummy", data=_frame(), target="label", drop="nope", executor="inline")
    assert Store(results.store.root).records()
