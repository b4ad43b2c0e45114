"""What one column is and what it becomes, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from suite.datasets.columns.inference import ReadAs
from suite.datasets.columns.numbers import NumberFormat
from suite.schema import Kind

KINDS: Mapping[ReadAs, Kind] = MappingProxyType(
    {
        "number": "numeric",
        "time": "numeric",
        "date": "datetime",
        "boolean": "boolean",
        "category": "categorical",
        "text": "text",
    }
)


@dataclass(frozen=True, kw_only=True)
class ColumnReading:
    """What one column is, and what it becomes."""

    name: str
    read_as: ReadAs
    number: NumberFormat | None = None
    """The form of numbers that are written as text."""
    dates: tuple[str, ...] = ()
    """Formats of `strptime`, of dates that are written as text or as numbers."""
    missing: Mapping[str, int] = field(default_factory=dict)
    """Words taken for missing, and how many rows of the table that was looked at have them."""
    strange: Mapping[str, int] = field(default_factory=dict)
    """Cells that were not understood and are taken for missing, the 20 most frequent, with their rows."""
    n_strange: int = 0
    """Rows with such a cell."""
    first_year: int = 0
    """The first of the hundred years that two-digit years stand for; 0: 1969."""
    doubt: str = ""
    """The reading that the cells leave open besides the one taken: a decimal mark, or a date's format."""
    warnings: tuple[str, ...] = ()
    """What may make its values not comparable, in clauses."""
    mixed: float = 0.0
    """The share of numbers or dates in a column of text, if there are many."""
    mixed_as: str = ""
    """Which of these."""
    examples: tuple[str, ...] = ()
    """The first different cells, as they are written."""
    n_merged: int = 0
    """Levels that are written in several ways, which differ only in blanks, quotes or Unicode's forms."""
    n_rows: int = 0
    n_missing: int = 0
    """Rows without a value, whatever stands there."""
    n_different: int = 0
    levels: tuple[str, ...] | None = None
    """The categories, in the order of their codes."""
    left_out: str = ""
    """Why the column is left out; empty if it is a feature."""
    chosen: str = ""
    """How a user asked for it to be read."""

    @property
    def kind(self) -> Kind:
        """What models take the column for."""
        return KINDS[self.read_as]
