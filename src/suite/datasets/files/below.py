"""What stands below a table: totals, sources, remarks."""

from __future__ import annotations

import re
from collections.abc import Sequence

from suite.datasets.files.rows import Row, is_number, mostly_numbers

_SUM = re.compile(r"((grand|sub)[ -]?)?totals?|gesamt(summe)?|(zwischen)?summe", re.I)
_TOTAL = re.compile(rf"{_SUM.pattern}|sum|average|avg\.?|mean|mittelwert|durchschnitt|somme|moyenne", re.I)
_STATISTIC = re.compile(
    r"sd|std\.?( ?dev\.?)?|st\.? ?dev\.?|standard deviation|median|min(imum)?|max(imum)?|count", re.I
)
_SOURCE = re.compile(
    r"(sources?|notes?|quellen?|remarks?|legend|copyright|generated|exported|created|printed|downloaded|updated"
    r"|last updated|page|rows?|records?|end of (file|data|report))\b|©|\*|#|\(\d+ rows",
    re.I,
)


def is_sum(cell: str) -> bool:
    """Return whether a cell is a word for a sum and nothing else."""
    return bool(_SUM.fullmatch(cell.strip(" :")))


def is_total(cell: str) -> bool:
    """Return whether a cell is a word for a sum, a mean or another number of a whole column."""
    cell = cell.strip(" :")
    return bool(_TOTAL.fullmatch(cell) or _STATISTIC.fullmatch(cell))


def is_full_total(cells: Row, width: int) -> bool:
    """Return whether a row begins with a word for a total and has every cell filled, as a row of the table may."""
    return len(cells) == width and is_total(cells[0]) and all(cell.strip() for cell in cells)


def is_below(cells: Row, width: int, body: Sequence[Row], *, after_blank: bool) -> bool:
    """Return whether one of the last rows is not a sample but a total, a source or a remark.

    It is compared with `body`, rows of the table, which has `width` columns; `after_blank`: a blank line or an empty
    row stands above it.
    """
    filled = [(j, cell.strip()) for j, cell in enumerate(cells) if cell.strip()]
    if not filled:
        return False
    j, first = filled[0]
    if _TOTAL.fullmatch(first.rstrip(" :")):
        return not any(j < len(row) and row[j].strip() == first for row in body)
    if is_number(first) or j > 0:
        return False
    sentence = " " in first or bool(_SOURCE.match(first))
    if len(cells) != width and any(cell for cell in cells[width:]):
        return bool(_SOURCE.match(first)) or (
            sentence and not any(is_number(cell) for _, cell in filled[:width])
        )
    if len(cells) < width:
        return sentence or after_blank or len(filled) == 1
    numbers_above = mostly_numbers([row[0] for row in body if row and row[0].strip()] or ["x"])
    return width > 2 and len(filled) == 1 and (after_blank or numbers_above or bool(_SOURCE.match(first)))
