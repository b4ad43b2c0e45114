"""A sheet of a workbook (.xlsx, .xlsb, .xls, .ods) to a frame, through calamine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from suite.datasets.files import layout
from suite.datasets.files.below import is_below, is_full_total
from suite.datasets.files.calamine_trial import try_workbook
from suite.datasets.files.formats import Contents
from suite.datasets.files.layout import Layout
from suite.datasets.files.left_out import below_the_table, left_out, merged_cells, second_header
from suite.datasets.files.sheet_errors import count_errors
from suite.datasets.files.sources import content
from suite.errors import DataError, UnknownName, in_one_line, listed

_LAYOUT_ROWS = 100


def read_sheet(path: Path, name: str | None, *, no_header: bool = False) -> Contents:
    """Read a sheet: numbers as numbers, true and false and dates as these, everything else as it is shown.

    Without a name, it is the first sheet that is not empty. Raises `UnknownName` if the sheet does not exist, and
    `DataError` if calamine is missing, the workbook is damaged, or the sheet holds no table.
    """
    try:
        import python_calamine
    except ImportError:
        raise DataError(
            'reading workbooks needs python-calamine: pip install "tabular-suite[excel]"'
        ) from None
    try:
        data = content(path)
        try_workbook(path, data.getvalue(), name)
        book = python_calamine.CalamineWorkbook.from_filelike(data)
        names = book.sheet_names
        if name is not None and name not in names:
            raise UnknownName("sheet", name, names)
        for used in names if name is None else [name]:
            part = book.get_sheet_by_name(used)
            rows = part.to_python(skip_empty_area=False)
            if any(cell != "" for row in rows for cell in row):
                break
        else:
            raise DataError(f"{path} is empty" if name is None else f"sheet {name!r} of {path} is empty")
    except (DataError, UnknownName):
        raise
    except Exception as error:
        # calamine raises its own errors, and those of zip and XML within.
        raise DataError(
            f"{path} cannot be read as a workbook: {in_one_line(type(error).__name__, error)}"
        ) from error
    notes = []
    if len(names) > 1 and name is None:
        notes = [f"of {len(names)} sheets ({listed(names)}) {used!r} was read; name another with FILE#SHEET"]
    others = [other for other in names if other != used] if name is None else []
    hint = f"; other sheets: {listed(others)} (name one with FILE#SHEET)" if others else ""
    numbers = [i for i, row in enumerate(rows, start=1) if any(cell != "" for cell in row)]
    if errors := count_errors(data, used):
        count = "1 cell holds" if errors == 1 else f"{errors:,} cells hold"
        notes.append(f"{count} an error, such as #DIV/0!, taken for missing")
    table, left = _without_margins(rows)
    try:
        sheet = _sheet(path, table, no_header, notes)
    except DataError as error:
        raise DataError(f"{error}{hint}") from None
    first = sheet.next_rows[0][0] if sheet.next_rows else 0
    next_rows = tuple((numbers[first + i], row) for i, (_, row) in enumerate(sheet.next_rows))
    # Older readers of workbooks do not tell.
    ranges = getattr(part, "merged_cell_ranges", None) or []
    columns = {
        start[1] - left
        for start, end in ranges
        if next_rows and start[0] >= next_rows[0][0] - 1 and end[0] > start[0] and start[1] == end[1]
    }
    called = sheet.frame.columns
    merged = [merged_cells(called[j] or f"column {j + 1}") for j in sorted(columns) if j < len(called)]
    return sheet._replace(hint=hint, next_rows=next_rows, findings=(*sheet.findings, *merged))


def _without_margins(rows: Sequence[Sequence[Any]]) -> tuple[list[list[Any]], int]:
    """Return the rows without empty ones and without empty columns around the table, and how many of these are left."""
    filled = [row for row in rows if any(cell != "" for cell in row)]
    used = [any(row[j] != "" for row in filled) for j in range(len(filled[0]))]
    left, right = used.index(True), len(used) - used[::-1].index(True)
    return [list(row[left:right]) for row in filled], left


def _sheet(path: Path, rows: list[list[Any]], no_header: bool, notes: list[str]) -> Contents:
    shown = [[_shown(cell) for cell in row] for row in rows[:_LAYOUT_ROWS]]
    found = layout.lay_out(shown, no_header=no_header)
    body = rows[found.first :]
    below: list[list[str]] = []
    while len(body) > 1 and _is_below([_shown(cell) for cell in body[-1]], found, shown):
        below.insert(0, [_shown(cell) for cell in body.pop()])
    if not body:
        raise DataError(f"{path} has a header and no rows")
    notes += left_out([",".join(shown[i]).strip(",") for i in found.above], "above the table")
    said, findings = below_the_table(
        [",".join(row).strip(",") for row in below],
        like_rows=any(is_full_total(row, found.width) for row in below),
    )
    columns = {j: _column([row[j] for row in body]) for j in range(found.width)}
    return Contents(
        frame=pd.DataFrame(columns).set_axis(list(found.names), axis=1),
        first_row=tuple(shown[found.first - 1]) if found.looks_like_data and not no_header else (),
        notes=(*notes, *said),
        findings=(*second_header(found, shown), *findings),
        next_rows=tuple(enumerate(shown))[found.first - len(found.second) : found.first + 2],
    )


def _is_below(cells: list[str], found: Layout, shown: list[list[str]]) -> bool:
    others = [row for row in shown[found.first :] if row != cells]
    return is_below(cells, found.width, others, after_blank=False)


def _column(cells: list[Any]) -> pd.Series[Any]:
    values = [None if cell == "" else cell for cell in cells]
    kinds = {type(value) for value in values if value is not None}
    if kinds and kinds <= {int, float}:
        numbers = pd.Series(values, dtype="float64")
        whole = numbers.notna().all() and (numbers % 1 == 0).all() and (numbers.abs() < 2**53).all()
        return numbers.astype("int64") if whole else numbers
    if kinds == {bool}:
        return pd.Series(values, dtype=object if None in values else bool)
    if kinds and kinds <= {dt.date, dt.datetime}:
        return pd.Series([None if v is None else pd.Timestamp(v).as_unit("us") for v in values])
    if kinds == {dt.timedelta}:
        return pd.to_timedelta(pd.Series(values))
    return pd.Series([None if value is None else _shown(value) for value in values], dtype="str")


def _shown(cell: Any) -> str:
    """Return a cell as text: whole numbers without a point, times as ISO 8601."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    if isinstance(cell, dt.datetime | dt.date | dt.time):
        return cell.isoformat()
    return str(cell)
