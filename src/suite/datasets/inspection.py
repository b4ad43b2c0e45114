"""A recipe for a person to check: one row a column with how it was read, what it becomes and how to overrule that."""

from __future__ import annotations

import shlex
from typing import Any, NamedTuple

import numpy as np

from suite.datasets.columns.column_reading import ColumnReading
from suite.datasets.columns.recipe import ColumnRecipe
from suite.datasets.columns.remarks import option, words
from suite.schema import Dataset

HOW = (
    "Read a column in another way: --read COLUMN=number, number:, (decimal comma), date:%d/%m/%Y, time, category, text "
    "or drop. Use one that is left out: --keep COLUMN. Say what is missing: --missing COLUMN=WORD."
)
"""What one may do about any column."""
_SHORT = 14


class Row(NamedTuple):
    """What is shown of one column."""

    column: str
    read_as: str
    examples: str
    missing: int
    """Rows without a value."""
    different: int
    """Different values."""
    changed: str
    """What reading changed."""
    becomes: str
    """`feature`, or why the column is left out."""
    overrule: str
    """The option that undoes what is in doubt; empty if nothing is."""


def rows(dataset: Dataset) -> list[Row]:
    """Return one row a column of the table, in its order."""
    return [_row(reading) for reading in ColumnRecipe.from_json(dataset.recipe).columns]


def about(dataset: Dataset) -> dict[str, Any]:
    """Return what concerns a table as a whole: its rows by class, findings and notes."""
    sizes = np.bincount(dataset.y, minlength=len(dataset.classes))
    return {
        "table": dataset.name,
        "target": dataset.target,
        "rows": len(dataset.y),
        "features": dataset.X.shape[1],
        "classes": dict(zip(dataset.classes, sizes.tolist(), strict=True)),
        "findings": [
            {"code": found.code, "text": found.text, "columns": found.columns} for found in dataset.findings
        ],
        "notes": list(dataset.notes),
    }


def _row(reading: ColumnReading) -> Row:
    looked_at = bool(reading.examples)
    return Row(
        column=reading.name,
        read_as=_read_as(reading) if looked_at else "not read",
        examples=", ".join(e if len(e) <= _SHORT else e[: _SHORT - 1] + "…" for e in reading.examples),
        missing=reading.n_missing,
        different=reading.n_different,
        changed=_changed(reading),
        becomes=f"left out: {reading.left_out}" if reading.left_out else "feature",
        overrule=_overrule(reading),
    )


def _read_as(reading: ColumnReading) -> str:
    if reading.read_as == "date" and reading.dates:
        return f"date {' or '.join(reading.dates[:2])}"
    if reading.read_as == "text":
        return "text, target-encoded"
    return "constant" if reading.n_different == 1 and not reading.n_missing else reading.read_as


def _changed(reading: ColumnReading) -> str:
    said = [str(reading.number)] if reading.number is not None and str(reading.number) else []
    if reading.missing:
        said.append(f"missing: {words(reading.missing)}")
    if reading.strange:
        said.append(f"not understood: {words(reading.strange)}")
    if reading.doubt:
        said.append(f"another reading: {reading.doubt}")
    return "; ".join(said)


def _overrule(reading: ColumnReading) -> str:
    if reading.chosen or (reading.left_out and not reading.examples):
        return ""
    if reading.left_out:
        return f"--keep {shlex.quote(reading.name)}"
    if reading.doubt:
        return option(reading.name, f"{reading.read_as}:{reading.doubt}")
    if reading.mixed:
        return option(reading.name, reading.mixed_as)
    return option(reading.name, "category") if reading.strange else ""
