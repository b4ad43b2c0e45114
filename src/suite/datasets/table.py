"""A table as its source has it, and the words and names that all readers share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from suite.schema import Finding

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table as its source has it: candidate features, labels, and what reading changed."""

    frame: pd.DataFrame
    """Candidate feature columns in the order of the source, shape (n_samples, n_columns)."""
    labels: Any
    """One label a row, shape (n_samples,): strings, integers or booleans; NaN or None is missing."""
    target: str
    drop: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Columns that are no features unless asked for, each with its reason."""
    notes: tuple[str, ...] = ()
    """What reading and cleaning changed, in sentences."""
    usual_decimal: str = "."
    """The decimal mark to assume where cells leave it open: `,` in files with `;` between cells."""
    leading_zeros: tuple[str, ...] = ()
    """Columns of numbers some of which are written with zeros in front."""
    findings: tuple[Finding, ...] = ()
    """What reading came upon that a reader of the scores should check."""
    fingerprint: str = ""
    """sha256 that stands for the content; left empty, it is computed from the content."""


def count_rows(number: int) -> str:
    """Return a number of rows in words: `1 row`, `4,980 rows`."""
    return f"{number:,} row" if number == 1 else f"{number:,} rows"


def unique_names(written: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the names with `.1`, `.2` ... added to repeated ones, and a note for each name repeated."""
    taken = set(written)
    groups: dict[str, list[str]] = {}
    for name in written:
        group = groups.setdefault(name, [])
        unique = name
        if group:
            unique = next(new for i in count(len(group)) if (new := f"{name}.{i}") not in taken)
        taken.add(unique)
        group.append(unique)
    notes = [
        f"{len(group)} columns are named {name!r}; they are called {', '.join(group)} here"
        for name, group in groups.items()
        if len(group) > 1
    ]
    return [groups[name].pop(0) for name in written], notes
