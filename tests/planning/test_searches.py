from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.naive_bayes import GaussianNB

import suite
from suite.commands import main
from suite.config import DataConfig, RunConfig
from suite.errors import SuiteError, UsageError
from suite.planning.plan import Plan, make_plan

pytestmark = pytest.mark.usefixtures("searchable")


def planned(out: Path, *models: str, data: str = "iris", **options: Any) -> Plan:
    asked = {"protocol": "holdout", "threads": 1, **options}
    return make_plan(RunConfig(models=models, data=(DataConfig(source=data),), out=out, **asked))


def variants(plan: Plan) -> dict[str, tuple[str, ...]]:
    return {search.choice.name: search.variants for search in plan.searches}


def test_a_plan_without_a_search_has_none(tmp_path: Path) -> None:
    plan = planned(tmp_path, "knn")
    assert (plan.searches, plan.searching) == ((), None)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"tune": "5trials"}, {"naive_bayes": ("tuned",), "knn": ("tuned",)}),
        ({"portfolio": 1}, {"naive_bayes": ("portfolio",)}),
        ({"tune": "60s", "portfolio": 1}, {"naive_bayes": ("portfolio", "tuned"), "knn": ("tuned",)}),
        ({"ensemble": True}, {"naive_bayes": (), "knn": (), "logistic": ()}),
        (
            {"tune": "5trials", "ensemble": True},
            {"naive_bayes": ("tuned",), "knn": ("tuned",), "logistic": ()},
        ),
    ],
)
def test_each_model_has_the_rows_that_it_has_something_for(
    asked: dict[str, Any], found: dict[str, tuple[str, ...]], tmp_path: Path
) -> None:
    assert variants(planned(tmp_path, "naive_bayes", "knn", "logistic", "dummy", **asked)) == found


def test_the_floor_that_nobody_asked_for_is_in_no_search(tmp_path: Path) -> None:
    plan = planned(tmp_path, "knn", ensemble=True)
    assert {item.work.cell.model for item in plan.cells} == {"knn", "dummy"}
    assert set(variants(plan)) == {"knn"}


def test_what_searches_come_to_is_counted_before_the_run(tmp_path: Path) -> None:
    names = ("naive_bayes", "knn", "logistic")
    trials = planned(tmp_path, *names, tune="5trials", portfolio=2, ensemble=True).searching
    assert trials
    assert (trials.searches, trials.seconds, trials.fits, trials.chosen) == (3, None, 3 * (5 + 5 + 1), 4)
    seconds = planned(tmp_path, *names, tune="2m", protocol="cv2").searching
    assert seconds
    assert (seconds.searches, seconds.seconds, seconds.fits, seconds.chosen) == (4, 480.0, None, 4)


def test_a_trial_is_an_inner_cell_that_the_default_s_key_is_not(tmp_path: Path) -> None:
    plan = planned(tmp_path, "naive_bayes", tune="5trials")
    (search,) = plan.searches
    one, other = search.trial({}, 0), search.trial({"var_smoothing": 1e-3}, 0)
    assert (one.cell.role, one.cell.id.variant, one.is_inner) == ("inner", "default", True)
    assert one.cell.params["var_smoothing"] == 1e-9
    assert other.cell.params["var_smoothing"] == 1e-3
    assert one.cell.model == other.cell.model == "naive_bayes"
    keys = {one.cell.key, other.cell.key, search.trial({}, 1).cell.key, plan.todo[0].cell.key}
    assert len(keys) == 4
    assert search.trial({"var_smoothing": 1e-9}, 0).cell.key == one.cell.key


def test_a_parameter_of_the_user_s_wins_over_what_a_trial_sets(tmp_path: Path) -> None:
    (search,) = planned(tmp_path, "knn:n_neighbors=7", tune="5trials").searches
    assert search.fixed == {"n_neighbors": 7}
    work = search.trial({"n_neighbors": 3, "weights": "distance"}, 0)
    assert (work.cell.params["n_neighbors"], work.cell.params["weights"]) == (7, "distance")
    assert work.cell.model == "knn:n_neighbors=7"


