"""What a table, a data set and a split are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from suite.schema.audits import Finding

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Kind = Literal["numeric", "boolean", "categorical", "text", "datetime"]


def empty() -> Mapping[str, Any]:
    """Return a mapping without entries that nobody can add to."""
    return MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class LiveTable:
    """A table given in Python: read where it is; on disk, only the column store has its features."""

    name: str
    frame: pd.DataFrame = field(repr=False)
    """Candidate feature columns, shape (n_samples, n_columns)."""
    labels: Any = field(repr=False)
    """One label a row, shape (n_samples,)."""
    target: str
    fingerprint: str
    """sha256 of the values, so that equal values give equal records whatever library holds them."""
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A named, versioned table, ready to be split."""

    name: str
    version: int
    X: pd.DataFrame
    """n_samples x n_features; numeric columns as numbers, categorical and text as pandas categories."""
    y: np.ndarray
    """Integer codes 0..K-1 into `classes`, shape (n_samples,)."""
    classes: tuple[str, ...]
    """Names as written; sorted, numerically if all are integers."""
    kinds: tuple[Kind, ...]
    """One per column of X. A column of kind `text` is there to be target-encoded."""
    fingerprint: str
    """sha256 of the source's bytes, the reader's version, the options and the target."""
    target: str
    protocol: str
    """The protocol that a run without `--protocol` uses."""
    dropped: Mapping[str, str] = field(default_factory=empty)
    """Columns of the source that are no features, each with its reason."""
    chosen: Mapping[str, Sequence[str]] = field(default_factory=empty)
    """Columns that were asked for: `drop`, `keep` and `encode` to names, sorted; none that is empty."""
    notes: tuple[str, ...] = ()
    """What reading and cleaning changed, in sentences."""
    title: str = ""
    findings: tuple[Finding, ...] = ()
    """What to check before the scores are believed, the gravest first."""
    recipe: str = ""
    """How each column was read, as JSON, see `datasets.columns.recipe.ColumnRecipe`."""
    file: str = ""
    """The path that was given, of a table that was read from a file."""
    live: bool = False
    """Whether the table was given in Python."""
    aside: Mapping[str, pd.Series] = field(default_factory=empty, repr=False)
    """Columns that the protocol needs: times as numbers, groups and folds as categories. No child gets them."""
    unused: Mapping[str, tuple[Kind, pd.Series]] = field(default_factory=empty, repr=False)
    """Columns that are left out, by name, typed as features are; only where an audit asked for them."""

    @property
    def levels(self) -> tuple[int, ...]:
        """Number of levels of each categorical or text column; 0 for the others."""
        return tuple(len(getattr(dtype, "categories", ())) for dtype in self.X.dtypes)


@dataclass(frozen=True, kw_only=True)
class DatasetSpec:
    """A catalogue entry: how to load one named table."""

    name: str
    version: int
    summary: str
    load: Callable[..., Any]
    """Called as `load(data_dir=None, **options)`; returns a `datasets.table.Table`."""
    protocol: str
    options: Mapping[str, Any] = field(default_factory=empty)
    """Options the name takes, with their defaults."""


@dataclass(frozen=True, kw_only=True)
class Split:
    """Disjoint train and test row positions, in the splitter's order, never sorted."""

    id: str
    protocol: str
    seed: int
    train: np.ndarray
    test: np.ndarray
    fingerprint: str
    parent: str | None = None
    """The id of the split whose train rows an inner split shares out."""
