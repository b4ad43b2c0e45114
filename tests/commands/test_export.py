"""`suite export` and `suite predict`: what they say, and where."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from suite.config import DataConfig

Run = Callable[..., int]
ROWS = "a,b,y\n" + "".join(f"{i * 37 % 101},{'xyz'[i % 3]},{'no' if i % 4 else 'yes'}\n" for i in range(80))


@pytest.fixture
def model(tmp_path: Path, folder_of: Callable[..., Path]) -> Path:
    table = tmp_path / "table.csv"
    table.write_text(ROWS)
    return folder_of(tmp_path / "model", DataConfig(source=str(table), target="y"))


def test_predict_writes_a_file_and_says_on_standard_error_what_is_new(
    suite: Run, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "new.csv").write_text("b,extra,a\nx,1,5\nw,2,500\n")
    assert suite("predict", model, "new.csv", "--id", "extra") == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "a column that the model does not know, left aside: 'extra'",
        "a: 1 row outside 0 to 100, where all rows were that the model has seen",
        "b: 1 level that the model has not seen ('w') in 1 row, taken for missing",
        "2 rows: predictions.csv",
    ]
    assert (tmp_path / "predictions.csv").read_text() == (
        "extra,row,prediction,p_no,p_yes\n1,0,no,0.75,0.25\n2,1,no,0.75,0.25\n"
    )


def test_predict_refuses_in_one_line(
    suite: Run, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "new.csv").write_text("c,d\n1,2\n")
    lines = {
        (
            "model",
            "new.csv",
        ): "suite: the table lacks 2 of the 2 columns that the model uses (a, b); it has c, d\n",
        ("model", "none.csv"): "suite: no file 'none.csv'; did you mean new.csv or table.csv?\n",
        ("none", "new.csv"): "suite: no folder 'none': name one that suite export wrote\n",
    }
    for args, said in lines.items():
        assert suite("predict", *args) == 2
        assert capsys.readouterr().err == said
    (model / "recipe.json").write_text("{}")
    assert suite("predict", "model", "new.csv") == 2
    said = "suite: model: recipe.json was changed since it was exported; export the model again\n"
    assert capsys.readouterr().err == said
    assert not (tmp_path / "predictions.csv").exists()


def test_export_refuses_in_one_line(suite: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert suite("export", "xgboost") == 2
    assert capsys.readouterr().err == (
        "suite: no record in results: nothing to export; name the folder with --results\n"
    )
    assert suite("export", "--out", ".") == 2
    assert suite("export", "--time-limit", "-1") == 2


@pytest.mark.slow
def test_a_model_is_exported_and_predicts_its_own_table(
    suite: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "table.csv").write_text(ROWS)
    assert suite("run", "hist_gb", "--data", "table.csv", "--target", "y", "--protocol", "holdout") == 0
    capsys.readouterr()
    assert suite("export", "hist_gb", "--out", "mine") == 0
    out, err = capsys.readouterr()
    assert out.startswith("from sklearn.ensemble import HistGradientBoostingClassifier\n\nmodel = ")
    exec(out, {})
    assert err.splitlines() == [
        "fitting hist_gb on the 64 train rows of holdout-42, as its record says",
        "fitting it on all 80 rows",
        "Read again, it gives the stored probabilities of 16 test rows exactly",
        "hist_gb, fitted on all 80 rows: mine",
    ]
    (tmp_path / "table.csv").rename(tmp_path / "moved.csv")
    assert suite("export", "hist_gb", "--out", "mine") == 2
    assert "say where it is now with --table FILE" in capsys.readouterr().err
    assert suite("export", "best", "--out", "mine", "--table", "moved.csv") == 0
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "cache") == [
        "mine",
        "moved.csv",
        "results",
    ]
    shutil.rmtree("results")
    assert suite("predict", "mine", "moved.csv", "--no-proba") == 0
    assert [*pd.read_csv("predictions.csv").columns] == ["row", "prediction"]