def test_a_dry_run_says_what_searches_come_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = ["run", "knn", "--data", "iris", "--protocol", "holdout", "--tune", "5trials", "--dry-run"]
    assert main([*asked, "--threads", "1"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "1 search: up to 15 trial fits, and 1 fit of what they choose." in said
    assert not (tmp_path / "results").exists()


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "0s": ({"tune": "0s"}, "a search takes 1 to 1,000,000 seconds, not 0s"),
    "abc": (
        {"tune": "abc"},
        "a search takes seconds, minutes, hours or trials, such as 60s, 10m, 1h or 20trials",
    ),
    "5": ({"tune": "5"}, "a search takes seconds, minutes, hours or trials, such as"),
    "nothing": ({"tune": ""}, "a search takes seconds, minutes, hours or trials, such as"),
    "0trials": ({"tune": "0trials"}, "a search takes 1 to 10,000 trials, not 0"),
    "portfolio 0": ({"portfolio": 0}, "portfolio takes a whole number from 1 to 100,000, not 0"),
    "no such metric": ({"tune": "5trials", "tune_for": "accuracyy"}, "did you mean accuracy?"),
    "no such metric, without a search": ({"tune_for": "accuracyy"}, "did you mean accuracy?"),
    "of another class": (
        {"tune": "5trials", "tune_for": "f1", "positive": "setosa", "metric": "f1"},
        "a search by f1 is of the rarer class, whatever --positive says",
    ),
    "of one class": ({"tune": "5trials", "tune_for": "f1"}, "f1 is of one class, and iris has 3"),
}


@pytest.mark.parametrize(("asked", "said"), REFUSED.values(), ids=REFUSED)
def test_a_search_that_cannot_be_is_refused_in_one_line_before_anything_is_fitted(
    asked: dict[str, Any],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SuiteError) as caught:
        suite.run("knn", "iris", executor="inline", out=tmp_path / "out", **asked)
    assert said in str(caught.value)
    words = [word for name, value in asked.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    assert main(["run", "knn", "--data", "iris", "--out", "out", "--executor", "inline", *words]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("tune", [60, 5.0, True, ["60s"], b"60s"])
def test_a_budget_that_is_no_text_is_refused_by_its_name(tune: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^tune takes a text such as '60s', '10m' or '20trials', not "):
        suite.run("knn", "iris", out=tmp_path, tune=tune)


def test_models_that_have_nothing_to_search_are_refused_with_those_that_have(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=r"^--tune has nothing to try with logistic, dummy; .*: knn, naive_bayes$"
    ):
        planned(tmp_path, "logistic", "dummy", tune="60s")
    with pytest.raises(UsageError, match=r"^--portfolio has nothing to try with knn; .*: naive_bayes$"):
        planned(tmp_path, "knn", tune="60s", portfolio=3)
    assert planned(tmp_path, "logistic", "knn", tune="60s").searches


def test_a_model_object_has_nothing_to_search(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^--tune has nothing to try with mine"):
        suite.run({"mine": GaussianNB()}, "iris", out=tmp_path / "out", tune="5trials", executor="inline")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("labels", "protocol", "columns"),
    [
        ("aabb", "holdout:0.5", {}),
        ("abababab", "grouped:g", {"g": "xxxxyyyy"}),
        ("abababab", "time:t", {"t": [1, 1, 1, 1, 1, 1, 2, 2]}),
    ],
)
def test_a_table_whose_train_rows_cannot_be_split_is_refused_in_one_line(
    labels: str, protocol: str, columns: dict[str, Any], tmp_path: Path
) -> None:
    frame = pd.DataFrame({"a": np.arange(len(labels), dtype=float), "label": list(labels)})
    for name, values in columns.items():
        frame[name] = list(values)
    frame.to_csv(tmp_path / "tiny.csv", index=False)
    source = DataConfig(source=str(tmp_path / "tiny.csv"), target="label")
    config = RunConfig(models=("knn",), data=(source,), protocol=protocol, out=tmp_path, tune="5trials")
    with pytest.raises(UsageError, match=r"^no search on tiny: its train rows cannot be split \("):
        make_plan(config)
