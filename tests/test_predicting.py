"""Predictions of files: a line a row, in the memory of a piece, whole or not there."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from suite import meter, predicting
from suite.config import DataConfig
from suite.datasets.files import unlabelled
from suite.errors import DataError, UnknownName, UsageError
from suite.exports.model import ExportedModel
from suite.schema import Context, Task

N = 90


def write(path: Path, n: int = N, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame({"a": rng.normal(size=n).round(3), "b": rng.choice(["x", "y", "z"], n), "y": "no"})
    rows.loc[rows["a"] + (rows["b"] == "x") > 0.3, "y"] = "yes, sure"
    rows.to_csv(path, index=False)
    return rows


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, folder_of: Callable[..., Path]) -> ExportedModel:
    from suite.models.catalogue import MODELS

    folder = tmp_path_factory.mktemp("made")
    write(folder / "table.csv")
    task = Task(
        kinds=("numeric", "categorical"),
        levels=(0, 3),
        n_train=N,
        n_features=2,
        n_classes=2,
        validation=np.arange(0),
    )
    logistic = MODELS["logistic"].build(task, Context(seed=0, threads=1), **MODELS["logistic"].params)
    config = DataConfig(source=str(folder / "table.csv"), target="y")
    return ExportedModel(folder_of(folder / "model", config, logistic))


def test_each_row_has_its_class_and_probabilities(model: ExportedModel, tmp_path: Path) -> None:
    rows = write(tmp_path / "new.csv", seed=1)
    done = predicting.predict(model, tmp_path / "new.csv", tmp_path / "p.csv", keep=["b"])
    found = pd.read_csv(tmp_path / "p.csv")
    assert [*found.columns] == ["b", "row", "prediction", "p_no", "p_yes, sure"]
    assert (done.n_rows, [*found["row"]]) == (N, [*range(N)])
    assert [*found["b"]] == [*rows["b"]]
    assert (found["prediction"] == rows["y"]).mean() > 0.9
    proba = found[["p_no", "p_yes, sure"]].to_numpy()
    np.testing.assert_allclose(proba, model.predict_proba(rows), atol=1e-7)
    assert (found["prediction"] == model.classes_[proba.argmax(axis=1)]).all()


def test_pieces_give_what_the_whole_gives(
    model: ExportedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "new.csv", seed=1)
    predicting.predict(model, tmp_path / "new.csv", tmp_path / "whole.csv")
    monkeypatch.setattr(unlabelled, "ROWS", 7)
    predicting.predict(model, tmp_path / "new.csv", tmp_path / "pieces.csv")
    assert (tmp_path / "pieces.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_other_formats_are_read_as_a_whole(model: ExportedModel, tmp_path: Path) -> None:
    rows = write(tmp_path / "new.csv", seed=1)
    predicting.predict(model, tmp_path / "new.csv", tmp_path / "csv.csv")
    rows.to_json(tmp_path / "new.json", orient="records")
    predicting.predict(model, tmp_path / "new.json", tmp_path / "json.csv", proba=True)
    assert (tmp_path / "json.csv").read_bytes() == (tmp_path / "csv.csv").read_bytes()
    predicting.predict(model, tmp_path / "new.json", tmp_path / "short.csv", proba=False)
    assert (tmp_path / "short.csv").read_text().splitlines()[0] == "row,prediction"


def test_rows_without_a_value_are_predicted_too(model: ExportedModel, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("b,a,y\nx,0.5,\n,,\nz,-1,\n")
    done = predicting.predict(model, tmp_path / "new.csv", tmp_path / "p.csv")
    assert done.n_rows == 3
    assert np.isfinite(pd.read_csv(tmp_path / "p.csv")["p_no"]).all()


REFUSED = {
    "no file": (None, DataError, "no file"),
    "no rows": ("a,b\n", DataError, "has a header and no rows"),
    "other columns": ("c,d\n1,2\n", DataError, "lacks 2 of the 2 columns that the model uses"),
    "a row too long": ("a,b\n1,x\n2,y,3\n", DataError, "line 3: 3 cells where the header has 2"),
    "a row too short": ("a,b\n1,x\n2\n", DataError, "line 3: 1 cells where the header has 2"),
    "no table": ("\0\1\2", DataError, "new.csv"),
}


@pytest.mark.parametrize(("text", "error", "said"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_cannot_be_read_leaves_nothing(
    text: str | None, error: type[Exception], said: str, model: ExportedModel, tmp_path: Path
) -> None:
    if text is not None:
        (tmp_path / "new.csv").write_text(text)
    before = {*tmp_path.iterdir()}
    with pytest.raises(error, match=said):
        predicting.predict(model, tmp_path / "new.csv", tmp_path / "p.csv")
    assert {*tmp_path.iterdir()} == before


def test_a_fault_far_down_leaves_the_earlier_predictions(
    model: ExportedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unlabelled, "ROWS", 2)
    (tmp_path / "new.csv").write_text("a,b\n" + "1,x\n" * 9 + "1,x,2\n")
    (tmp_path / "p.csv").write_text("earlier")
    with pytest.raises(DataError, match="line 11: 3 cells"):
        predicting.predict(model, tmp_path / "new.csv", tmp_path / "p.csv")
    assert (tmp_path / "p.csv").read_text() == "earlier"
    assert len([*tmp_path.iterdir()]) == 2


def test_empty_cells_at_the_end_of_rows_further_down_are_no_fault(
    model: ExportedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unlabelled, "ROWS", 100)
    (tmp_path / "new.csv").write_text("a,b\n" + "1,x\n" * 500 + "1,x,,\n" + "2,y\n" * 4)
    done = predicting.predict(model, tmp_path / "new.csv", tmp_path / "p.csv")
    assert done.n_rows == 505
    assert [*pd.read_csv(tmp_path / "p.csv")["row"]] == [*range(505)]


def test_what_cannot_be_written_or_kept_is_refused(model: ExportedModel, tmp_path: Path) -> None:
    new = tmp_path / "new.csv"
    write(new)
    with pytest.raises(UsageError, match="is the file that is read"):
        predicting.predict(model, new, tmp_path / "." / "new.csv")
    with pytest.raises(UsageError, match="cannot write"):
        predicting.predict(model, new, tmp_path / "no" / "p.csv")
    with pytest.raises(UnknownName, match="no column named 'id'"):
        predicting.predict(model, new, tmp_path / "p.csv", keep=["id"])
    assert [*tmp_path.iterdir()] == [new]


def test_columns_without_names_are_found_by_their_places(
    folder_of: Callable[..., Path], tmp_path: Path
) -> None:
    lines = [f"{'no' if i % 3 else 'yes'},{i * 37 % 101},{'xyz'[i % 3]}" for i in range(60)]
    (tmp_path / "table.csv").write_text("\n".join(lines) + "\n")
    config = DataConfig(source=str(tmp_path / "table.csv"), target="column_1", no_header=True)
    model = ExportedModel(folder_of(tmp_path / "model", config))
    (tmp_path / "short.csv").write_text("\n".join(line.partition(",")[2] for line in lines) + "\n")
    for name in ("table.csv", "short.csv"):
        done = predicting.predict(model, tmp_path / name, tmp_path / "p.csv")
        assert (done.n_rows, done.news) == (60, [])
    (tmp_path / "other.csv").write_text("1\n" * 20)
    with pytest.raises(DataError, match="has 1 columns without names; the table had 3, column_1 among them"):
        predicting.predict(model, tmp_path / "other.csv", tmp_path / "p.csv")


def test_a_column_that_is_kept_may_have_any_name(model: ExportedModel, tmp_path: Path) -> None:
    rows = write(tmp_path / "new.csv").assign(row=range(5, 5 + N), prediction="007")
    rows.to_csv(tmp_path / "new.csv", index=False)
    predicting.predict(model, tmp_path / "new.csv", tmp_path / "p.csv", keep=["row", "prediction"])
    found = pd.read_csv(tmp_path / "p.csv", dtype=str)
    assert [*found.columns] == ["row", "prediction", "row.1", "prediction.1", "p_no", "p_yes, sure"]
    assert {*found["prediction"]} == {"007"}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is read from /proc")
def test_a_million_rows_take_the_memory_of_a_piece(model: ExportedModel, tmp_path: Path) -> None:
    few, many = tmp_path / "few.csv", tmp_path / "many.csv"
    write(few, 2 * unlabelled.ROWS)
    lines = few.read_text().splitlines(keepends=True)
    with many.open("w") as file:
        file.write(lines[0])
        for _ in range(10):
            file.writelines(lines[1:])

    def peak(path: Path) -> float:
        meter.reset_peak()
        predicting.predict(model, path, tmp_path / "p.csv")
        return meter.peak_rss_mb() or 0.0

    peak(few)
    usual = peak(few)
    assert peak(many) < usual + 60
    with (tmp_path / "p.csv").open() as file:
        assert sum(1 for _ in file) == 10**6 + 1
