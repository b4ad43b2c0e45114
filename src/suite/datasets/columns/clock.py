"""Times of a day and durations as people write them, in seconds."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

_CLOCK = re.compile(
    r"(?P<sign>-)?(?P<a>\d{1,4}):(?P<b>\d{2})(?::(?P<c>\d{2}(?:[.,]\d+)?))?(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
)
_DURATION = re.compile(
    r"(?:\d+(?:\.\d+)? ?(?:days?|d|hours?|hrs?|h|minutes?|mins?|min|m|seconds?|secs?|sec|s)\.?,? ?){2,4}|"
    r"\d+ days?,? \d{1,2}:\d{2}:\d{2}(?:\.\d+)?|P(?:\d+D)?T(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?",
    re.IGNORECASE,
)

_LONGEST = 60


def parse_clock(cells: Sequence[str]) -> np.ndarray:
    """Return times of a day and durations (`9:30`, `01:02:03`, `10:30 PM`, `2h 50m`) in seconds, NaN for others."""
    seconds = np.full(len(cells), np.nan)
    durations: dict[int, str] = {}
    for i, cell in enumerate(cells):
        if len(cell) > _LONGEST:
            continue
        if match := _CLOCK.fullmatch(cell):
            a, b, c = int(match["a"]), int(match["b"]), float((match["c"] or "0").replace(",", "."))
            if match["half"]:
                a = a % 12 + (12 if match["half"] in "pP" else 0)
            value = 3600 * a + 60 * b + c
            seconds[i] = -value if match["sign"] else value
        elif _DURATION.fullmatch(cell) and any(character.isdigit() for character in cell):
            text = re.sub(r"(?<=\d) ?m(?![a-z])", "min", cell.replace(",", " "), flags=re.IGNORECASE)
            durations[i] = text if cell[0] not in "pP" else cell.upper()
    if durations:
        read = pd.to_timedelta(pd.Series(list(durations.values())), errors="coerce")
        seconds[list(durations)] = read.dt.total_seconds().to_numpy()
    return seconds
