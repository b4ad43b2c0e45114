"""What is new in rows that a model has not seen: levels, columns, cells, and numbers where there were none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from suite.datasets.columns.typed import as_text
from suite.datasets.columns.words import clean, is_mark, is_missing_number
from suite.datasets.table import count_rows
from suite.errors import cut
from suite.exports.folder import Column

if TYPE_CHECKING:
    import pandas as pd

    from suite.datasets.columns.column_reading import ColumnReading

TAILS = 0.3
"""The share of the rows beyond the 5th and 95th percentile from which on a column counts as shifted; 0.1 is usual."""
GAPS = 0.1
"""So many more rows without a value, as a share, are said."""
FEWEST_ROWS = 50
"""Of fewer rows no share is told."""
_EXAMPLES = 3
_MOST_WORDS = 10_000
"""Different words of a column that are told apart."""


class Seen:
    """Counts over the rows of one column, as they come."""

    def __init__(self, column: Column, reading: ColumnReading) -> None:
        self.column, self.reading = column, reading
        self.n = self.missing = self.unread = self.below = self.above = self.beyond = 0
        self.words: Counter[str] = Counter()

    def add(self, given: pd.Series[Any], typed: pd.Series[Any]) -> None:
        """Take a column as it was given, and as the model gets it."""
        self.n += len(typed)
        gone = typed.isna().to_numpy()
        self.missing += int(gone.sum())
        for word, count in given[gone & given.notna().to_numpy()].value_counts().items():
            cell = clean(as_text(word))
            if not self._is_missing(cell):
                self.unread += int(count)
                if len(self.words) < _MOST_WORDS:
                    self.words[cell] += int(count)
        if self.column.low is not None and self.column.high is not None:
            values = typed.to_numpy(np.float64)
            values = values[np.isfinite(values)]
            self.below += int((values < self.column.low).sum())
            self.above += int((values > self.column.high).sum())
            if self.column.most:
                low, high = self.column.most
                self.beyond += int(((values < low) | (values > high)).sum())

    def _is_missing(self, cell: str) -> bool:
        if not cell or cell in self.reading.missing:
            return True
        return is_mark(cell) if self.column.dtype == "category" else is_missing_number(cell)

    def sentences(self) -> Iterator[str]:
        """Yield what is new, in sentences."""
        name, there = cut(self.column.name), self.n - self.missing
        if self.unread:
            shown = ", ".join(repr(cut(word)) for word, _ in self.words.most_common(_EXAMPLES))
            if self.column.dtype == "category":
                many = len(self.words) >= _MOST_WORDS
                levels = (
                    "1 level" if len(self.words) == 1 else f"{len(self.words):,}{'+' if many else ''} levels"
                )
                what = f"{levels} that the model has not seen"
            else:
                what = "cells that were not understood"
            more = ", ..." if len(self.words) > _EXAMPLES else ""
            yield f"{name}: {what} ({shown}{more}) in {count_rows(self.unread)}, taken for missing"
        if outside := self.below + self.above:
            low, high = (self._shown(value) for value in (self.column.low, self.column.high))
            yield f"{name}: {count_rows(outside)} outside {low} to {high}, where all rows were that the model has seen"
        if self.column.most and there >= FEWEST_ROWS and self.beyond > TAILS * there:
            low, high = map(self._shown, self.column.most)
            share = f"{100 * self.beyond / there:.0f} %"
            yield f"{name} has shifted: {share} of the rows lie outside {low} to {high}, where 10 % did"
        if self.n >= FEWEST_ROWS and self.missing - self.unread > (self.column.missing + GAPS) * self.n:
            share = f"{100 * (self.missing - self.unread) / self.n:.0f} %"
            yield f"{name}: no value in {share} of the rows; it was {100 * self.column.missing:.0f} %"

    def _shown(self, value: float | None) -> str:
        if self.column.kind == "datetime" and value is not None and abs(value) < 2.5e11:
            return str(np.datetime64(int(value), "s")).replace("T00:00:00", "")
        return f"{value:.6g}"


class News:
    """What is new in a table: its columns first, then what `Seen` finds in the rows."""

    def __init__(
        self, columns: Sequence[Column], readings: Sequence[ColumnReading], known: Sequence[str]
    ) -> None:
        self.columns = [Seen(column, reading) for column, reading in zip(columns, readings, strict=True)]
        self._known = set(known)
        """All columns of the table that the model was fitted on, its target too."""
        self.absent: tuple[str, ...] = ()
        self.extra: tuple[str, ...] = ()

    def names(self, given: Sequence[str]) -> None:
        """Take the names of a table's columns."""
        self.absent = tuple(seen.column.name for seen in self.columns if seen.column.name not in given)
        self.extra = tuple(name for name in given if name not in self._known)

    def sentences(self) -> list[str]:
        """Return what is new, in sentences."""
        alike = {_plain(name): name for name in reversed(self.extra)}
        found = []
        for name in self.absent:
            other = alike.get(_plain(name))
            hint = f"; {cut(other)!r} is another name" if other is not None else ""
            found.append(f"there is no column {cut(name)!r}: all of its rows count as missing{hint}")
        if self.extra:
            shown = ", ".join(repr(cut(name)) for name in self.extra[:5])
            more = f" and {len(self.extra) - 5:,} more" if len(self.extra) > 5 else ""
            noun = "a column that the model does" if len(self.extra) == 1 else "columns that the model does"
            found.append(f"{noun} not know, left aside: {shown}{more}")
        return found + [
            text for seen in self.columns if seen.column.name not in self.absent for text in seen.sentences()
        ]


def _plain(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def columns_of(X: pd.DataFrame, kinds: Sequence[Any]) -> tuple[Column, ...]:
    """Return what is to be remembered of the features that a model is fitted on."""
    return tuple(
        _column(str(name), kind, X.iloc[:, i]) for i, (name, kind) in enumerate(zip(X, kinds, strict=True))
    )


def _column(name: str, kind: Any, values: pd.Series[Any]) -> Column:
    missing = float(values.isna().mean()) if len(values) else 0.0
    if values.dtype.kind != "f":
        return Column(name=name, kind=kind, dtype="category", missing=missing)
    numbers = values.to_numpy(np.float64)
    numbers = numbers[np.isfinite(numbers)]
    dtype: Any = str(values.dtype)
    if not len(numbers):
        return Column(name=name, kind=kind, dtype=dtype, missing=missing)
    low, fifth, last, high = (float(v) for v in np.percentile(numbers, (0, 5, 95, 100)))
    most = () if kind == "boolean" or fifth == last else (fifth, last)
    return Column(name=name, kind=kind, dtype=dtype, missing=missing, low=low, high=high, most=most)
