"""What the audits share: the form of their columns, rows to look at first, and how columns are named."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from suite.errors import listed
from suite.schema import Kind

Column: TypeAlias = "tuple[Kind, pd.Series[Any]]"
Columns: TypeAlias = Mapping[str, Column]
"""Typed columns by name: floats for numbers, booleans and dates (NaN is missing), categories for text."""

NAMED = 5
"""The most columns that a sentence names."""
LEAST_FILLED = 0.1
"""Share of the rows that must have a value, for a column to be judged by these alone."""
_OVERRULES = {"--keep": ("uses it", "uses one"), "--drop": ("leaves it out", "leaves one out")}


def sample(n: int, most: int) -> np.ndarray:
    """Return the positions of at most `most` of n rows, rising; the same ones at every call."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(0).choice(n, most, replace=False, shuffle=False))


def level_codes(column: Column, rows: np.ndarray | None = None) -> np.ndarray:
    """Return a code 0..L-1 for each row, in no order of values; missing values are a level of their own."""
    values = _plain(column)
    codes, _ = pd.factorize(values if rows is None else values[rows], use_na_sentinel=False)
    return codes


def ranks(column: Column, rows: np.ndarray) -> np.ndarray:
    """Return a code 0..L-1 for each of these rows, rising with the value; missing values come last."""
    return np.unique(_plain(column)[rows], return_inverse=True)[1]


def filled(column: Column) -> np.ndarray | None:
    """Return the positions of the rows that have a value, or None if all have, or too few to be judged alone."""
    rows = np.flatnonzero(column[1].notna().to_numpy())
    return rows if LEAST_FILLED * len(column[1]) <= len(rows) < len(column[1]) else None


def _plain(column: Column) -> np.ndarray:
    _, values = column
    return values.cat.codes.to_numpy() if hasattr(values.dtype, "categories") else values.to_numpy()


def sentence(names: Sequence[str], one: str, several: str, done: str, option: str) -> str:
    """Return what was found of columns, what was done, and which option does the opposite: `--keep` or `--drop`.

    `one` and `several` say what columns do: `counts the rows`, `count the rows`; `done` is such as `left out`.
    """
    alone, among = _OVERRULES[option]
    if len(names) == 1:
        return f"{names[0]} {one}: {done}; {option} {shlex.quote(names[0])} {alone}"
    return f"{listed(names, NAMED)} {several}: {done}; {option} COLUMN {among}"
