"""Runs with searches and ensembles, from the command to the board, on small tables in this process."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from suite import api
from suite.events import Event, Finished, Started
from suite.execution import inline
from suite.models.catalogue import MODELS
from suite.predictions_file import predictions_digest
from suite.results import Results
from suite.schema import Job, Record
from suite.store import Store
from suite.verify import verify

pytestmark = pytest.mark.usefixtures("searchable")
Run = Callable[..., Results]

OWN = """
import numpy as np

class Remembers:
    "Knows the rows it was given by heart, and nothing else."
    features = "raw"

    def fit(self, X, y):
        self.classes_, counts = np.unique(y, return_counts=True)
        self.prior_ = counts / counts.sum()
        self.known_ = {row.tobytes(): code for row, code in zip(np.asarray(X, float), y)}
        return self

    def predict_proba(self, X):
        proba = np.tile(self.prior_, (len(X), 1))
        for at, row in enumerate(np.asarray(X, float)):
            if row.tobytes() in self.known_:
                proba[at] = np.eye(len(self.classes_))[self.known_[row.tobytes()]]
        return proba

class Fails(Remembers):
    def fit(self, X, y):
        raise RuntimeError("not today")
"""


def table(path: Path, n: int = 150, permuted: bool = False) -> Path:
    """Write three classes that two columns tell apart, more or less; `permuted` are the labels to be tested alone."""
    rng = np.random.default_rng(3)
    y = rng.integers(0, 3, n)
    frame = pd.DataFrame({"a": y + rng.normal(0, 0.7, n), "b": rng.normal(0, 1, n), "c": rng.normal(0, 1, n)})
    frame["ward"] = rng.integers(0, 15, n)
    frame["part"] = np.where(rng.random(n) < 0.7, "train", "test")
    frame["label"] = np.array(["x", "y", "z"])[y]
    if permuted:
        tested = frame["part"] == "test"
        frame.loc[tested, "label"] = rng.permutation(frame.loc[tested, "label"])
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.round(6).to_csv(path, index=False)
    return path


def compare(out: Path, *models: str, data: Any = "iris", **options: Any) -> Results:
    usual = {"protocol": "holdout", "executor": "inline", "threads": 1, "out": out}
    return api.run(models, data, **{**usual, **options})


def rows(results: Results) -> dict[tuple[str, str], Record]:
    """The records of a run, by model and variant; of several splits and seeds the last."""
    return {(record.model, record.variant): record for record in results.records}


def n_trials(out: Path) -> int:
    return len(list((out / "trials").rglob("seed-*.json")))


def stamps(out: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in out.rglob("seed-*.json")}


@pytest.fixture(scope="module")
def made(searchable: None, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Results]:
    """A run with a portfolio, a search, an ensemble, a model of the user's and one with a fixed parameter."""
    home = tmp_path_factory.mktemp("made")
    (home / "mine.py").write_text(OWN)
    models = ("naive_bayes", "knn:n_neighbors=7", f"{home / 'mine.py'}:Remembers")
    return home, compare(home / "out", *models, tune="6trials", portfolio=2, ensemble=True)


def test_default_portfolio_tuned_and_ensemble_stand_side_by_side(made: tuple[Path, Results]) -> None:
    home, results = made
    own = f"{home / 'mine.py'}:Remembers"
    assert set(rows(results)) == {
        ("naive_bayes", "default"),
        ("naive_bayes", "portfolio"),
        ("naive_bayes", "tuned"),
        ("knn:n_neighbors=7", "default"),
        ("knn:n_neighbors=7", "tuned"),
        (own, "default"),
        ("ensemble (all)", "ensemble"),
    }
    assert {record.status for record in results.records} == {"ok"}
    board = (home / "out" / "iris" / "holdout" / "LEADERBOARD.md").read_text()
    for name in (
        "naive_bayes (tuned)",
        "naive_bayes (portfolio)",
        "knn:n_neighbors=7 (tuned)",
        "ensemble (all)",
    ):
        assert f"| {name} |" in board
    assert "## Searches" in board
    assert "inner" not in board.split("## Searches")[0]


