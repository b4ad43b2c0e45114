"""`suite compare`: two folders, what is printed of them, and what a build gets."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from markdown_it import MarkdownIt

import suite as package
from suite import api
from suite.commands.compare import STEP
from suite.metrics import Scored, compute, confusion, per_class
from suite.predictions_file import predictions_digest
from suite.report import github
from suite.schema import CellId, Predictions, Record
from suite.store import Store

Capture = pytest.CaptureFixture[str]
Run = Callable[..., int]
HOSTILE = (
    "::error::x\x1b[31m\x07\u202e##[add-mask]<script>alert(1)</script>|`[a](javascript:b)&\ufffe\n::set-env,%"
)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("compared") / "old"
    api.run(["logistic", "naive_bayes"], "iris", protocol="cv2", executor="inline", out=out, threads=1)
    return out


def degraded(ran: Path, folder: Path, model: str, rows: int) -> Path:
    """Write a folder in which one model has so many rows of every split wrong that it had right."""
    old, new = Store(ran), Store(folder)
    for record in old.records():
        found = old.predictions(record)
        if record.model == model:
            proba = found.proba.copy()
            right = np.flatnonzero(proba.argmax(axis=1) == found.y_true)[:rows]
            proba[right] = np.roll(proba[right], 1, axis=1)
            found = replace(found, proba=proba)
            record = scored(record, found)
        new.save(record, found)
    return folder


def scored(record: Record, found: Predictions) -> Record:
    told = Scored(found.y_true, found.proba)
    return replace(
        record,
        metrics=compute(told),
        per_class=per_class(told, record.classes),
        confusion=confusion(told),
        predictions_sha256=predictions_digest(found),
    )


def made(folder: Path, models: dict[str, int], dataset: str = "made", n: int = 200) -> Path:
    """Write a folder of models, each with so many rows wrong."""
    store, y = Store(folder), np.arange(n) % 2
    for model, wrong in models.items():
        said = np.where(np.arange(n) < wrong, 1 - y, y)
        proba = np.full((n, 2), 0.1, dtype=np.float32)
        proba[np.arange(n), said] = 0.9
        found = Predictions(proba=proba, y_true=y, rows=np.arange(n))
        record = Record(
            id=CellId(
                dataset=dataset, fingerprint="f" * 64, protocol="holdout", split="holdout-42", model=model
            ),
            key=f"{model}-{dataset}",
            n_train=n,
            n_test=n,
            classes=("no", "yes"),
        )
        store.save(scored(record, found), found)
    return folder


def test_a_run_beside_itself_passes_and_nothing_is_written(
    ran: Path, tmp_path: Path, suite: Run, capsys: Capture
) -> None:
    before = {path: path.stat().st_mtime_ns for path in (*ran.rglob("*"), *tmp_path.rglob("*"))}
    asked = [
        "--fail-on",
        "accuracy:0",
        "--fail-on",
        "log_loss:0%",
        "--fail-on",
        "fit:0%",
        "--fail-on",
        "status",
    ]
    assert suite("compare", ran, ran, *asked) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.rstrip().endswith("The gate holds.")
    assert "Of 3 models, by accuracy: 3 are not shown to be worse." in " ".join(out.split())
    assert {path: path.stat().st_mtime_ns for path in (*ran.rglob("*"), *tmp_path.rglob("*"))} == before


def test_a_degraded_model_fails_with_a_sentence_and_only_if_asked(
    ran: Path, tmp_path: Path, suite: Run, capsys: Capture
) -> None:
    new = degraded(ran, tmp_path / "new", "logistic", 15)
    assert suite("compare", ran, new) == 0
    out = capsys.readouterr().out
    assert "1 is worse (logistic)" in " ".join(out.split())
    assert "Nothing breaks, whatever has changed: --fail-on says what does." in out
    assert suite("compare", ran, new, "--fail-on", "accuracy:0.5pt") == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "- logistic on iris, cv2: accuracy fell by 20 points (14 to 27)" in out
    assert out.endswith("The gate breaks: 1 breach.")
    assert suite("compare", new, ran, "--fail-on", "accuracy:0.5pt") == 0
    assert "1 is better (logistic)" in " ".join(capsys.readouterr().out.split())


def test_all_of_it_fits_80_columns(
    ran: Path, tmp_path: Path, suite: Run, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    new = degraded(ran, tmp_path / "new", "logistic", 15)
    assert suite("compare", ran, new, "--fail-on", "accuracy:0.5pt", "--fail-on", "fit:1%") == 1
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    (row,) = (line.split() for line in lines if line.startswith("logistic ") and "worse" in line)
    assert row[-3:] == ["30", "30", "0"]


def test_python_gets_the_same(ran: Path, tmp_path: Path) -> None:
    new = degraded(ran, tmp_path / "new", "logistic", 15)
    found = package.compare(ran, new, fail_on=["accuracy:0.5pt", "log_loss:2%"])
    assert not found.passed
    assert [text.split(" on ")[0] for text in found.breaches] == ["logistic", "logistic"]
    table = found.table().set_index("model")
    assert table.loc["logistic", "verdict"] == "worse"
    assert table.loc["logistic", "changed"] == 30
    assert table.loc["logistic", "accuracy_change"] == pytest.approx(-0.2)
    assert table.loc["logistic", "log_loss_low"] > 0
    assert "The gate breaks: 2 breaches." in repr(found)
    assert "<script" not in found._repr_html_()
    with pytest.raises(package.UnknownName, match="did you mean accuracy"):
        package.compare(ran, new, fail_on="acuracy:1pt")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["{ran}", "nowhere"], "NEW: there is no folder 'nowhere'"),
        (["{ran}", "empty"], "NEW: no record in 'empty'"),
        (["{ran}", "file"], "NEW takes a folder"),
        (["{ran}/records", "{ran}"], "OLD: no record in '{ran}/records'; did you mean '{ran}'?"),
        (["{ran}", "other"], "no data set and protocol is in both: OLD has iris, cv2; NEW has made, holdout"),
        (["{ran}", "{ran}", "--data", "irs"], "no data set in these folders named 'irs'; did you mean iris?"),
        (["{ran}", "{ran}", "--metric", "acuracy"], "no metric named 'acuracy'; did you mean accuracy?"),
        (["{ran}", "{ran}", "--metric", "f1"], "f1 is of one class, and iris has 3"),
        (["{ran}", "{ran}", "--fail-on", "f1:1pt"], "f1 is of one class, and iris has 3"),
        (["{ran}", "{ran}", "--fail-on", "fit:fast"], "'fit:fast': 'fast' is no tolerance of fit"),
        (["{ran}", "{ran}", "--fail-on", "accuracy:0"], ""),
        (["{ran}", "{ran}", "--github"], f"which sets {STEP}; it is not set here"),
        (["{ran}", "{ran}", "--junit", "empty"], "--junit takes a file, not 'empty'"),
        (["{ran}"], "Missing argument 'NEW'"),
    ],
)
def test_what_cannot_be_compared_is_one_line(
    args: list[str], said: str, ran: Path, suite: Run, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(STEP, raising=False)
    Path("empty").mkdir()
    Path("file").touch()
    made(Path("other"), {"a": 1})
    code = suite("compare", *(arg.format(ran=ran) for arg in args))
    out, err = capsys.readouterr()
    if not said:
        assert (code, err) == (0, "")
        return
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said.format(ran=ran) in err


def test_junit_has_a_case_for_each_model_and_key(ran: Path, tmp_path: Path, suite: Run) -> None:
    new = degraded(ran, tmp_path / "new", "logistic", 15)
    shutil.rmtree(next(new.glob("records/*/*/*/naive_bayes")))
    asked = ["--fail-on", "accuracy:0.5pt", "--fail-on", "status"]
    assert suite("compare", ran, new, *asked, "--junit", "out/report.xml") == 1
    root = ElementTree.parse("out/report.xml").getroot()
    assert root.attrib == {
        "name": "suite compare",
        "tests": "6",
        "failures": "2",
        "skipped": "0",
        "errors": "0",
    }
    failed = {case.get("name") for case in root.iter("testcase") if case.find("failure") is not None}
    assert failed == {"logistic: accuracy:0.5pt", "naive_bayes: status"}
    assert suite("compare", ran, new, "--junit", "verdicts.xml") == 0
    told = ElementTree.parse("verdicts.xml").getroot()
    assert {case.get("name"): case.findtext("system-out") for case in told.iter("testcase")} == {
        "dummy: accuracy": "not shown to be worse",
        "logistic: accuracy": "worse",
        "naive_bayes: accuracy": "not shown to be worse",
    }


def test_hostile_names_are_inert_in_every_form(
    tmp_path: Path, suite: Run, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(STEP, "summary.md")
    name = HOSTILE + "\udcff\0"
    folders = [
        made(tmp_path / side, {name: n, "b": 5}, dataset=HOSTILE) for side, n in (("old", 5), ("new", 60))
    ]
    asked = ["--fail-on", "accuracy:0.5pt", "--github", "--junit", "report.xml"]
    assert suite("compare", *folders, *asked) == 1
    out = capsys.readouterr().out
    assert not set(re.findall(r"[^\n\x20-\U0010ffff]|[\u202e\ufffe\x7f-\x9f]", out))
    # All that is not ours stands where GitHub takes nothing for a command.
    first, *lines = out.splitlines()
    token = first.removeprefix("::stop-commands::")
    assert re.fullmatch("[0-9a-f]{32}", token)
    end = lines.index(f"::{token}::")
    assert all(line.startswith(("::error title=", "::warning title=")) for line in lines[end + 1 :])
    assert len(lines) > end + 1
    root = ElementTree.parse("report.xml").getroot()
    assert root.get("failures") == "1"
    html = MarkdownIt("commonmark").enable("table").render(Path("summary.md").read_text())
    assert not re.search(r"<(script|a |img)", html)
    assert "alert(1)" in html


def gate_of(breaches: list[str], remarks: list[str]) -> Any:
    return type("Gate", (), {"breaches": breaches, "remarks": remarks})


def test_annotations_are_nine_at_most_and_escaped_as_github_reads_them() -> None:
    lines = github.annotated(gate_of(["50 % worse:\r\na, b"], [])())
    assert lines == ["::error title=suite compare::50 %25 worse: a, b"]
    many = github.annotated(gate_of([f"breach {i}" for i in range(30)], ["remark"])())
    assert len(many) == 9
    assert many[-1] == "::error title=suite compare::and 23 more: see the summary of this step"
    assert github._escaped("a:b,c%", github._OF_PROPERTIES) == "a%3Ab%2Cc%25"


def test_a_summary_keeps_within_what_a_step_has_left(
    ran: Path, suite: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(STEP, "summary.md")
    Path("summary.md").write_text("Before.\n")
    assert suite("compare", ran, ran, "--github") == 0
    text = Path("summary.md").read_text()
    assert text.startswith("Before.\n")
    assert "Nothing breaks, whatever has changed" in text
    monkeypatch.setattr(github, "SUMMARY", 700)
    assert suite("compare", ran, ran, "--github") == 0
    assert len(Path("summary.md").read_bytes()) <= max(700, len(text.encode()))
    Path("summary.md").write_text("")
    assert suite("compare", ran, ran, "--github") == 0
    cut = Path("summary.md").read_bytes()
    assert len(cut) <= 700
    assert cut.decode().endswith(github.CUT)
    monkeypatch.setenv(STEP, "nowhere/summary.md")
    assert suite("compare", ran, ran, "--github") == 2
