"""What cannot be asked for is refused in the same words on the command line and in Python."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import suite as package
from suite.commands import exit
from suite.errors import UsageError

Run = Callable[..., int]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("flag", "name", "value", "said"),
    [
        ("--seeds", "seeds", 2**40, "takes a whole number from 1 to 100,000, not 1099511627776"),
        ("--seeds", "seeds", -1, "takes a whole number from 1 to 100,000, not -1"),
        ("--seeds", "seeds", "many", "takes a whole number from 1 to 100,000, not 'many'"),
        ("--threads", "threads", 0, "takes a whole number from 1 to 100,000, not 0"),
        ("--time-limit", "time_limit_s", -5.0, "takes seconds above 0 and below 1,000,000,000, not -5"),
        (
            "--time-limit",
            "time_limit_s",
            float("nan"),
            "takes seconds above 0 and below 1,000,000,000, not nan",
        ),
        ("--memory-limit", "memory_limit_gb", -1.0, "takes GB above 0 and below 1,000,000,000, not -1"),
        (
            "--max-latency",
            "max_latency_ms",
            -3.0,
            "takes milliseconds above 0 and below 1,000,000,000, not -3",
        ),
        ("--timing", "timing", "fast", "takes 'shared' or 'exclusive', not 'fast'"),
        ("--out", "out", "", "takes a folder ('.' is the current one), not ''"),
    ],
)
def test_a_value_out_of_its_range_or_of_another_type_is_refused_by_its_name(
    flag: str, name: str, value: Any, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit.main(["run", "dummy", "--data", "iris", f"{flag}={value}"]) == 2
    assert capsys.readouterr().err == f"suite: {flag} {said}\n"
    with pytest.raises(UsageError, match=f"^{re.escape(f'{name} {said}')}$"):
        package.run("dummy", "iris", **{name: value})


@pytest.mark.parametrize(
    ("flag", "name", "nearest"), [("--seed", "seed", "seeds"), ("--protocl", "protocl", "protocol")]
)
def test_an_option_that_there_is_not_is_refused_with_the_nearest(
    flag: str, name: str, nearest: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit.main(["run", "dummy", "--data", "iris", flag, "1"]) == 2
    assert capsys.readouterr().err == f"suite: no option named '{flag}'; did you mean --{nearest}?\n"
    with pytest.raises(UsageError, match=f"^no option named '{name}'; did you mean {nearest}\\?$"):
        package.run("dummy", "iris", **{name: 1})


@pytest.mark.parametrize(
    "value", ["1j", "[1j]", "nan", "-1", "b'x'", "...", "9" * 400, "9" * 5000, "{1: 2}", "x" * 999]
)
@pytest.mark.parametrize(
    "name", ["logistic:C", "xgboost:max_depth", "random_forest:max_features", "keras_mlp:epochs"]
)
def test_a_value_that_no_parameter_takes_is_refused_in_one_short_line(
    name: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    model, _, parameter = name.partition(":")
    if (parameter, value) == ("max_depth", "9" * 400):
        pytest.skip("it is a whole number")
    assert exit.main(["run", f"{name}={value}", "--data", "iris"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"suite: {model} does not take {parameter}=")
    assert said.count("\n") == 1
    assert len(said) < 400
    with pytest.raises(UsageError, match=f"^{model} does not take {parameter}="):
        package.run(f"{name}={value}", "iris")


def test_a_model_that_is_named_twice_is_run_once(
    suite: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["run", "naive_bayes", "naive_bayes", "--data", "iris", "--protocol", "holdout"]
    assert suite(*line) == 0
    assert [path.parent.name for path in tmp_path.glob("results/records/*/*/*/*/*.json")].count(
        "naive_bayes"
    ) == 1
    found = package.run(
        ["naive_bayes"] * 2, "iris", protocol="holdout", executor="inline", out=tmp_path / "py", threads=1
    )
    assert [record.model for record in found.records] == ["naive_bayes"]


def test_all_models_and_one_of_them_are_all_models(suite: Run, capsys: pytest.CaptureFixture[str]) -> None:
    line = ["run", "--all", "--data", "iris", "--dry-run", "--json"]
    assert suite(*line) == 0
    planned = capsys.readouterr().out
    assert suite(*line, "dummy") == 0
    assert capsys.readouterr().out == planned
