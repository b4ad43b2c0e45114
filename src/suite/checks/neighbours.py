"""Near duplicates: rows much closer to another row than rows are as a rule."""

from __future__ import annotations

import numpy as np

from suite.checks.columns import Columns, level_codes, sample
from suite.schema.audits import ROWS, Finding

MOST_ROWS = 20_000
NEAR = 0.13
"""Share of the median distance to the nearest row, below which a row is a near duplicate (as in cleanlab's Datalab)."""


def find_near_duplicates(columns: Columns, first: np.ndarray | None, n: int) -> list[Finding]:
    """Return a finding about rows that nearly repeat another one; rows that repeat one exactly are left aside.

    Numbers are scaled to unit variance, gaps are the mean, and two levels of text are one unit apart. At most 20,000
    rows are compared, each with all: about 10 s.
    """
    from sklearn.neighbors import NearestNeighbors

    rows = np.arange(n) if first is None else np.flatnonzero(first)
    rows = rows[sample(len(rows), MOST_ROWS)]
    M = _scaled(columns, rows)
    if len(rows) < 20 or not M.shape[1]:
        return []
    search = NearestNeighbors(n_neighbors=2).fit(M)
    distance, places = search.kneighbors(M)
    # Its own place may come second where rows lie in one point.
    own = places[:, 0] == np.arange(len(rows))
    nearest = np.where(own, distance[:, 1], distance[:, 0])
    near = np.flatnonzero(nearest < NEAR * np.median(nearest))
    if not len(near):
        return []
    near = near[np.argsort(nearest[near], kind="stable")]
    looked_at = f"{len(rows):,} of {n:,}" if len(rows) < n else f"{n:,}"
    return [
        Finding(
            code="near-duplicates",
            text=f"{len(near):,} of {looked_at} rows nearly repeat another: nearer than {NEAR:g} of the median "
            "distance to the nearest row",
            number=len(near),
            effect=f"{100 * len(near) / len(rows):.1f} % may be known from train, if each pair is one case",
            rows=tuple(rows[near][:ROWS].tolist()),
        )
    ]


def _scaled(columns: Columns, rows: np.ndarray) -> np.ndarray:
    parts = []
    for column in columns.values():
        values = column[1]
        if hasattr(values.dtype, "categories"):
            codes = level_codes(column, rows)
            if codes.max(initial=0) < 50:
                # Two levels differ in two places: one unit in all.
                parts.append(np.eye(int(codes.max(initial=0)) + 1, dtype=np.float32)[codes] / np.sqrt(2))
            continue
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)[rows]
        numbers = np.where(np.isfinite(numbers), numbers, np.nan)
        if np.isnan(numbers).all():
            continue
        spread = np.nanstd(numbers)
        if spread > 0:
            scaled = (numbers - np.nanmean(numbers)) / spread
            parts.append(np.nan_to_num(scaled)[:, None].astype(np.float32))
    return np.hstack(parts) if parts else np.empty((len(rows), 0), dtype=np.float32)
