from __future__ import annotations

import pytest

from suite.datasets.files import tables
from suite.datasets.files.left_out import below_the_table

ROWS = [f"{i},{i / 7:.2f},{'ab'[i % 2]}" for i in range(150)]


def test_a_total_with_a_label_is_said_first(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["n,x,y", *ROWS, "Total,12.5,a"]))
    assert [found.code for found in tables.read_raw(path, "y").findings] == ["lines-left-out"]
    path.write_text("\n".join(["n,x,y", *ROWS, "Total,12.5,"]))
    assert tables.read_raw(path, "y").findings == ()


@pytest.mark.parametrize("below", [["24;0.5;a"], [f"{i};0.5;a" for i in range(50)]])
def test_last_rows_with_another_separator_are_said_first(tmp_path, below):
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["n,x,y", *ROWS, *(f"id{line}" for line in below)]))
    raw = tables.read_raw(path, "y")
    assert len(raw.frame) == 150
    assert [found.code for found in raw.findings] == ["lines-left-out"]
    assert f"{len(below)} line" in raw.findings[0].text
    assert raw.notes == ()


def test_a_few_remarks_are_a_note_and_many_a_finding():
    assert below_the_table(["Source: WHO"], like_rows=False)[1] == []
    notes, findings = below_the_table(["a b"] * 4, like_rows=False)
    assert notes == []
    assert findings[0].text.startswith("4 lines below the table were left out: 'a b'")
