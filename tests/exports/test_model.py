"""An exported model reads tables as its own was read, says what is new in them, and refuses what is not its folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from suite.config import DataConfig
from suite.datasets.catalogue import load
from suite.datasets.column_store import plain_columns
from suite.datasets.files import unlabelled
from suite.errors import DataError, UsageError
from suite.exports.folder import MANIFEST, SEAL
from suite.exports.model import ExportedModel
from suite.names import digest

Exported = Callable[..., Path]


def rows(*columns: str, separator: str = ",", n: int = 60) -> str:
    """Return a table of text whose columns are patterns of the row's number."""
    names = separator.join([*(f"c{i}" for i in range(len(columns))), "y"])
    lines = [
        separator.join([*(eval(f"f{column!r}", {"i": i}) for column in columns), "yes" if i % 3 else "no"])
        for i in range(n)
    ]
    return "\n".join([names, *lines]) + "\n"


TABLES = {
    "plain numbers": (rows("{i * 37 % 101 / 8}", "{i * 7 % 13}"), {}),
    "numbers that no float32 holds": (rows("{i * 37 % 101 / 7}", "{10**8 + i * 7919 % 1000}.1"), {}),
    "numbers of which float32 holds some": (rows("{i % 17 if i < 30 else i / 7}", "{i % 13}"), {}),
    "a decimal comma": (rows("{i * 37 % 101},{i % 10}", "{1 + i % 9}.{i % 10}00,50", separator=";"), {}),
    "thousands": (rows('"{1 + i % 9},{i % 10}00"', "{i % 7}"), {}),
    "money and units": (rows('"${1 + i % 9},{i % 10}00"', "{i % 7 + 1}.5 kg"), {}),
    "dates": (rows("{1 + i % 28:02d}.{1 + i % 12:02d}.2023", "2024-0{1 + i % 9}-1{i % 10}"), {}),
    "dates in digits": (rows("2023{1 + i % 12:02d}{1 + i % 28:02d}", "{i % 7}"), {}),
    "times": (rows("{i % 24}:{i % 60:02d}", "{i % 7}"), {}),
    "truth values with gaps": (rows("{'' if i % 9 == 0 else i % 2 == 0}", "{i % 7}"), {}),
    "words for missing": (
        rows("{'n/a' if i % 9 == 0 else i * 3 % 17}", "{'?' if i % 8 == 0 else 'ab'[i % 2]}"),
        {},
    ),
    "codes read as categories": (rows("00{i % 5}", "{i % 7}"), {"read": ("c0=category", "c1=category")}),
    "text to encode": (rows("word {i % 9}", "{i % 7}"), {"encode": ("c0",)}),
    "a code for missing": (rows("{-1 if i % 9 == 0 else i * 3 % 17}", "{i % 7}"), {"missing": ("c0=-1",)}),
    "a point that parts thousands": (rows("{1 + i % 9}.{i % 10}00", "{i % 7}"), {"read": ("c0=number:,",)}),
    "a column left out": (rows("{i}", "{i * 3 % 17}"), {"drop": ("c0",)}),
    "infinities": (rows("{'inf' if i == 3 else i * 3 % 17}", "{i % 7}"), {}),
}


