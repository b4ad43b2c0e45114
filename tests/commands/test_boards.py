"""`suite report` and `suite show`: boards of a folder, printed without a fit."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from suite import api
from suite.analysis.ranking import boards
from suite.commands import boards as shown
from suite.commands import main
from suite.commands.boards import FEWEST_ROWS, SAID_AFTER, print_boards
from suite.commands.show import PARTS
from suite.metrics import METRICS
from suite.report.faces import TERMINAL
from suite.store import Store

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with boards of two tables, and of two protocols of one of them."""
    out = tmp_path_factory.mktemp("shown") / "results"
    options = {"executor": "inline", "out": out}
    api.run(["dummy", "logistic"], ["iris", "wine"], protocol="holdout", **options)
    api.run("dummy", "iris", protocol="cv2", **options)
    return out


def show(capsys: Capture, *args: object) -> tuple[str, str]:
    """Return what a command prints on standard output and on standard error."""
    assert main([str(arg) for arg in args]) == 0
    return capsys.readouterr()


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")


def test_a_report_writes_the_same_boards_again_and_prints_what_the_run_printed(
    tmp_path: Path, suite: Callable[..., int], capsys: Capture
) -> None:
    assert suite("run", "dummy", "--data", "wine") == 0
    printed = capsys.readouterr().out
    board = tmp_path / "results" / "wine" / "cv5" / "LEADERBOARD.md"
    before = board.read_bytes()
    board.unlink()
    assert suite("report") == 0
    again = capsys.readouterr()
    assert board.read_bytes() == before
    assert again.out == printed
    assert again.err.splitlines() == ["results/wine/cv5/LEADERBOARD.md", "results/LEADERBOARD.md"]


def test_a_report_prints_the_boards_that_are_chosen_and_writes_all(ran: Path, capsys: Capture) -> None:
    out, err = show(capsys, "report", "--out", ran)
    assert [f"{name}: 3 classes" in out for name in ("iris, holdout", "iris, cv2", "wine, holdout")] == [
        True
    ] * 3
    out, err = show(capsys, "report", "--out", ran, "--data", "iris", "--protocol", "cv2")
    assert "iris, cv2: 3 classes" in out
    assert "holdout" not in out
    assert len(err.splitlines()) == 4


