from __future__ import annotations

import sys
import zipfile
from xml.sax.saxutils import escape

import pytest

from suite.config import DataConfig
from suite.datasets.catalogue import load
from suite.datasets.files import tables
from suite.errors import DataError, SuiteError, UnknownName

ROWS = [["id", "when", "ok", "y"], [1, 2.5, True, "a"], [2, None, False, "b"], [3, 4, True, "a"]]
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _cell(row, column, value):
    at = f'r="{chr(65 + column)}{row + 1}"'
    if value is None:
        return ""
    if isinstance(value, bool):
        return f'<c {at} t="b"><v>{int(value)}</v></c>'
    if value == "#DIV/0!":
        return f'<c {at} t="e"><v>{value}</v></c>'
    if isinstance(value, str):
        return f'<c {at} t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f"<c {at}><v>{value}</v></c>"


def write_workbook(path, sheets, merged=""):
    """Write the least of a workbook that Excel would open."""
    ids = list(enumerate(sheets, start=1))
    named = "".join(f'<sheet name="{name}" sheetId="{i}" r:id="r{i}"/>' for i, name in ids)
    related = "".join(
        f'<Relationship Id="r{i}" Type="{DOCUMENT}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i, _ in ids
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" Type="{DOCUMENT}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}"><sheets>{named}</sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{RELATIONS}">{related}</Relationships>'
        )
        for i, name in ids:
            lines = "".join(
                f'<row r="{r + 1}">{"".join(_cell(r, c, value) for c, value in enumerate(row))}</row>'
                for r, row in enumerate(sheets[name])
            )
            archive.writestr(
                f"xl/worksheets/sheet{i}.xml",
                f'<worksheet xmlns="{MAIN}"><sheetData>{lines}</sheetData>{merged}</worksheet>',
            )
    return path


def test_without_calamine_it_is_said_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    path = write_workbook(tmp_path / "renamed.csv", {"S": ROWS})
    with pytest.raises(
        DataError, match=r'reading workbooks needs python-calamine: pip install "tabular-suite\[excel\]"'
    ):
        tables.read(path, "y")


def test_cells_keep_their_kinds(tmp_path):
    pytest.importorskip("python_calamine")
    raw = tables.read_raw(write_workbook(tmp_path / "t.xlsx", {"S": ROWS}), "y")
    assert [str(kind) for kind in raw.frame.dtypes] == ["int64", "float64", "bool", "str"]
    assert raw.frame["id"].tolist() == [1, 2, 3]
    assert raw.notes == ()


def test_numbers_among_text_are_written_as_they_are_shown(tmp_path):
    pytest.importorskip("python_calamine")
    rows = [["x", "y"], [1, "a"], ["n/a", "b"], [2.5, "a"]]
    assert tables.read_raw(write_workbook(tmp_path / "t.xlsx", {"S": rows}), "y").frame["x"].tolist() == [
        "1",
        "n/a",
        "2.5",
    ]


def test_titles_totals_and_empty_rows_and_columns_around_a_table_are_left_out(tmp_path):
    pytest.importorskip("python_calamine")
    rows = [
        [None, "Sales 2024"],
        [],
        *[[None, *row] for row in [["name", "n", "y"], ["p", 1, "a"], ["q", 2, "b"], ["r", 3, "a"]]],
        [],
        [None, "Total", 6],
        [None, "Source: the office"],
    ]
    raw = tables.read_raw(write_workbook(tmp_path / "t.xlsx", {"S": rows}), "y")
    assert list(raw.frame.columns) == ["name", "n", "y"]
    assert raw.frame["n"].tolist() == [1, 2, 3]
    assert raw.notes == (
        "1 line above the table was left out: 'Sales 2024'",
        "2 lines below the table were left out: 'Total,6', 'Source: the office'",
    )