@pytest.mark.parametrize(("text", "options"), TABLES.values(), ids=TABLES)
@pytest.mark.parametrize("size", [unlabelled.ROWS, 7])
def test_a_file_is_prepared_as_the_table_was(
    text: str, options: dict, size: int, exported: Exported, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = ExportedModel(exported(text, **options))
    table = tmp_path / "table.csv"
    wanted = plain_columns(load(DataConfig(source=str(table), target="y", **options)).X)
    monkeypatch.setattr(unlabelled, "ROWS", size)
    news = model.news()
    found = unlabelled.read(table, as_text=model.as_text)
    pieces = [model.typed(piece, news) for piece in found.pieces]
    assert len(pieces) == -(-len(wanted) // size)
    assert all(piece[name].dtype == wanted[name].dtype for piece in pieces for name in wanted)
    whole = pd.concat(
        [
            piece.assign(**{n: piece[n].cat.codes for n in piece if piece[n].dtype == "category"})
            for piece in pieces
        ],
        ignore_index=True,
    )
    codes = {name: wanted[name].cat.codes for name in wanted if wanted[name].dtype == "category"}
    pd.testing.assert_frame_equal(whole, wanted.assign(**codes), check_exact=True)
    assert news.sentences() == []


def test_a_data_frame_is_prepared_as_the_file_was(exported: Exported, tmp_path: Path) -> None:
    model = ExportedModel(exported(rows("{i * 37 % 101 / 8}", "{'ab'[i % 2]}", "2024-01-{1 + i % 28:02d}")))
    read = pd.read_csv(tmp_path / "table.csv", parse_dates=["c2"])
    wanted = plain_columns(load(DataConfig(source=str(tmp_path / "table.csv"), target="y")).X)
    found = model.typed(read)
    assert found["c2"].equals(wanted["c2"])
    assert (found["c1"].cat.codes == wanted["c1"].cat.codes).all()
    assert model.predict_proba(read).shape == (60, 2)
    assert [*model.classes_] == ["no", "yes"]
    assert set(model.predict(read)) <= {"no", "yes"}
    assert model.remarks(read) == []


def test_shuffled_columns_are_put_right_by_their_names(exported: Exported, tmp_path: Path) -> None:
    model = ExportedModel(exported(rows("{i * 37 % 101 / 8}", "{'ab'[i % 2]}")))
    read = pd.read_csv(tmp_path / "table.csv")
    pd.testing.assert_frame_equal(model.typed(read[["y", "c1", "c0"]]), model.typed(read))


def test_what_is_new_in_a_table_is_said(exported: Exported, tmp_path: Path) -> None:
    model = ExportedModel(
        exported(rows("{i * 37 % 101 / 8}", "{'ab'[i % 2]}", "{i % 7 + 0.5}", "2024-01-{1 + i % 28:02d}"))
    )
    read = pd.read_csv(tmp_path / "table.csv")
    new = read.rename(columns={"c2": "C2"}).assign(other=1)
    new.loc[:2, "c1"] = ["zebra", "zebra", "yak"]
    new.loc[4, "c0"] = 99.0
    new["c0"] = new["c0"].astype(object)
    new.loc[5, "c0"] = "many"
    new["c3"] = new["c3"].str.replace("2024", "2025")
    told = model.remarks(new)
    assert told == [
        "there is no column 'c2': all of its rows count as missing; 'C2' is another name",
        "columns that the model does not know, left aside: 'C2', 'other'",
        "c0: cells that were not understood ('many') in 1 row, taken for missing",
        "c0: 1 row outside 0 to 12.5, where all rows were that the model has seen",
        "c1: 2 levels that the model has not seen ('zebra', 'yak') in 3 rows, taken for missing",
        "c3: 60 rows outside 2024-01-01 to 2024-01-28, where all rows were that the model has seen",
        "c3 has shifted: 100 % of the rows lie outside 2024-01-01T22:48:00 to 2024-01-27, where 10 % did",
    ]
    assert np.isfinite(model.predict_proba(new)).all()


def test_gaps_where_there_were_none_are_said(exported: Exported, tmp_path: Path) -> None:
    model = ExportedModel(exported(rows("{i * 37 % 101 / 8}", "{'ab'[i % 2]}")))
    new = pd.read_csv(tmp_path / "table.csv")
    new.loc[:29, "c0"] = np.nan
    assert model.remarks(new) == ["c0: no value in 50 % of the rows; it was 0 %"]


def test_a_table_without_more_than_half_of_the_columns_is_refused(exported: Exported, tmp_path: Path) -> None:
    model = ExportedModel(exported(rows("{i * 37 % 101}", "{i % 7}", "{i % 5}")))
    read = pd.read_csv(tmp_path / "table.csv")
    assert len(model.predict(read[["c0", "c1"]])) == 60
    with pytest.raises(
        DataError, match=r"lacks 2 of the 3 columns that the model uses \(c1, c2\); it has c0"
    ):
        model.predict(read[["c0"]])


@pytest.mark.parametrize("name", ["recipe.json", "model.skops", MANIFEST])
@pytest.mark.parametrize("place", [0.1, 0.5, 0.99])
def test_a_changed_byte_in_any_file_is_refused(name: str, place: float, exported: Exported) -> None:
    folder = exported(rows("{i * 37 % 101}", "{i % 7}"))
    raw = bytearray((folder / name).read_bytes())
    raw[int(place * len(raw))] ^= 1
    (folder / name).write_bytes(raw)
    with pytest.raises(UsageError, match=name) as refused:
        ExportedModel(folder)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_missing_or_a_link_is_refused(exported: Exported, tmp_path: Path) -> None:
    folder = exported(rows("{i * 37 % 101}", "{i % 7}"))
    (folder / "recipe.json").rename(tmp_path / "away")
    with pytest.raises(UsageError, match=r"recipe\.json is not as it was exported: it cannot be opened"):
        ExportedModel(folder)
    (folder / "recipe.json").symlink_to(tmp_path / "away")
    with pytest.raises(UsageError, match=r"recipe\.json is not as it was exported: it is a symbolic link"):
        ExportedModel(folder)


def test_a_folder_that_is_no_export_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no folder"):
        ExportedModel(tmp_path / "none")
    with pytest.raises(UsageError, match="is no model that suite exported"):
        ExportedModel(tmp_path)
    (tmp_path / MANIFEST).write_text('{"format": 1}')
    with pytest.raises(UsageError, match="is no model that suite exported"):
        ExportedModel(tmp_path)


def resealed(folder: Path, **changes: object) -> Path:
    """Change what a folder says, and seal it anew, as whoever knows how may do."""
    data = json.loads((folder / MANIFEST).read_text())
    data = {key: value for key, value in {**data, **changes}.items() if key != SEAL}
    (folder / MANIFEST).write_text(json.dumps({**data, SEAL: digest(data)}))
    return folder


def test_a_folder_of_a_later_version_says_so(exported: Exported) -> None:
    folder = resealed(exported(rows("{i * 37 % 101}", "{i % 7}")), format=99)
    with pytest.raises(UsageError, match="later version of suite"):
        ExportedModel(folder)


@pytest.mark.parametrize(
    "estimator",
    [
        {
            "library": "xgboost",
            "class": "os:system",
            "params": {},
            "files": [],
            "prepared": False,
            "classes": [],
        },
        {
            "library": "xgboost",
            "class": "suite.models.plugin:build",
            "params": {},
            "files": [],
            "prepared": False,
        },
        {"library": "no", "files": []},
        {},
    ],
    ids=str,
)
def test_a_folder_made_by_hand_runs_no_code(estimator: dict, exported: Exported) -> None:
    folder = resealed(exported(rows("{i * 37 % 101}", "{i % 7}")), estimator=estimator)
    with pytest.raises(UsageError, match="cannot be read"):
        ExportedModel(folder)


def test_versions_that_differ_are_told(exported: Exported) -> None:
    folder = resealed(exported(rows("{i * 37 % 101}", "{i % 7}")), packages={"numpy": "0.1", "nosuch": "1"})
    first, second = ExportedModel(folder).warnings
    assert first.startswith("numpy was 0.1 when the model was fitted, and is ")
    assert second == "nosuch was 1 when the model was fitted, and is not installed here"


def test_a_table_without_rows_has_no_predictions(exported: Exported, tmp_path: Path) -> None:
    model = ExportedModel(exported(rows("{i * 37 % 101}", "{i % 7}")))
    read = pd.read_csv(tmp_path / "table.csv")
    assert model.predict_proba(read[:0]).shape == (0, 2)
    assert len(model.predict(read[:0])) == 0


def test_a_copy_of_the_folder_predicts_the_same(exported: Exported, tmp_path: Path) -> None:
    folder = exported(rows("{i * 37 % 101}", "{i % 7}"))
    read = pd.read_csv(tmp_path / "table.csv")
    shutil.copytree(folder, tmp_path / "copy")
    shutil.rmtree(folder)
    assert ExportedModel(tmp_path / "copy").predict_proba(read)[0].tolist() == pytest.approx([1 / 3, 2 / 3])
