"""Rows of a file that are not samples (the names again, totals at the end), and cells that were merged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import pandas as pd

from suite.datasets.files.below import is_sum, is_total
from suite.datasets.files.left_out import merged_cells
from suite.datasets.table import count_rows
from suite.errors import listed
from suite.schema import Finding

_MOST_TOTALS, _LEADING = 10, 10
_FEWEST_ROWS, _FEWEST_IN_GROUP = 12, 3


def without_strays(
    frame: pd.DataFrame, written: Sequence[str], target: str
) -> tuple[pd.DataFrame, list[Finding]]:
    """Leave out rows that repeat the names, and totals among the last rows.

    The frame has all columns, the target among them; `written` are the names as in the file, "" where a column has
    none.
    """
    rest, findings = _without_names(frame, written, target)
    rest, totals = _without_totals(rest, target)
    findings += totals
    findings += _sums_among_labels(rest[target], target)
    findings += _merged(rest, target)
    return rest, findings


def _is_text(values: pd.Series[Any]) -> bool:
    return pd.api.types.is_object_dtype(values) or pd.api.types.is_string_dtype(values)


def _without_names(
    frame: pd.DataFrame, written: Sequence[str], target: str
) -> tuple[pd.DataFrame, list[Finding]]:
    name = written[list(frame.columns).index(target)]
    if not name or not _is_text(frame[target]):
        return frame, []
    like = frame[target].isin((name, f" {name}"))
    if not like.any():
        return frame, []
    repeated = [
        at
        for at, *cells in frame[like].itertuples(name=None)
        if all(
            ("" if cell != cell else str(cell).strip()) == was
            for cell, was in zip(cells, written, strict=True)
        )
    ]
    if not repeated or len(repeated) == len(frame):
        return frame, []
    verb = "repeats" if len(repeated) == 1 else "repeat"
    text = (
        f"{count_rows(len(repeated))} {verb} the names, as where files were joined, and left out; check that all rows "
        "belong to one table"
    )
    return frame.drop(index=repeated).reset_index(drop=True), [Finding(code="repeated-header", text=text)]


def _without_totals(frame: pd.DataFrame, target: str) -> tuple[pd.DataFrame, list[Finding]]:
    """Leave out last rows that hold a word for a total and no other label, if no such word stands above."""
    end, seen = len(frame), set[tuple[str, str]]()
    while end > 2 and len(frame) - end < _MOST_TOTALS:
        last = frame.iloc[end - 1]
        words = {str(name): cell for name, cell in last.items() if isinstance(cell, str) and is_total(cell)}
        if not words or seen.intersection(words.items()):
            break
        if target not in words and not pd.isna(last[target]):
            break
        seen.update(words.items())
        end -= 1
    above = frame.iloc[:end]
    if end == len(frame) or any(
        isinstance(cell, str) and is_total(cell) for name, _ in seen for cell in above[name].unique()
    ):
        return frame, []
    rows = [
        repr(", ".join("" if cell != cell or cell is None else str(cell) for cell in row))
        for row in frame.iloc[end:].itertuples(index=False, name=None)
    ]
    were = "the last row was" if len(rows) == 1 else f"the last {len(rows)} rows were"
    text = f"{were} taken for totals and left out: {listed(rows, 3)}; if they are data, put them further up"
    return above, [Finding(code="summary-row", text=text)]


def _sums_among_labels(labels: pd.Series[Any], target: str) -> Iterator[Finding]:
    if not _is_text(labels):
        return
    counts = labels.value_counts()
    for label in counts.index[:1000]:
        if isinstance(label, str) and is_sum(label):
            text = (
                f"{target} holds {label!r} in {count_rows(int(counts[label]))}, kept as a class; if these are sums of "
                f"other rows, --missing {target}={label} leaves them out"
            )
            yield Finding(code="summary-row", text=text, columns=(target,))


def _merged(frame: pd.DataFrame, target: str) -> Iterator[Finding]:
    """Yield the columns that have a value in the first row of each group alone.

    Looked at are the target and the first columns, where groups are named.
    """
    leading = True
    first = list(frame.columns[:_LEADING])
    for name in first if target in first else [*first, target]:
        values = frame[name]
        leading = leading and name in first
        if (leading or name == target) and _is_merged(values):
            yield merged_cells(str(name))
        elif leading:
            leading = len(frame) > 1 and values.is_unique


def _is_merged(values: pd.Series[Any]) -> bool:
    if len(values) < _FEWEST_ROWS or values.isna().iloc[:1].any() or not _is_text(values):
        return False
    (at,) = values.notna().to_numpy().nonzero()
    if not 2 <= len(at) <= len(values) / _FEWEST_IN_GROUP:
        return False
    filled = values.iloc[at].tolist()
    groups = sum(after - before >= _FEWEST_IN_GROUP for before, after in pairwise(at.tolist()))
    return groups >= 0.8 * (len(at) - 1) and all(a != b for a, b in pairwise(filled))
