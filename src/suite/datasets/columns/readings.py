"""What one column is, as plain data, from its text or from the type that its source gave it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from itertools import compress, islice
from typing import Any

import numpy as np
import pandas as pd

from suite.datasets.columns import inference
from suite.datasets.columns.column_reading import ColumnReading
from suite.datasets.columns.dates import first_year
from suite.datasets.columns.inference import Habits, Reading
from suite.datasets.columns.typed import Text, as_text, dates_in_digits, different, tally, type_of, typed
from suite.datasets.columns.words import is_float, is_mark, is_missing_number
from suite.errors import UsageError

WAYS = ("number", "number:,", "number:.", "date", "date:FORMAT", "time", "category", "text", "drop")
"""What `--read COLUMN=` takes."""
_FIRST = 1000
"""The first rows, from which examples are taken."""
_KEPT = 20
"""The most cells that were not understood that are kept as examples."""


def read_text(
    name: str, cells: list[str], counts: np.ndarray, words: set[str], way: str, habits: Habits
) -> Reading:
    """Return what a column of text is, or what the user wants it to be: `way` is one of `WAYS`, or nothing.

    The cells are clean and different, and each stands in as many rows as its count. Cells in `words` are missing too.
    Raises `UsageError` if no cell can be read in that way.
    """
    kind, _, rest = way.partition(":")
    if numbers := {float(word) for word in words if is_float(word)}:
        # -999 is also missing where it is written -999.0.
        words = words | {cell for cell in cells if is_float(cell) and float(cell) in numbers}
    if kind in ("category", "text"):
        found = inference.as_category(cells, words)
        return found._replace(read_as="text" if kind == "text" else "category")
    if kind not in ("number", "date", "time"):
        return inference.infer(cells, counts, words, habits)
    absent = np.array([is_missing_number(cell) or cell in words for cell in cells], dtype=bool)
    said = Habits(rest, is_given=True) if kind == "number" and rest else habits
    ways: list[Callable[..., Reading | None]] = {
        "number": [inference.as_number, inference.as_time],
        "date": [inference.as_date],
    }.get(kind, [inference.as_time])
    if kind == "date" and rest:
        ways = [lambda *_: inference.as_date_of(cells, absent, rest)]
    for read in ways:
        reading = read(cells, absent, said)
        if reading is not None and (~(reading.missing | reading.strange)).any():
            return reading._replace(doubt="")
    example = next(compress(cells, ~absent), "")
    raise UsageError(f"--read {name}={way}: no cell of {name!r} is a {kind}; the first is {example!r}")


def of_text(
    name: str, cells: list[str], counts: np.ndarray, text: Text, found: Reading, way: str
) -> ColumnReading:
    """Return the reading of a column of text as plain data, for later tables too."""
    gone = found.missing | found.strange
    missing = {cells[i]: int(counts[i]) for i in found.missing.nonzero()[0] if cells[i]}
    strange = sorted(found.strange.nonzero()[0], key=lambda i: -counts[i])
    levels = None
    if found.read_as in ("category", "text"):
        levels = tuple(sorted(compress(cells, ~gone)))
    n_present = int(counts[~gone].sum())
    return ColumnReading(
        name=name,
        read_as=found.read_as,
        number=found.number,
        dates=found.dates,
        missing=missing,
        strange={cells[i]: int(counts[i]) for i in strange[:_KEPT]},
        n_strange=int(counts[found.strange].sum()),
        first_year=found.first_year,
        doubt=found.doubt,
        warnings=found.warnings,
        mixed=round(float(found.mixed), 4),
        mixed_as=found.mixed_as,
        examples=_examples(compress(cells, ~gone), found.doubt),
        n_merged=len(text.cells) - len(cells) if levels is not None else 0,
        n_rows=len(text.codes),
        n_missing=len(text.codes) - n_present,
        n_different=int((~gone).sum()),
        levels=levels,
        left_out="" if n_present else "every value is missing",
        chosen=way,
    )


def _examples(cells: Iterable[str], doubt: str) -> tuple[str, ...]:
    """Return the first cells, those first that show what is in doubt."""
    first = list(islice(cells, 200 if doubt else 3))
    if doubt:
        first.sort(key=lambda cell: not any(mark in cell for mark in ",./"))
    return tuple(cell[:40] for cell in first[:3])


def of_values(name: str, values: pd.Series[Any], way: str, words: set[str]) -> ColumnReading:
    """Return the reading of a column to which its source gave a type."""
    kind, _, rest = way.partition(":")
    read_as = type_of(values)
    form = dates_in_digits(values) if read_as == "number" and not way else ""
    if kind == "date" and read_as == "number":
        form = rest or dates_in_digits(values) or "%Y%m%d"
    if form:
        read_as = "date"
    elif kind in ("category", "text"):
        read_as = "text" if kind == "text" else "category"
    elif (kind == "number" and read_as not in ("number", "boolean", "time")) or (
        kind == "date" and read_as != "date"
    ):
        raise UsageError(f"--read {name}={way}: {name!r} holds values of type {values.dtype}")
    missing = {}
    if read_as == "number":
        numbers = {word: float(word) for word in words if is_float(word)}
        missing = {word: rows for word, n in numbers.items() if (rows := int((values == n).sum()))}
    elif read_as in ("category", "text"):
        cells, counts = tally(different(values.astype(object)))
        missing = {c: int(n) for c, n in zip(cells, counts, strict=True) if c in words or is_mark(c)}
    draft = ColumnReading(name=name, read_as=read_as, dates=(form,) if form else (), missing=missing)
    column = typed(draft, values).values
    if "%y" in form and not way and (begins := first_year(pd.to_datetime(column, unit="s"))):
        draft = dataclasses.replace(draft, first_year=begins)
        column = typed(draft, values).values
    if kind == "date" and not column.notna().any():
        raise UsageError(
            f"--read {name}={way}: no cell of {name!r} is a date; the first is {values.iloc[0]!r}"
        )
    present = column.dropna()
    levels = tuple(map(str, column.cat.categories)) if isinstance(column.dtype, pd.CategoricalDtype) else None
    examples = values.head(_FIRST).dropna().drop_duplicates().head(3)
    return dataclasses.replace(
        draft,
        examples=tuple(as_text(value)[:40] for value in examples),
        n_rows=len(values),
        n_missing=len(values) - len(present),
        n_different=int(present.nunique()),
        levels=levels,
        left_out="" if len(present) else "every value is missing",
        chosen=way,
    )
