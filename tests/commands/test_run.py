"""`suite run` as a user types it: what it prints, what it refuses, what it leaves on disk."""

from __future__ import annotations

import gzip
import json
import shlex
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from suite.commands.show import PARTS
from suite.config import DataConfig
from suite.datasets.catalogue import load
from suite.registry import Registry
from suite.schema import Finding

Run = Callable[..., int]
BOOSTERS = ["dummy", "logistic", "hist_gb", "xgboost", "lightgbm"]


def rows(n: int = 60) -> list[tuple[str, ...]]:
    colours = ("red", "green", "blue")
    return [(f"{i * 0.37 % 5:.3f}", colours[i % 3], str(i % 7), "yes" if i % 3 else "no") for i in range(n)]


def csv(table: list[tuple[str, ...]], header: str = "size,colour,count,label", separator: str = ",") -> str:
    lines = [header, *(",".join(row) for row in table)]
    return "\n".join(lines).replace(",", separator) + "\n"


BAD = {
    "no model at all": (["run"], "no model named"),
    "no such model": (["run", "logstic"], "did you mean logistic"),
    "no such parameter": (["run", "xgboost:max_dept=3"], "did you mean max_depth"),
    "no such data set": (["run", "dummy", "--data", "digit"], "did you mean digits"),
    "no such file": (["run", "dummy", "--data", "tabel.csv", "--target", "label"], "table.csv"),
    "no such column": (["run", "dummy", "--data", "table.csv", "--target", "lable"], "label"),
    "a file without a target": (["run", "dummy", "--data", "table.csv"], "--target"),
    "one class": (["run", "dummy", "--data", "one.csv", "--target", "label"], "one class"),
    "empty file": (["run", "dummy", "--data", "empty.csv", "--target", "label"], "empty"),
    "header only": (["run", "dummy", "--data", "header.csv", "--target", "label"], "no rows"),
    "continuous target": (["run", "dummy", "--data", "table.csv", "--target", "size"], "classification"),
    "factory that does not import": (["run", "nowhere.at_all:make"], "ModuleNotFoundError"),
    "factory of something else": (["run", "fractions:Fraction"], "no fit"),
    "no seeds": (["run", "dummy", "--seeds", "0"], "--seeds"),
    "no threads": (["run", "dummy", "--threads", "0"], "--threads"),
    "no time": (["run", "dummy", "--time-limit", "0"], "--time-limit"),
    "unknown protocol": (["run", "dummy", "--protocol", "bootstrap"], "protocol"),
    "unknown metric": (["run", "dummy", "--metric", "acuracy"], "did you mean"),
    "unknown matrix": (["run", "dummy", "--confusion", "logistic"], "no matrix to show named 'logistic'"),
    "unknown column to drop": (["run", "dummy", "--data", "wine", "--drop", "alcohl"], "alcohol"),
    "unwritable folder": (
        ["run", "dummy", "--data", "iris", "--out", "table.csv/results"],
        "table.csv/results",
    ),
    "an output folder without a name": (["run", "dummy", "--out", ""], "--out takes a folder"),
    "unknown option": (["run", "dummy", "--seed", "3"], "--seed"),
    "unknown command": (["rum"], "did you mean run"),
    "nothing to report": (["report", "--out", "nowhere"], "nothing to show"),
    "nothing to show": (["show", "board", "--out", "nowhere"], "no record in nowhere"),
    "no such part": (["show", "boards"], "no part of a board named 'boards'; did you mean board?\n"),
    "no such list": (["list", "model"], "no list named 'model'; did you mean models?\n"),
    "no such shell": (["completion", "fisch"], "no shell named 'fisch'; did you mean fish?\n"),
    "a part is missing": (
        ["show"],
        f"Missing argument '{{{'|'.join(PARTS)}}}'.\n",
    ),
    "no matrix in the part": (
        ["show", "board", "--model", "knn"],
        "--model says whose confusion matrix is shown",
    ),
    "the beginning of an option": (["run", "--al"], "no option named '--al'; did you mean --all?\n"),
    "no number": (
        ["run", "dummy", "--seeds", "x"],
        "--seeds takes a whole number from 1 to 100,000, not 'x'",
    ),
    "no such word": (["run", "dummy", "--timing", "x"], "--timing takes 'shared' or 'exclusive', not 'x'"),
    "capitals": (["run", "KNN"], "no model named 'KNN'; did you mean knn?\n"),
    "capitals of a protocol": (["run", "dummy", "--protocol", "GROUPED:x"], "did you mean grouped:COLUMN?\n"),
    "a small letter": (["run", "logistic:c=1"], "no parameter of logistic named 'c'; did you mean C?\n"),
    "nothing to fetch": (["fetch", "digits"], "music_genre"),
    "absent music_genre": (["run", "dummy", "--data", "music_genre"], "suite fetch music_genre"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_clear_line_and_exit_code_2(
    case: str, suite: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "table.csv").write_text(csv(rows()))
    (tmp_path / "one.csv").write_text(csv([(*row[:3], "same") for row in rows()]))
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "header.csv").write_text("size,colour,count,label\n")
    args, expected = BAD[case]
    assert suite(*args) == 2
    captured = capsys.readouterr()
    assert expected in captured.err
    assert captured.err.count("\n") == 1, captured.err
    assert "Traceback" not in captured.err
    assert captured.out == ""


def as_semicolons() -> bytes:
    return csv(rows(), separator=";").encode()


def as_tabs() -> bytes:
    return csv(rows(), separator="\t").encode()


def with_quotes() -> bytes:
    table = [(r[0], '"a, ""quoted""\nname"' if i % 2 else r[1], r[2], r[3]) for i, r in enumerate(rows())]
    return csv(table).encode()


def with_bom_and_crlf() -> bytes:
    return b"\xef\xbb\xbf" + csv(rows()).replace("\n", "\r\n").encode()


def as_latin_1() -> bytes:
    return csv([(r[0], "grün", r[2], r[3]) for r in rows()]).encode("latin-1")


def with_gaps() -> bytes:
    return csv(
        [("" if i % 5 == 0 else r[0], "" if i % 7 == 0 else r[1], *r[2:]) for i, r in enumerate(rows())]
    ).encode()


def with_a_constant() -> bytes:
    return csv([(r[0], r[1], "3", r[3]) for r in rows()]).encode()


def with_duplicate_names() -> bytes:
    return csv(rows(), header="size,size,size,label").encode()


def with_json_names() -> bytes:
    return csv(rows(), header='"{""a"": [1]}","b<c>","[d]",label').encode()


def with_26_classes() -> bytes:
    return csv([(*r[:3], chr(65 + i % 26)) for i, r in enumerate(rows(260))]).encode()


def with_a_class_of_one_row() -> bytes:
    table = rows()
    return csv([(*table[0][:3], "rare"), *table[1:]]).encode()


def with_missing_words_as_classes() -> bytes:
    return csv([(*r[:3], ("None", "NA", "null")[i % 3]) for i, r in enumerate(rows())]).encode()


FILES = {
    "semicolons": as_semicolons,
    "tabs": as_tabs,
    "quotes": with_quotes,
    "bom": with_bom_and_crlf,
    "latin": as_latin_1,
    "gaps": with_gaps,
    "constant": with_a_constant,
    "duplicates": with_duplicate_names,
    "json": with_json_names,
    "letters": with_26_classes,
    "rare": with_a_class_of_one_row,
    "missing_words": with_missing_words_as_classes,
}


def read_of(name: str) -> tuple[dict[str, list[Any]], dict[str, str], list[str]]:
    """Return what is to be read of a file: columns with their values, why others are left out, and labels."""
    table = rows(260 if name == "letters" else 60)
    size, colour, count, label = map(list, zip(*table, strict=True))
    numbers: dict[str, list[Any]] = {"size": [*map(float, size)], "count": [*map(float, count)]}
    match name:
        case "quotes":
            colour = ['a, "quoted" name' if i % 2 else text for i, text in enumerate(colour)]
        case "latin":
            colour = ["grün"] * 60
        case "gaps":
            numbers["size"] = [None if i % 5 == 0 else value for i, value in enumerate(numbers["size"])]
            colour = ["" if i % 7 == 0 else text for i, text in enumerate(colour)]
        case "constant":
            numbers["count"] = [3.0] * 60
        case "letters":
            label = [chr(65 + i % 26) for i in range(260)]
        case "rare":
            label[0] = "rare"
        case "missing_words":
            label = [("None", "NA", "null")[i % 3] for i in range(60)]
            return numbers, {"colour": "repeats the target in every row"}, label
    names = {"duplicates": ("size", "size.1", "size.2"), "json": ('{"a": [1]}', "b<c>", "[d]")}
    columns = numbers["size"], [text or None for text in colour], numbers["count"]
    return dict(zip(names.get(name, ("size", "colour", "count")), columns, strict=True)), {}, label


def has_text(values: list[Any]) -> bool:
    return any(isinstance(value, str) for value in values)


@pytest.mark.parametrize("name", FILES)
def test_files_as_people_have_them_are_read_as_they_are_meant(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.csv"
    path.write_bytes(FILES[name]())
    found = load(DataConfig(source=str(path), target="label"))
    columns, left_out, labels = read_of(name)
    values = {
        column: found.X[column].astype(object).where(found.X[column].notna(), None) for column in found.X
    }
    assert {column: series.tolist() for column, series in values.items()} == {
        column: pytest.approx(cells) if not has_text(cells) else cells for column, cells in columns.items()
    }
    assert list(found.X) == list(columns)
    assert found.kinds == tuple("categorical" if has_text(cells) else "numeric" for cells in columns.values())
    assert [dtype.kind for dtype in found.X.dtypes] == [
        "O" if has_text(cells) else "f" for cells in columns.values()
    ]
    assert found.dropped == left_out
    assert found.classes == tuple(sorted(set(labels)))
    assert [found.classes[code] for code in found.y] == labels


@pytest.mark.parametrize("name", FILES)
def test_files_as_people_have_them_are_run_on_what_was_read(
    name: str, suite: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / f"{name}.csv").write_bytes(FILES[name]())
    assert suite("run", *BOOSTERS, "--data", f"{name}.csv", "--target", "label", "--json") == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {r["id"]["model"] for r in records} == set(BOOSTERS)
    assert all(r["status"] == "ok" and 0 <= r["metrics"]["accuracy"] <= 1 for r in records)
    columns, left_out, labels = read_of(name)
    kinds = "".join("c" if has_text(cells) else "n" for cells in columns.values())
    by_class = Counter(labels)
    for record in records:
        assert (record["features"]["used"], record["basis"]["kinds"]) == ([*columns], kinds)
        assert record["features"]["dropped"] == left_out
        assert record["classes"] == sorted(by_class)
        assert record["n_train"] + record["n_test"] == len(labels)
        # No row is lost, and none has another label.
        tested = [record["per_class"][name]["support"] for name in record["classes"]]
        assert [n + m for n, m in zip(record["train_classes"], tested, strict=True)] == [
            by_class[name] for name in record["classes"]
        ]


def test_a_gzipped_file_is_the_table_that_was_packed(suite: Run, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text(csv(rows()))
    (tmp_path / "table.csv.gz").write_bytes(gzip.compress(csv(rows()).encode()))
    plain, packed = (
        load(DataConfig(source=str(tmp_path / f"table.csv{end}"), target="label")) for end in ("", ".gz")
    )
    assert packed.X.equals(plain.X)
    assert packed.y.tolist() == plain.y.tolist()
    assert suite("run", "dummy", "--data", "table.csv.gz", "--target", "label") == 0


def test_class_names_are_kept_as_written(
    suite: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "t.csv").write_bytes(with_missing_words_as_classes())
    suite("run", "dummy", "--data", "t.csv", "--target", "label", "--json")
    assert json.loads(capsys.readouterr().out)["classes"] == ["NA", "None", "null"]


def test_a_run_prints_the_comparison_and_writes_boards(
    suite: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert suite("run", "dummy", "logistic", "--data", "wine") == 0
    printed, progress = capsys.readouterr()
    assert printed.startswith("wine, cv5: 3 classes")
    assert "✓" not in printed
    told, where = progress.splitlines()
    assert told.startswith("· 10/10 fits in ")
    assert where == "Boards and records: results; page: results/wine/cv5/report.html"
    assert "logistic" in printed
    assert "class_0" in printed
    index = (tmp_path / "results" / "LEADERBOARD.md").read_text()
    assert "wine" in index
    assert "python -m suite run" in (tmp_path / "results" / "wine" / "cv5" / "LEADERBOARD.md").read_text()


def test_verbose_has_a_line_for_every_fit_and_quiet_none_for_anything(
    suite: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("run", "dummy", "--data", "iris", "--protocol", "cv3")
    assert suite(*asked, "--quiet") == 0
    out, err = capsys.readouterr()
    assert "iris, cv3" in out
    assert err == ""
    assert suite(*asked, "--verbose") == 0
    assert capsys.readouterr().err.count("(done before)") == 3
    assert suite(*asked) == 0
    assert "3/3 fits in" in (err := capsys.readouterr().err)
    assert "dummy" not in err
    assert suite(*asked, "--quiet", "--verbose") == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", "suite: --verbose and --quiet contradict each other: name one of them\n")


def test_a_second_run_finds_every_cell_done(suite: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert suite("run", "dummy", "--data", "wine", "--json") == 0
    first = capsys.readouterr().out
    assert suite("run", "dummy", "--data", "wine", "--json") == 0
    assert capsys.readouterr().out == first
    assert suite("run", "dummy", "--data", "wine", "--fresh", "--json") == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])["attempt"] == 2


def test_a_dry_run_shows_the_plan_and_runs_nothing(
    suite: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert suite("run", "dummy", "--data", "wine", "--dry-run", "--json") == 0
    cells = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(cells) == 5
    assert not any(cell["done"] for cell in cells)
    assert not (tmp_path / "results").exists()


def test_the_floor_is_a_line_of_the_plan_and_of_nothing_else_but_the_board(
    suite: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("run", "knn", "--data", "iris", "--protocol", "cv3", "--executor", "inline")
    assert suite(*asked, "--dry-run") == 0
    shown = capsys.readouterr().out
    assert "Plan: 3 fits, 0 done, 3 to run" in shown
    assert "dummy, the floor" in shown
    assert suite(*asked, "--dry-run", "--json") == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
    assert suite(*asked, "--json") == 0
    out, err = capsys.readouterr()
    assert {json.loads(line)["id"]["model"] for line in out.splitlines()} == {"knn"}
    assert "dummy" not in err
    assert len(err.splitlines()) == 2
    assert "dummy" in (tmp_path / "results" / "iris" / "cv3" / "LEADERBOARD.md").read_text()


def test_models_over_data_sets_are_told_last(suite: Run, capsys: pytest.CaptureFixture[str]) -> None:
    models = ("knn", "naive_bayes", "--protocol", "holdout", "--executor", "inline")
    assert suite("run", *models, "--data", "iris", "--data", "wine") == 0
    shown = capsys.readouterr().out
    told = "With 2 data sets no two models can be told apart by ranks: at least 6 are needed."
    assert told in " ".join(shown[shown.index("Across data sets") :].split())
    assert shown.rindex("wine, holdout:") < shown.index("Across data sets")
    assert suite("report", "--data", "iris") == 0
    assert "Across data sets" not in capsys.readouterr().out


def found_in_iris(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Have iris found to hold four things to check; return their sentences."""
    from suite.datasets import catalogue

    load = catalogue.load
    texts = [f"column {letter} counts the rows: left out; --keep COLUMN uses one" for letter in "abcd"]
    found = tuple(Finding(code="identifier", text=text) for text in texts)
    monkeypatch.setattr(
        catalogue,
        "load",
        lambda asked, *more: replace(load(asked, *more), findings=found if asked.source == "iris" else ()),
    )
    return texts


def test_a_dry_run_shows_the_data_what_to_check_and_then_the_plan(
    suite: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = found_in_iris(monkeypatch)
    assert suite("run", "dummy", "--data", "iris", "--data", "wine", "--dry-run") == 0
    shown = capsys.readouterr().out
    order = [
        "iris\n- 150 rows, 4 columns used",
        "3 classes: setosa 50, versicolor 50, virginica 50",
        "4 numeric: sep",
    ]
    order += [
        "Check this before you believe the scores",
        *texts,
        "wine\n- 178 rows",
        "Plan: 10 fits, 0 done",
        "What this can decide",
        "iris: 150 test rows tell two models apart",
        "wine: 178 test rows tell two models apart",
    ]
    places = [shown.index(text) for text in order]
    assert places == sorted(places)
    assert shown.count("Check this") == 1


@pytest.mark.parametrize("more", [(), ("--dry-run",), ("--json",)])
def test_a_strict_run_shows_all_that_is_to_check_and_stops(
    suite: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, more
) -> None:
    texts = found_in_iris(monkeypatch)
    assert suite("run", "dummy", "--data", "wine", "--data", "iris", "--strict", *more) == 2
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert lines[:2] == ["iris", "Check this before you believe the scores"]
    assert lines[2:6] == [f"- {text}" for text in texts]
    assert lines[6:] == [f"suite: --strict: there is something to check first (4 in iris): {texts[0]}"]
    assert not (tmp_path / "results").exists()
    assert suite("run", "dummy", "--data", "wine", "--strict", *more) == 0


def test_records_and_boards_say_what_to_check(
    suite: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = found_in_iris(monkeypatch)
    assert suite("run", "dummy", "--data", "iris", "--protocol", "holdout") == 0
    shown = capsys.readouterr().out
    # Between the board and the answer.
    assert shown.index("iris, holdout: ") < shown.index(
        "Check this before you believe the scores\n- column a"
    )
    assert suite("run", "dummy", "--data", "iris", "--protocol", "holdout", "--json") == 0
    record = json.loads(capsys.readouterr().out)
    assert [found["text"] for found in record["features"]["findings"]] == texts
    board = (tmp_path / "results" / "iris" / "holdout" / "LEADERBOARD.md").read_text()
    assert all(text in board for text in texts)


def test_a_model_that_fails_is_a_record_and_the_run_goes_on(
    suite: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.py").write_text(
        "class Broken:\n"
        "    def fit(self, X, y): raise ValueError('cannot [bold]fit')\n"
        "    def predict_proba(self, X): ...\n"
    )
    assert suite("run", "mine.py:Broken", "dummy", "--data", "iris", "--protocol", "holdout", "--json") == 1
    failed, fine = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert failed["status"] == "error"
    assert failed["failure"]["message"] == "ValueError: cannot [bold]fit"
    assert set(failed["metrics"].values()) <= {None}
    assert fine["status"] == "ok"
    assert suite("run", "mine.py:Broken", "dummy", "--data", "iris", "--protocol", "holdout") == 1
    assert "cannot [bold]fit" in capsys.readouterr().out


def test_a_library_that_is_not_installed_is_a_failure_only_of_a_model_that_was_named(
    suite: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from suite.fitting import fit
    from suite.models import catalogue

    kept = [catalogue.MODELS[name] for name in ("dummy", "xgboost")]
    monkeypatch.setattr(catalogue, "MODELS", Registry("model", kept))
    monkeypatch.setattr(fit, "_missing_package", lambda spec: "xgboost" if spec.name == "xgboost" else None)
    for everything in ("--all", "all"):
        assert suite("run", everything, "--data", "iris", "--protocol", "holdout") == 0
        assert "xgboost is not installed" in capsys.readouterr().out
    assert suite("run", "xgboost", "dummy", "--data", "iris", "--protocol", "holdout") == 1


def test_the_command_on_a_files_board_makes_it_again(
    suite: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "t.csv").write_text(csv(rows()))
    choices = ("--drop", "count", "--encode", "colour", "--seeds", 2)
    assert suite("run", "extra_trees", "--data", "a/t.csv", "--target", "label", *choices) == 0
    board = (tmp_path / "results" / "t" / "holdout" / "LEADERBOARD.md").read_text()
    lines = board.replace("\\\n", " ").splitlines()
    (command,) = (line for line in lines if line.startswith("python -m suite run "))
    assert "extra_trees" in command.split()
    capsys.readouterr()
    assert suite(*shlex.split(command)[3:], "--dry-run", "--json") == 0
    cells = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(cell["id"]["model"], cell["done"]) for cell in cells] == [
        ("dummy", True),
        ("extra_trees", True),
        ("extra_trees", True),
    ]


def test_a_run_writes_the_board_of_the_table_as_it_was(suite: Run, tmp_path: Path) -> None:
    command = ("run", "dummy", "--data", "t.csv", "--target", "label")
    board = tmp_path / "results" / "t" / "holdout" / "LEADERBOARD.md"
    written = []
    for count in (60, 80, 60):
        (tmp_path / "t.csv").write_text(csv(rows(count)))
        assert suite(*command) == 0
        written.append(board.read_text())
    other = "\n- the table has 1 record of other content or features, not shown here\n"
    assert [("48 rows" in text, "64 rows" in text, other in text) for text in written] == [
        (True, False, False),
        (False, True, True),
        (True, False, True),
    ]


@pytest.mark.parametrize("others", [["a/t.csv", "b/t.csv"], ["digits", "digits.csv"]])
def test_two_tables_of_one_name_are_refused(
    others: list[str], suite: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a/t.csv", "b/t.csv", "digits.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(csv(rows(60 if name[0] == "a" else 90)))
    data = [word for name in others for word in ("--data", name)]
    assert suite("run", "dummy", *data, "--target", "label") == 2
    assert f"{others[0]} and {others[1]} are both named" in capsys.readouterr().err
    assert not (tmp_path / "results").exists()


def test_a_table_that_is_named_twice_is_run_once(suite: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert suite("run", "dummy", "--data", "iris", "--data", "iris", "--protocol", "holdout", "--json") == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_model_that_memorises_row_order_scores_at_chance(
    suite: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "blocks.csv").write_text(
        "noise,label\n" + "".join(f"{i * 7919 % 1000},{'abcd'[i // 100]}\n" for i in range(400))
    )
    (tmp_path / "order.py").write_text(
        "import numpy as np\n"
        "class Order:\n"
        "    features = 'raw'\n"
        "    def fit(self, X, y): self.y, self.k = np.sort(y), y.max() + 1; return self\n"
        "    def predict_proba(self, X):\n"
        "        place = (np.arange(len(X)) * len(self.y)) // len(X)\n"
        "        return np.eye(self.k)[self.y[place]]\n"
    )
    suite(
        "run",
        "order.py:Order",
        "--data",
        "blocks.csv",
        "--target",
        "label",
        "--json",
        "--protocol",
        "holdout:0.5",
    )
    accuracy = json.loads(capsys.readouterr().out)["metrics"]["accuracy"]
    assert accuracy < 0.4


@pytest.mark.data
def test_music_genre_runs_its_original_split_beside_the_published_rows(
    suite: Run, data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert suite("run", "logistic", "--data", "music_genre", "--data-dir", data_dir, "--json") == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [r["source"] for r in records].count("reported") == 3
    ours = records[0]
    assert ours["id"]["split"] == "original-42"
    assert 0.515 <= ours["metrics"]["accuracy"] <= 0.535
    supports = [ours["per_class"][name]["support"] for name in ours["classes"]]
    assert supports == [1008, 1034, 1021, 955, 986, 1009, 995, 985, 1030, 977]
    board = (tmp_path / "results" / "music_genre" / "original" / "LEADERBOARD.md").read_text()
    assert "original_tuned" in board
