from __future__ import annotations

import pandas as pd
import pytest

from suite.config import DataConfig
from suite.datasets.catalogue import load
from suite.datasets.files.strays import without_strays

ROWS = [[i / 8, i % 7, "hi" if i * 5 % 7 > 3 else "lo"] for i in range(60)]


def cleaned(rows, names=("size", "k", "y"), target="y"):
    frame = pd.DataFrame([list(row) for row in rows], columns=list(names))
    rest, findings = without_strays(frame, names, target)
    return rest, [found.code for found in findings]


def test_a_row_of_names_among_the_rows_is_left_out_and_numbers_stay_numbers(tmp_path):
    path = tmp_path / "t.csv"
    lines = [",".join(map(str, row)) for row in ROWS]
    path.write_text("\n".join(["size,k,y", *lines[:30], "size,k,y", *lines[30:]]))
    data = load(DataConfig(source=str(path), target="y"))
    assert data.X.shape == (60, 2)
    assert data.kinds == ("numeric", "numeric")
    assert [found.code for found in data.findings] == ["repeated-header"]
    assert "1 row repeats the names" in data.findings[0].text


def test_a_class_called_as_the_target_is_no_row_of_names():
    assert cleaned([*ROWS, [1, 2, "y"]])[1] == []


@pytest.mark.parametrize(
    "totals",
    [
        [[5400.0, "Total", "Total"]],
        [[45.1, 2.0, "Mean"], [1.5, 1.0, "SD"]],
        [[45.1, 2.0, "Subtotal"]],
        [[45.1, "Total:", None]],
        [["Grand total", 2.0, None]],
    ],
)
def test_totals_at_the_end_are_left_out_and_said(totals):
    rest, codes = cleaned([*ROWS, *totals])
    assert len(rest) == 60
    assert codes == ["summary-row"]


@pytest.mark.parametrize(
    "last",
    [
        [[1, "Total", "lo"]],
        [[1, 2, "Max"], [1, 3, "Max"]],
        [[1, 2, "Mean"], [1, 2, "lo"]],
        [[1, 2, "Total War"]],
    ],
)
def test_a_last_row_that_may_be_one_of_the_table_stays(last):
    rest, codes = cleaned([*ROWS, *last])
    assert len(rest) == 60 + len(last)
    assert codes == []


def test_sums_among_the_labels_are_kept_and_said():
    rest, codes = cleaned([*ROWS[:20], [1, 2, "Subtotal"], *ROWS[20:], [1, 2, "Subtotal"], ROWS[0]])
    assert len(rest) == 63
    assert codes == ["summary-row"]


def test_cells_that_were_merged_are_said():
    grouped = [["abcd"[i // 15] if i % 15 == 0 else None, *row[1:]] for i, row in enumerate(ROWS)]
    assert cleaned(grouped)[1] == ["merged-cells"]
    counted = [[i, *row] for i, row in enumerate(grouped)]
    assert cleaned(counted, ("n", "g", "k", "y"))[1] == ["merged-cells"]
    labelled = [[*row[:2], "ab"[i // 30] if i % 30 == 0 else None] for i, row in enumerate(ROWS)]
    assert cleaned(labelled)[1] == ["merged-cells"]


def test_a_column_of_few_values_elsewhere_is_none_of_merged_cells():
    remarks = [[*row[:2], f"r{i}" if i % 9 == 0 else None, row[2]] for i, row in enumerate(ROWS)]
    assert cleaned(remarks, ("size", "k", "remark", "y"))[1] == []
    alike = [["yes" if i % 9 == 0 else None, *row] for i, row in enumerate(ROWS)]
    assert cleaned(alike, ("flag", "size", "k", "y"))[1] == []
    numbers = [[i / 3 if i % 9 == 0 else None, *row] for i, row in enumerate(ROWS)]
    assert cleaned(numbers, ("v", "size", "k", "y"))[1] == []