def test_a_record_keeps_every_trial_and_the_choice_is_the_best_of_them(made: tuple[Path, Results]) -> None:
    for (model, variant), record in rows(made[1]).items():
        tuning = record.tuning
        if variant not in ("tuned", "portfolio"):
            continue
        assert tuning
        # Of the second nothing is left to vary but two words.
        asked = 2 if model.startswith("knn") else 3 if variant == "portfolio" else 6
        assert tuning.trials == len(tuning.history) == asked
        assert (tuning.metric, tuning.inner_splits) == ("log_loss", 3)
        assert ("TPESampler" in tuning.sampler) == (variant == "tuned")
        assert tuning.seconds == pytest.approx(sum(trial.seconds for trial in tuning.history))
        scores = [trial.score for trial in tuning.history if trial.score is not None]
        assert tuning.inner_score == min(scores) == tuning.history[tuning.chosen].score
        chosen = tuning.history[tuning.chosen].params
        assert {name: record.params[name] for name in chosen} == dict(chosen)


def test_a_parameter_that_the_user_has_set_is_never_changed(made: tuple[Path, Results]) -> None:
    out = made[0] / "out"
    seen = [json.loads(path.read_text())["id"] for path in (out / "trials").rglob("seed-*.json")]
    held = {one["params"]["n_neighbors"] for one in seen if one["model"].startswith("knn")}
    assert held == {7}
    assert rows(made[1])["knn:n_neighbors=7", "tuned"].params["n_neighbors"] == 7


def test_weights_are_of_members_on_the_board_and_their_mean_is_the_ensemble(
    made: tuple[Path, Results],
) -> None:
    home, results = made
    store, found = Store(home / "out"), rows(results)
    record = found["ensemble (all)", "ensemble"]
    assert record.tuning
    assert sum(record.tuning.weights.values()) == pytest.approx(1.0)
    members = {
        (f"{model} ({variant})" if variant != "default" else model): one
        for (model, variant), one in found.items()
    }
    mean = sum(w * store.predictions(members[name]).proba for name, w in record.tuning.weights.items())
    assert store.predictions(record).proba == pytest.approx(mean, abs=1e-6)
    assert (record.role, record.family) == ("derived", "ensemble")
    alone = [one.tuning.inner_score for one in found.values() if one.tuning and one.variant == "tuned"]
    assert record.tuning.inner_score is not None
    assert record.tuning.inner_score <= min(score for score in alone if score is not None) + 1e-6


def test_a_model_that_knows_its_rows_by_heart_gains_nothing(made: tuple[Path, Results]) -> None:
    home, results = made
    own = f"{home / 'mine.py'}:Remembers"
    record = rows(results)["ensemble (all)", "ensemble"]
    assert record.tuning
    assert own not in record.tuning.weights
    trials = [json.loads(path.read_text()) for path in (home / "out" / "trials").rglob("*mine*/seed-*.json")]
    assert len(trials) == 3
    assert min(trial["metrics"]["log_loss"] for trial in trials) > 1.0


def test_everything_of_it_is_verified(made: tuple[Path, Results]) -> None:
    assert {finding.verdict for finding in verify(Store(made[0] / "out"))} == {"agrees"}


def test_the_command_under_a_board_asks_for_the_same_searches(made: tuple[Path, Results]) -> None:
    board = (made[0] / "out" / "iris" / "holdout" / "LEADERBOARD.md").read_text()
    # A long command goes on in the next line.
    lines = re.sub(r" \\\n\s*", " ", board).splitlines()
    (line,) = (line for line in lines if line.startswith("python -m suite run"))
    assert line.endswith("--protocol holdout --tune 6trials --portfolio 2 --ensemble")


def test_a_run_repeated_fits_nothing_and_a_longer_search_goes_on_from_it(made: tuple[Path, Results]) -> None:
    home, first = made
    out, models = home / "out", ("naive_bayes", "knn:n_neighbors=7", f"{home / 'mine.py'}:Remembers")
    before = stamps(out)
    again = compare(out, *models, tune="6trials", portfolio=2, ensemble=True)
    assert stamps(out) == before
    assert {r.key for r in again.records} == {r.key for r in first.records}
    longer = compare(out, "naive_bayes", tune="8trials")
    assert {path: content for path, content in stamps(out).items() if path in before} == before
    tuning, short = (rows(one)["naive_bayes", "tuned"].tuning for one in (longer, first))
    assert tuning
    assert short
    assert tuning.history[:6] == short.history
    assert tuning.trials == 8


@pytest.mark.slow
def test_fresh_fits_the_trials_anew(home: Path) -> None:
    compare(home / "out", "naive_bayes", tune="2trials")
    before = stamps(home / "out")
    compare(home / "out", "naive_bayes", tune="2trials", fresh=True)
    after = stamps(home / "out")
    assert after.keys() == before.keys()
    of_the_floor = {path for path in after if "/dummy/" in str(path)}
    assert {path for path in after if after[path] == before[path]} <= of_the_floor


