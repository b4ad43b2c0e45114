"""The examples of the help texts: each is run as it stands, in a folder that has what they name."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
import pytest

from suite.commands import group, main
from suite.commands.options import Command

ALLOWED = {"audit sales.csv --target bought --strict": (0, 2), "doctor": (0, 1), "doctor --json": (0, 1)}


def examples(name: str) -> list[str]:
    with click.Context(group.suite) as context:
        command = group.suite.get_command(context, name)
    assert isinstance(command, Command)
    return [
        line.removeprefix("suite ").partition(" > ")[0]
        for _, line in command.examples
        if line.startswith("suite ")
    ]


def sales(path: Path) -> None:
    rng = np.random.default_rng(1)
    lines = ["id,zip,age,bought"]
    lines += [
        f"{i},{rng.integers(10)},{rng.normal(40, 9):.1f},{rng.choice(['yes', 'no'])}" for i in range(60)
    ]
    path.write_text("\n".join(lines) + "\n")


@pytest.fixture
def folder(suite: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> Path:
    """Return a folder with a table and the boards of a run."""
    sales(Path("sales.csv"))
    assert suite("run", "logistic", "--data", "iris") == 0
    shutil.copytree("results", "before")
    capsys.readouterr()
    return Path.cwd()


def test_examples_of_what_fits_nothing_work(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ("list", "doctor", "inspect", "audit", "report", "show", "verify", "compare")
    for line in (line for name in names for line in examples(name)):
        assert main(shlex.split(line)) in ALLOWED.get(line, (0,)), (line, capsys.readouterr().err)
    assert {path.suffix for path in folder.glob("results/iris/cv5/plots/*")} == {".svg"}


@pytest.mark.usefixtures("suite")
def test_examples_of_runs_can_be_planned(capsys: pytest.CaptureFixture[str]) -> None:
    sales(Path("sales.csv"))
    for line in examples("run"):
        assert main([*shlex.split(line), *([] if "--dry-run" in line else ["--dry-run"])]) == 0, line
        assert "Model" in capsys.readouterr().out


@pytest.mark.slow
def test_examples_of_exports_and_predictions_work(folder: Path) -> None:
    for line in examples("export"):
        assert main(shlex.split(line)) == 0
    features = "sepal length (cm),sepal width (cm),petal length (cm),petal width (cm)"
    Path("new.csv").write_text(f"plant,{features}\na,5.1,3.5,1.4,0.2\nb,6.3,3.3,6.0,2.5\n")
    for line in examples("predict"):
        assert main(shlex.split(line)) == 0
    assert Path("classes.csv").read_text().splitlines()[0].startswith("plant,")
    assert len(Path("predictions.csv").read_text().splitlines()) == 3


def test_examples_name_what_there_is() -> None:
    for line in examples("fetch"):
        assert line.split()[1].partition(":")[0] in ("music_genre", "openml")
    for line in examples("completion"):
        assert line.split()[1] in ("bash", "zsh", "fish")
