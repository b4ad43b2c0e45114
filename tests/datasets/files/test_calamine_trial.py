from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from suite.datasets.files import calamine_trial, shape, tables
from suite.errors import DataError

pytest.importorskip("python_calamine")
BESIDE = Path(__file__).parent


@pytest.fixture
def workbook(tmp_path):
    """What Excel would write of three rows, `x`, `w` and `y`."""
    return Path(shutil.copy(BESIDE / "book.xlsx", tmp_path))


@pytest.fixture
def xls():
    return (BESIDE / "book.xls").read_bytes()


def rewritten(path, sheet):
    """Put other XML into the first sheet of a workbook."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, sheet(data.decode()) if name.endswith("sheet1.xml") else data)
    return path


@pytest.mark.parametrize("last", ["XFD1048576", "CV1048576", "Z1048576"])
def test_two_cells_at_the_corners_of_a_sheet_are_refused_and_end_no_process(workbook, last):
    corner = f'<row r="1048576"><c r="{last}"><v>1</v></c></row></sheetData>'
    path = rewritten(workbook, lambda text: text.replace("</sheetData>", corner))
    with pytest.raises(DataError, match="cannot be read as a workbook: its cells need too much memory"):
        tables.read(path, "y")


def test_a_sheet_that_unpacks_to_far_more_than_its_size_is_refused(workbook, monkeypatch):
    monkeypatch.setattr(shape, "FREE_BYTES", 2**20)
    path = rewritten(workbook, lambda text: text.replace("</sheetData>", " " * 2**26))
    with pytest.raises(
        DataError, match=r"has XML, 0\.1 GiB in memory, more than 200 times its size; refused"
    ):
        tables.read(path, "y")


@pytest.mark.parametrize(
    ("at", "message"), [(1424, "it is damaged"), (1575, "its cells need too much memory")]
)
def test_a_workbook_on_which_calamine_panics_or_dies_is_one_clear_line(tmp_path, xls, capfd, at, message):
    damaged = bytearray(xls)
    damaged[at] ^= 0x40
    (tmp_path / "t.xls").write_bytes(damaged)
    with pytest.raises(DataError, match=f"cannot be read as a workbook: {message}"):
        tables.read(tmp_path / "t.xls", "y")
    assert capfd.readouterr().err == ""


def test_a_workbook_that_never_ends_is_given_up(workbook, monkeypatch):
    monkeypatch.setattr(calamine_trial, "_READ", "while True: pass")
    monkeypatch.setattr(calamine_trial, "_SECONDS", 0.2)
    with pytest.raises(DataError, match="takes too long to read; save its sheet as CSV"):
        tables.read(workbook, "y")


def test_a_workbook_and_a_named_sheet_that_are_good_pass(workbook, xls, tmp_path):
    assert len(tables.read(workbook, "y").frame) == 3
    (tmp_path / "t.xls").write_bytes(xls)
    assert len(tables.read(tmp_path / "t.xls#S", "y").frame) == 8
