"""Numbers and dates that look like codes for missing: -999, 9999-12-31."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from suite.datasets.columns.recipe import ColumnRecipe
from suite.datasets.columns.typed import Column
from suite.datasets.table import count_rows
from suite.schema import Finding

if TYPE_CHECKING:
    import pandas as pd

FAR = 100
"""Where all other numbers are at least this, -1 is not a measurement."""
FEW_DAYS = 0.02
"""A share of the rows up to which one day may come by chance."""
_NO_DAYS = {
    "0001-01-01": -62135596800.0,
    "1900-01-01": -2208988800.0,
    "1970-01-01": 0.0,
    "9999-12-31": 253402214400.0,
}


def find_sentinels(columns: Mapping[str, Column], recipe: ColumnRecipe) -> tuple[list[Finding], list[str]]:
    """Return what looks like a code for missing, with the option that makes it missing.

    Findings are about values far from the others, which may well change what linear models learn; notes about the rest.
    """
    far: dict[str, str] = {}
    notes = []
    for column in recipe.used:
        name = column.name
        kind, values = columns[name]
        if kind == "datetime" and (day := _day_for_missing(values)):
            far[name] = f"{name} holds {day}, which may stand for a missing date"
        code = _sentinel(values) if kind == "numeric" and column.read_as == "number" else None
        if code is not None:
            rows = count_rows(int((values == code).sum()))
            text = f"{name} holds {code} in {rows}, far from its other numbers"
            text += f"; --missing {name}={code} makes it missing"
            if abs(code) > 9 or values[values != code].min() >= FAR:
                far[name] = text
            else:
                notes.append(text)
    return [Finding(code="sentinel", text=text, columns=(name,)) for name, text in far.items()], notes


def _sentinel(values: pd.Series[Any]) -> int | None:
    numbers = values.to_numpy()
    numbers = numbers[np.isfinite(numbers)]
    low, high = (numbers.min(), numbers.max()) if len(numbers) else (0, 0)
    if low in (-1, -9, -99, -999, -9999, -99999) and (numbers[numbers != low] >= 0).all():
        code = int(low)
    elif high in (99, 999, 9999, 99999, 999999) and (numbers[numbers != high] < high / 3).all():
        code = int(high)
    else:
        return None
    # In a column of a few different numbers, such as -1, 0 and 1, it is a number like the others.
    enough = len(np.unique(numbers)) >= (4 if abs(code) > 9 else 10)
    return code if enough and (code < 0 or (numbers == code).sum() > 1) else None


def _day_for_missing(seconds: pd.Series[Any]) -> str:
    """Return a day that databases write for a missing date, if it stands in more rows than chance puts there."""
    for day, at in _NO_DAYS.items():
        if (seconds == at).sum() > max(2, FEW_DAYS * len(seconds)):
            return f"{day} in {count_rows(int((seconds == at).sum()))}"
    return ""