@pytest.mark.parametrize("height", [16, 24, 40])
def test_what_stands_on_the_screen_at_the_end_is_the_answer_and_the_leading_rows(
    ran: Path, height: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (board,) = (b for b in boards(Store(ran).records(), store=Store(ran)) if b.folder == "iris/holdout")
    many = replace(
        board, rows=tuple(replace(board.rows[0], model=f"model_{i}", rank=i + 1) for i in range(30))
    )
    screen = Console(
        file=io.StringIO(), width=80, height=height, force_terminal=True, color_system=None, highlight=False
    )
    monkeypatch.setattr(shown, "console", lambda: screen)
    print_boards([many], TERMINAL)
    lines = screen.file.getvalue().splitlines()
    last = [line.strip() for line in lines[-(height - SAID_AFTER) :]]
    assert any(line.startswith("1") and "model_0" in line for line in last)
    assert sum("model_" in line for line in last) >= (FEWEST_ROWS if height > 16 else 1)
    (counted,) = (line for line in last if line.startswith("and "))
    n_rows = sum("model_" in line for line in lines[lines.index("iris, holdout") :])
    assert counted == f"and {30 - n_rows} more: suite show board"
    assert " ".join(said.text for said in board.verdict) in " ".join(last)


WHERE = ["--data", "iris", "--protocol", "holdout"]
HEADS = {
    "board": "Accuracy",
    "classes": "F1 by class",
    "confusion": "Confusion of logistic",
    "time": "Time",
    "memory": "Memory",
}


@pytest.mark.parametrize("what", HEADS)
def test_a_part_is_printed_alone_under_the_boards_headline(what: str, ran: Path, capsys: Capture) -> None:
    before = {path: path.stat().st_mtime_ns for path in ran.rglob("*")}
    out, err = show(capsys, "show", what, "--out", ran, *WHERE)
    assert err == ""
    assert out.splitlines()[0].startswith("iris, holdout: 3 classes")
    assert [head in out for head in HEADS.values()] == [name == what for name in HEADS]
    assert {path: path.stat().st_mtime_ns for path in ran.rglob("*")} == before


def test_the_notes_are_printed_whole(tmp_path: Path, suite: Callable[..., int], capsys: Capture) -> None:
    rows = "".join(f"{i},{i * 7 % 11},{'ab'[i * i % 7 > 2]}\n" for i in range(100))
    (tmp_path / "t.csv").write_text("account,x,y\n" + rows)
    assert suite("run", "dummy", "--data", "t.csv", "--target", "y") == 0
    capsys.readouterr()
    assert suite("show", "check") == 0
    assert "Check this before you believe the scores\n- account counts the rows" in capsys.readouterr().out
    assert suite("show", "notes") == 0
    assert "- left out: account" in capsys.readouterr().out


def test_where_a_board_has_no_such_part_it_is_said_on_standard_error(ran: Path, capsys: Capture) -> None:
    out, err = show(capsys, "show", "failures", "--out", ran, "--data", "wine")
    assert (out, err) == ("", "wine, holdout: no failures to show\n")


@pytest.mark.parametrize(
    ("model", "whose"),
    [("best", ["logistic"]), ("dummy", ["dummy"]), ("all", ["logistic", "dummy"])],
)
def test_confusion_of_the_best_of_all_or_of_one(
    model: str, whose: list[str], ran: Path, capsys: Capture
) -> None:
    out, _ = show(capsys, "show", "confusion", "--out", ran, *WHERE, "--model", model)
    assert [line for line in out.splitlines() if line.startswith("Confusion")] == [
        f"Confusion of {name}" for name in whose
    ]


def test_a_model_that_one_board_lacks_is_shown_of_the_others(ran: Path, capsys: Capture) -> None:
    out, err = show(capsys, "show", "confusion", "--out", ran, "--model", "logistic")
    assert out.count("Confusion of logistic") == 2
    assert (err, "cv2" in out) == ("", False)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--data", "irs"], "no board of a data set named 'irs'; did you mean iris?"),
        (["--protocol", "cv3"], "no board of a protocol named 'cv3'; did you mean cv2?"),
        (["--data", "wine", "--protocol", "cv2"], "no board of a protocol named 'cv2'"),
        (["--model", "logstic"], "did you mean logistic?"),
        (["--metric", "acuracy"], "did you mean accuracy"),
    ],
)
def test_what_there_is_not_is_one_clear_line(args: list[str], said: str, ran: Path, capsys: Capture) -> None:
    assert main(["show", "confusion", "--out", str(ran), *args]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.count("\n") == 1


def test_every_part_is_known_to_the_help(capsys: Capture) -> None:
    out, _ = show(capsys, "show", "--help")
    assert f"{{{'|'.join(PARTS)}}}" in "".join(out.split())


def test_a_report_with_the_matrix_of_one_model_prints_boards_that_lack_it_too(
    ran: Path, capsys: Capture
) -> None:
    out, _ = show(capsys, "report", "--out", ran, "--confusion", "logistic")
    assert out.count("Confusion of logistic") == 2
    assert "iris, cv2: 3 classes" in out
    assert main(["report", "--out", str(ran), "--confusion", "logistik"]) == 2
    assert "did you mean logistic" in capsys.readouterr().err


@pytest.mark.parametrize("metric", METRICS)
def test_any_metric_ranks_boards_and_is_told_of(ran: Path, capsys: Capture, metric: str) -> None:
    out, _ = show(
        capsys,
        *("show", "verdict", "--data", "wine", "--positive", "class_0", "--metric", metric, "--out", ran),
    )
    assert "logistic" in out


@pytest.mark.parametrize("form", ["csv", "json", "latex", "markdown"])
def test_a_format_is_all_that_stands_on_standard_output(ran: Path, capsys: Capture, form: str) -> None:
    chosen = ["--data", "iris", "--protocol", "holdout"]
    out, err = show(capsys, "report", "--out", ran, "--format", form, *chosen)
    starts = {"csv": "dataset,", "json": "[\n", "latex": "% needs", "markdown": "## iris, holdout\n"}
    assert out.startswith(starts[form])
    assert "logistic" in out
    assert "\\x" not in out
    assert "\\u" not in out.replace("\\usepackage", "")
    assert "LEADERBOARD.md" in err
    several, _ = show(capsys, "report", "--out", ran, "--format", form)
    assert len(several) > 1.5 * len(out)


def test_an_unknown_format_is_one_line_with_the_nearest(ran: Path, capsys: Capture) -> None:
    assert main(["report", "--out", str(ran), "--format", "cvs"]) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", "suite: no format named 'cvs'; did you mean csv?\n")


def test_a_page_shows_the_chart_beside_it_which_is_the_same_every_time(ran: Path, capsys: Capture) -> None:
    chart = ran / "iris" / "holdout" / "ranking.svg"
    show(capsys, "report", "--out", ran)
    before = chart.read_bytes()
    assert "](ranking.svg)" in (chart.parent / "LEADERBOARD.md").read_text()
    chart.unlink()
    show(capsys, "report", "--out", ran)
    assert chart.read_bytes() == before


class Fails:
    """A model that fails in every fit."""

    def fit(self, X: object, y: object) -> None:
        raise ValueError("no")

    def predict_proba(self, X: object) -> None:
        raise ValueError("no")


def test_where_there_is_nothing_to_draw_no_chart_is_left(tmp_path: Path) -> None:
    api.run({"bad": Fails()}, "iris", protocol="holdout", executor="inline", out=tmp_path)
    chart = tmp_path / "iris" / "holdout" / "ranking.svg"
    for record in tmp_path.rglob("seed-*.json"):
        if json.loads(record.read_text())["status"] == "ok":
            record.unlink()
    chart.write_text("old")
    assert main(["report", "--out", str(tmp_path)]) == 0
    assert not chart.exists()
    assert "ranking.svg" not in (chart.parent / "LEADERBOARD.md").read_text()
