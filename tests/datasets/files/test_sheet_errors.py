from __future__ import annotations

import io
import zipfile

import pytest

from suite.datasets.files.sheet_errors import count_errors

CELL = '<c r="A1"><v>1</v></c>'
ERROR = '<c r="A1" s="2" t="e"><v>#DIV/0!</v></c>'


def book(cells, name="S &amp; T"):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xl/workbook.xml", f'<sheets><sheet name="{name}" sheetId="1" r:id="r7"/></sheets>')
        archive.writestr(
            "xl/_rels/workbook.xml.rels", '<Relationship Id="r7" Type="x" Target="worksheets/sheet3.xml"/>'
        )
        archive.writestr("xl/worksheets/sheet3.xml", f"<sheetData>{cells}</sheetData>")
    return stream


@pytest.mark.parametrize(("cells", "count"), [(CELL, 0), (ERROR + CELL + ERROR, 2), (ERROR * 90_000, 90_000)])
def test_errors_of_a_sheet_are_counted(cells, count):
    assert count_errors(book(cells), "S & T") == count


def test_what_is_no_xlsx_has_none():
    assert count_errors(io.BytesIO(b"no zip"), "S") == 0
    assert count_errors(book(ERROR), "other") == 0