def test_a_sheet_is_named_with_a_hash_and_the_first_is_the_default(tmp_path):
    pytest.importorskip("python_calamine")
    other = [["x", "y"], [7, "p"], [8, "q"]]
    path = write_workbook(tmp_path / "t.xlsx", {"Empty": [], "First": ROWS, "The other": other})
    raw = tables.read_raw(path, "y")
    assert len(raw.frame) == 3
    assert raw.notes == (
        "of 3 sheets (Empty, First, The other) 'First' was read; name another with FILE#SHEET",
    )
    named = tmp_path / "t.xlsx#The other"
    assert tables.read_raw(named, "y").frame["x"].tolist() == [7, 8]
    assert tables.read(named, "y").fingerprint != tables.read(path, "y").fingerprint
    assert load(DataConfig(source=str(named), target="y")).name == "t#The other"
    with pytest.raises(UnknownName, match="no sheet named 'The othr'; did you mean The other"):
        tables.read(tmp_path / "t.xlsx#The othr", "y")
    with pytest.raises(DataError, match=r"sheet 'Empty' of .* is empty"):
        tables.read(tmp_path / "t.xlsx#Empty", "y")


def test_a_first_sheet_of_text_alone_names_the_others(tmp_path):
    pytest.importorskip("python_calamine")
    for readme in ([["About"], ["these data"], ["were made"]], [["About"]]):
        path = write_workbook(tmp_path / "t.xlsx", {"Readme": readme, "Data": ROWS})
        with pytest.raises(SuiteError, match=r"; other sheets: Data \(name one with FILE#SHEET\)$"):
            tables.read(path, "y")


def test_units_titles_and_totals_of_a_sheet_are_told_as_in_text(tmp_path):
    pytest.importorskip("python_calamine")
    rows = [[i / 8, i % 7, "ab"[i % 2]] for i in range(30)]
    sheet = [["x", "k", "y"], ["cm", "kg", None], *rows, [3.5, 5, "Total"]]
    raw = tables.read_raw(write_workbook(tmp_path / "t.xlsx", {"S": sheet}), "y")
    assert raw.frame["x"].tolist() == [row[0] for row in rows]
    assert [found.code for found in raw.findings] == ["second-header", "summary-row"]
    sheet = [[], ["Measure", "Measure", "Label"], ["x", "k", "y"], *rows]
    with pytest.raises(UnknownName, match="the names seem to stand in line 3"):
        tables.read(write_workbook(tmp_path / "t.xlsx", {"S": sheet}), "y")


def test_merged_cells_of_any_column_are_said(tmp_path):
    calamine = pytest.importorskip("python_calamine")
    if not hasattr(calamine.CalamineSheet, "merged_cell_ranges"):
        pytest.skip("this reader tells no merged cells")
    rows = [[i, "ab"[i // 4] if i % 4 == 0 else None, "pq"[i % 2]] for i in range(8)]
    merged = (
        '<mergeCells><mergeCell ref="B1:D1"/><mergeCell ref="C3:C6"/><mergeCell ref="C7:C10"/></mergeCells>'
    )
    sheet = [[None, "Sales"], [None, "n", "g", "y"], *([None, *row] for row in rows)]
    raw = tables.read_raw(write_workbook(tmp_path / "t.xlsx", {"S": sheet}, merged), "y")
    assert [(found.code, found.columns) for found in raw.findings] == [("merged-cells", ("g",))]
    assert raw.frame["g"].isna().sum() == 6


def test_cells_with_errors_are_missing_and_counted(tmp_path):
    pytest.importorskip("python_calamine")
    rows = [["x", "y"], [1, "a"], ["#DIV/0!", "b"], [3, "a"]]
    raw = tables.read_raw(write_workbook(tmp_path / "t.xlsx", {"S": rows}), "y")
    assert raw.frame["x"].isna().tolist() == [False, True, False]
    assert raw.notes == ("1 cell holds an error, such as #DIV/0!, taken for missing",)


def test_a_sheet_without_names_is_told_and_read(tmp_path):
    pytest.importorskip("python_calamine")
    rows = [[5.1 + i, 3.5 - i / 9, "red"] for i in range(5)]
    path = write_workbook(tmp_path / "t.xlsx", {"S": rows})
    with pytest.raises(DataError, match="looks like data, not like names; if it is, say --no-header"):
        tables.read(path, "y")
    raw = tables.read_raw(path, "3", no_header=True)
    assert (raw.target, len(raw.frame)) == ("column_3", 5)


def test_a_damaged_workbook_is_one_clear_line(tmp_path):
    pytest.importorskip("python_calamine")
    for name, data in {"t.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and no more"}.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(DataError, match="cannot be read as a workbook") as caught:
            tables.read(tmp_path / name, "y")
        assert "\n" not in str(caught.value)