def test_every_split_has_a_search_of_its_own_and_seeds_share_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    knn = replace(MODELS["knn"], seeded=True)
    monkeypatch.setitem(MODELS._entries, "knn", knn)
    found = compare(home / "out", "knn", protocol="cv2", seeds=2, tune="2trials", ensemble=True)
    tuned = [record for record in found.records if record.variant == "tuned"]
    assert sorted((record.split, record.seed) for record in tuned) == [
        (f"cv2-f{fold}", seed) for fold in range(2) for seed in range(2)
    ]
    by_split = {record.split: record.tuning for record in tuned}
    assert all(record.tuning == by_split[record.split] for record in tuned)
    assert n_trials(home / "out") == sum(sum(t.fits for t in one.history) for one in by_split.values() if one)
    assert {
        json.loads(p.read_text())["id"]["seed"] for p in (home / "out" / "trials").rglob("seed-*.json")
    } == {0}
    combined = [record for record in found.records if record.role == "derived"]
    assert sorted((r.split, r.seed) for r in combined) == sorted((r.split, r.seed) for r in tuned)


def test_a_default_that_fails_is_a_row_and_so_is_a_search_of_which_every_trial_fails(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = MODELS["naive_bayes"].build

    def build(task: Any, context: Any, **params: Any) -> Any:
        if params["var_smoothing"] == 1e-9:
            raise RuntimeError("no default today")
        return real(task, context, **params)

    def never(task: Any, context: Any, **params: Any) -> Any:
        raise RuntimeError("never")

    monkeypatch.setitem(MODELS._entries, "naive_bayes", replace(MODELS["naive_bayes"], build=build))
    monkeypatch.setitem(MODELS._entries, "knn", replace(MODELS["knn"], build=never))
    with pytest.warns(UserWarning, match="without a score"):
        found = rows(compare(home / "out", "naive_bayes", "knn", tune="4trials", portfolio=2, ensemble=True))
    assert {row: record.status for row, record in found.items()} == {
        ("naive_bayes", "default"): "error",
        ("naive_bayes", "portfolio"): "ok",
        ("naive_bayes", "tuned"): "ok",
        ("knn", "default"): "error",
        ("knn", "tuned"): "error",
        ("ensemble (all)", "ensemble"): "ok",
    }
    bayes, knn = found["naive_bayes", "tuned"].tuning, found["knn", "tuned"].tuning
    assert bayes
    assert knn
    assert [trial.status for trial in bayes.history] == ["failed", "ok", "ok", "ok"]
    assert [trial.status for trial in knn.history] == ["failed"] * 4
    assert (knn.chosen, knn.inner_score) == (0, None)
    assert found["knn", "tuned"].failure.message == "RuntimeError: never"  # type: ignore[union-attr]
    assert not any(name.startswith("knn") for name in found["ensemble (all)", "ensemble"].tuning.weights)  # type: ignore[union-attr]


def test_where_no_model_can_be_weighed_the_ensemble_is_a_row_that_says_so(home: Path) -> None:
    (home / "mine.py").write_text(OWN)
    with pytest.warns(UserWarning, match="without a score"):
        found = rows(compare(home / "out", "mine.py:Fails", ensemble=True))
    record = found["ensemble (all)", "ensemble"]
    assert record.status == "skipped"
    assert record.failure
    assert record.failure.message == "no model has both a score and predictions on inner splits"


def test_an_ensemble_follows_its_members_where_they_predict_anew(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = rows(compare(home / "out", "naive_bayes", "knn", ensemble=True))
    before = found["ensemble (all)", "ensemble"]
    store = Store(home / "out")
    for model in ("naive_bayes", "knn"):
        member = found[model, "default"]
        kept = store.predictions(member)
        other = replace(kept, proba=kept.proba[::-1].copy())
        store.save(replace(member, predictions_sha256=predictions_digest(other), attempt=2), other)
    after = rows(compare(home / "out", "naive_bayes", "knn", ensemble=True))["ensemble (all)", "ensemble"]
    assert (after.key, after.attempt) == (before.key, 2)
    assert after.predictions_sha256 != before.predictions_sha256


def spied(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """Keep every job that is fitted in this process."""
    seen: list[Job] = []

    def job_of(*args: Any) -> Job:
        seen.append(real(*args))
        return seen[-1]

    real = inline.job_of
    monkeypatch.setattr(inline, "job_of", job_of)
    return seen


def row_digests(X: pd.DataFrame) -> set[str]:
    return {hashlib.sha256(row.tobytes()).hexdigest() for row in X.to_numpy(float)}


@pytest.mark.parametrize(
    "protocol",
    [
        "predefined:part",
        pytest.param("grouped:ward", marks=pytest.mark.slow),
        pytest.param("cv2", marks=pytest.mark.slow),
    ],
)
def test_no_trial_sees_a_row_that_is_tested(
    protocol: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = spied(monkeypatch)
    data = table(home / "toy.csv")
    asked = {"data": str(data), "target": "label", "drop": ("ward", "part")}
    if protocol != "cv2":
        asked["drop"] = ("part",) if protocol.startswith("grouped") else ("ward",)
    compare(
        home / "out", "naive_bayes", protocol=protocol, tune="2trials", portfolio=1, ensemble=True, **asked
    )
    outer = {frozenset(row_digests(job.X_test)) for job in jobs if not job.inner}
    inner = [job for job in jobs if job.inner]
    assert len(outer) == (2 if protocol == "cv2" else 1)
    assert len(inner) == (2 if protocol == "predefined:part" else 6 * len(outer))
    for job in inner:
        fitted, judged = row_digests(job.X_train), row_digests(job.X_test)
        assert not fitted & judged
        assert any(not (fitted | judged) & tested for tested in outer)


def test_what_is_tested_changes_neither_a_trial_nor_a_choice_nor_a_weight(home: Path) -> None:
    found = []
    for folder, permuted in (("one", False), ("other", True)):
        data = table(home / folder / "toy.csv", permuted=permuted)
        asked = {"target": "label", "drop": ("ward",), "protocol": "predefined:part"}
        found.append(
            rows(
                compare(
                    home / f"out-{folder}",
                    *("naive_bayes", "knn"),
                    data=str(data),
                    **{**asked, "tune": "5trials", "portfolio": 2, "ensemble": True},
                )
            )
        )
    one, other = found
    assert one.keys() == other.keys()
    for row, record in one.items():
        assert record.fingerprint != other[row].fingerprint
        if not record.tuning:
            continue
        mine, theirs = record.tuning, other[row].tuning
        assert theirs
        told = [
            [(t.number, t.origin, dict(t.params), t.status, t.score) for t in tuning.history]
            for tuning in (mine, theirs)
        ]
        assert told[0] == told[1]
        assert (mine.chosen, mine.inner_score, mine.weights) == (
            theirs.chosen,
            theirs.inner_score,
            theirs.weights,
        )
        params = {key: value for key, value in record.params.items() if key != "members"}
        assert params == {key: value for key, value in other[row].params.items() if key != "members"}
        rank = Store(home / "out-one").predictions(record), Store(home / "out-other").predictions(other[row])
        assert (rank[0].proba == rank[1].proba).all()
        assert record.metrics["log_loss"] != other[row].metrics["log_loss"]


def test_an_interrupted_search_keeps_its_trials_and_the_board_says_that_it_is_partial(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = inline.job_of
    jobs = spied(monkeypatch)

    def interrupted(*args: Any) -> Job:
        if sum(job.inner for job in jobs) == 4:
            raise KeyboardInterrupt
        jobs.append(real(*args))
        return jobs[-1]

    monkeypatch.setattr(inline, "job_of", interrupted)
    with pytest.raises(KeyboardInterrupt):
        compare(home / "out", "naive_bayes", tune="3trials", portfolio=2, ensemble=True)
    assert n_trials(home / "out") == 4
    board = home / "out" / "iris" / "holdout" / "LEADERBOARD.md"
    assert "**Partial: the run was interrupted, and 3 fits are not done yet.**" in board.read_text()
    monkeypatch.setattr(inline, "job_of", real)
    events: list[Event] = []
    resumed = compare(
        home / "out", "naive_bayes", tune="3trials", portfolio=2, ensemble=True, watch=events.append
    )
    assert n_trials(home / "out") == 9
    # Who watches hears of every trial once: of the four that were kept before any other begins.
    trials = [event for event in events if isinstance(event, Finished) and event.cell.role == "inner"]
    assert len({event.cell.key for event in trials}) == len(trials) == 9
    assert [event.cached for event in trials] == [True] * 4 + [False] * 5
    assert sum(isinstance(event, Started) and event.cell.role == "inner" for event in events) == 5
    assert resumed.records
    assert "Partial" not in board.read_text()
