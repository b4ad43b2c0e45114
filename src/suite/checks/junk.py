"""Levels of text that are words for nothing."""

from __future__ import annotations

import re
import shlex

import numpy as np

from suite.checks.columns import Columns
from suite.schema.audits import ROWS, Finding

LEAST, SHARE = 3, 0.001
"""Rows, and the share of all rows, from which on a level is worth a note."""
LONGEST = 40
_NOTHING = re.compile(
    r"(?i)\W*(empty|missing|unknown|undefined|unspecified|unnamed|untitled|none|null|nan|n/?a|nil|blank|placeholder"
    r"|tbd|todo|not[ _-](available|known|applicable|specified|given|stated|provided|found|set)|no[ _-](data|value|name)"
    r"|xxx+|asdf+)([ _-]*(field|value|name|string|data|text|cell|entry))?\W*|[-?.*#_/\\]+"
)


def find_junk(columns: Columns) -> list[Finding]:
    """Return findings about levels of text that stand for nothing, such as `empty_field`."""
    found = []
    for name, (_, values) in columns.items():
        if not hasattr(values.dtype, "categories"):
            continue
        codes = values.cat.codes.to_numpy()
        counts = np.bincount(codes[codes >= 0], minlength=len(values.cat.categories))
        for place in np.flatnonzero(counts >= max(LEAST, SHARE * len(codes))).tolist():
            level = str(values.cat.categories[place])
            if len(level) > LONGEST or not _NOTHING.fullmatch(level):
                continue
            rows = int(counts[place])
            word = shlex.quote(f"{name}={level}")
            found.append(
                Finding(
                    code="junk-level",
                    text=f"{name} holds {level!r} in {rows:,} rows, which may stand for nothing",
                    columns=(name,),
                    number=rows,
                    effect=f"{100 * rows / len(codes):.1f} % of the rows share a level that may mean nothing",
                    rows=tuple(np.flatnonzero(codes == place)[:ROWS].tolist()),
                    advice=f"if it does: --missing {word}",
                )
            )
    return found
